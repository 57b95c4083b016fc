"""Pacing: whoever searches or is offered what they type, may ask only so often."""

from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from chorsu.search.pace import Pace

_PACE = Pace()
_TYPING = Pace(at_once=60)
TYPED_PER_MINUTE = 900
"""A quick typist needs eight a second; an office of many may share one address."""
IPV6_VERSION = 6
IPV6_BLOCK = 64
"""Bits of an address that one household or office has; the rest it may change at will."""


def pace_search(request: HttpRequest) -> None:
    """Count one search of who asks; raises `TooManySearches` beyond `search.per_minute`.

    People who are signed in are told apart by their account: an academy has one address.
    """
    _PACE.take(_client(request), per_minute=settings.NODE.number("search.per_minute"))


def pace_typing(request: HttpRequest) -> None:
    """Count one request for suggestions of who types; raises `TooManySearches` if too fast."""
    _TYPING.take(_client(request), per_minute=TYPED_PER_MINUTE)


def _client(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    try:
        address = str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # no proxy said who it is: then it is the proxy
        address = request.META.get("REMOTE_ADDR", "")
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == IPV6_VERSION and not getattr(known, "ipv4_mapped", None):
        return str(ipaddress.ip_network((known, IPV6_BLOCK), strict=False))
    return str(known)
