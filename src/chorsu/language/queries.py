"""Reading what is missing or stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from chorsu.language.models import TranslationRequest


@dataclass(frozen=True, slots=True)
class Request:
    """A text that readers of this node lack; `reason` is `missing` or `stale`."""

    kind: str
    record_id: str
    language: str
    revision: int
    reason: str
    requested_at: datetime


def requests(languages: Sequence[str], *, limit: int = 50) -> list[Request]:
    """What is asked for in these languages, longest waiting first; one query."""
    rows = TranslationRequest.objects.filter(language__in=languages).order_by("requested_at", "id")
    return [
        Request(
            row.kind, str(row.record_id), row.language, row.revision, row.reason, row.requested_at
        )
        for row in rows[:limit]
    ]


def counts(languages: Sequence[str]) -> dict[str, int]:
    """How many texts are asked for by language; languages with none are there with 0; one query."""
    rows = TranslationRequest.objects.filter(language__in=languages).order_by()
    found = dict(rows.values_list("language").annotate(Count("id")))
    return {language: found.get(language, 0) for language in languages}
