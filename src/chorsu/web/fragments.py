"""One address, two answers: the whole page, or to htmx only the part that it puts into the page."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def page_or_part(
    request: HttpRequest, page: str, part: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    """The template `page`, which includes the template `part`, or that part alone.

    `answers` is true in a part that answers an act of the reader, so that it can say what came of
    it; false where the browser only goes back.
    """
    htmx = cast("HtmxDetails", request.htmx)  # type: ignore[attr-defined]
    if htmx:
        answers = not htmx.history_restore_request
        response = render(request, part, {**context, "answers": answers}, status=status)
        # Kept by a browser it could be shown where the page is asked for.
        response["Cache-Control"] = "no-store"
    else:
        response = render(request, page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
