"""What may be kept of a page, and by whom."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac

from chorsu.institutions.models import Person

READER = "Chorsu-Reader"
"""Tells the service worker who reads a page: what one keeps is shown to nobody else."""
NOBODY = "nobody"
_LEFT = "has_signed_out"


def mark_of(user: Person | AnonymousUser) -> str:
    """A mark that is one person's as long as the node's secret is the same; it tells nothing."""
    if not user.is_authenticated:
        return NOBODY
    return salted_hmac("chorsu.web.caching.reader", str(user.pk)).hexdigest()[:32]


@receiver(user_logged_out)
def _note(request: HttpRequest, **_rest: object) -> None:
    setattr(request, _LEFT, True)


class CacheControl:
    """Pages are asked for anew each time, for a withdrawn record is to be gone at once.

    What a signed-in person sees is theirs alone, and the browser is asked to drop it when they sign
    out: it keeps pages whole to go back to, and asks nobody before it shows them. A view that sets
    `Cache-Control` itself is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, _LEFT, False):
            response["Clear-Site-Data"] = '"cache"'
        if response.get("Content-Type", "")[:9] != "text/html":
            return response
        if "public" not in response.get("Cache-Control", ""):
            response[READER] = mark_of(getattr(request, "user", AnonymousUser()))
        if "Cache-Control" in response:
            return response
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        response["Cache-Control"] = "private, no-cache" if signed_in else "no-cache"
        patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response
