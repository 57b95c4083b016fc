"""What holds for every address of the API: reading only, what may be kept, errors as problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from chorsu.api.problems import not_allowed, problem
from chorsu.institutions.queries import is_member

ALLOWED = "GET, HEAD, OPTIONS"
MAX_AGE = 60
"""Seconds that anybody may keep a public answer; a withdrawn record is gone after that."""

View = Callable[..., HttpResponse]


def gate(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same addresses behind the rules, and a problem for all others."""
    guarded = list(patterns)
    for pattern in guarded:
        if isinstance(pattern, URLPattern):
            pattern.callback = guard(pattern.callback)
    return [*guarded, re_path("", guard(_nothing))]


def guard(view: View) -> View:
    """The view for those who read, HEAD as GET; others are told what is allowed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": ALLOWED})
        if request.method not in {"GET", "HEAD"}:
            return not_allowed(ALLOWED)
        request.method = "GET"  # servers leave out the body of an answer to HEAD
        response = view(request, *args, **named)
        if "Cache-Control" not in response:
            public = f"public, max-age={MAX_AGE}"
            response["Cache-Control"] = "private, no-cache" if is_member(request.user) else public
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return csrf_exempt(guarded)


def _nothing(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
    return problem(404, "The API has no such address; /api/v1/openapi.json lists them.")
