"""Asking for texts that this node's readers lack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chorsu.kernel.languages import TAGS
from chorsu.language.models import TranslationRequest

Reason = TranslationRequest.Reason


@transaction.atomic
def request(
    *,
    kind: str,
    record_id: str,
    revision: int,
    original_language: str,
    texts: Mapping[str, int],
    now: datetime,
) -> None:
    """Make the work list say what this record lacks: no more, no less.

    `texts` maps the language of every text there is to the revision it gives. A request that
    stands already keeps its place in the list; one whose text has come goes.
    """
    wanted = [
        TranslationRequest(
            kind=kind,
            record_id=record_id,
            language=language,
            revision=revision,
            reason=Reason.STALE if language in texts else Reason.MISSING,
            requested_at=now,
        )
        for language in TAGS
        if language != original_language and texts.get(language, 0) < revision
    ]
    kept = [row.language for row in wanted]
    rows = TranslationRequest.objects.filter(kind=kind, record_id=record_id)
    rows.exclude(language__in=kept).delete()
    TranslationRequest.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["kind", "record_id", "language"],
        update_fields=["revision", "reason"],
    )


@transaction.atomic
def forget(*, kind: str, record_id: str) -> None:
    """Ask for nothing more: the record was withdrawn."""
    TranslationRequest.objects.filter(kind=kind, record_id=record_id).delete()
