"""What may be kept of a page, and by whom."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class CacheControl:
    """Pages are asked for anew each time, for a withdrawn record is to be gone at once.

    What a signed-in person sees is theirs alone. A view that sets the header itself is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" in response or response.get("Content-Type", "")[:9] != "text/html":
            return response
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
        response["Cache-Control"] = "private, no-cache" if signed_in else "no-cache"
        patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response
