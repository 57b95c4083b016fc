"""How often one client may ask for what is asked with every letter typed."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class AskedTooOften(Exception):  # noqa: N818 - says what is wrong
    """The client is to wait `seconds` before it asks again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Bucket:
    """So many calls at once for each client, refilled by so many a second.

    Kept by each process for itself: no client gains more than their number, and no letter typed
    costs a write to the database. Knows `most` clients; who was not heard of longest is forgotten.
    """

    def __init__(self, *, at_once: int, a_second: float, most: int = 10_000) -> None:
        self.at_once = at_once
        self.a_second = a_second
        self.most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Seconds after which the client may ask again; 0: now, and this call is counted."""
        now = time.monotonic()
        with self._lock:
            left, since = self._left.pop(client, (float(self.at_once), now))
            left = min(float(self.at_once), left + (now - since) * self.a_second)
            allowed = left >= 1
            self._left[client] = (left - 1 if allowed else left, now)
            while len(self._left) > self.most:
                self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self.a_second


SUGGESTIONS = Bucket(at_once=60, a_second=15)
"""A quick typist needs eight a second; an office of many may share one address."""


def hold_back(request: HttpRequest) -> None:
    """Raise `AskedTooOften` if this client asks for suggestions faster than people type."""
    wait = SUGGESTIONS.take(client_of(request))
    if wait:
        raise AskedTooOften(wait)


def client_of(request: HttpRequest) -> str:
    """Who asks: the person, else the address; one line has a whole IPv6 network of 64 bits.

    All of whom a server gives no address are one client.
    """
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    if address.version == 6:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
