"""`/health`: for monitoring."""

from __future__ import annotations

from dataclasses import asdict

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chorsu.flows.health import health


@never_cache
@require_safe
def figures(request: HttpRequest) -> JsonResponse:
    """200 with the figures, or 503 where the database does not answer."""
    try:
        return JsonResponse(asdict(health()))
    except Error:
        return JsonResponse({"error": "the database does not answer"}, status=503)
