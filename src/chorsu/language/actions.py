"""Asking for texts that this node's readers lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chorsu.kernel.languages import TAGS
from chorsu.language.models import TranslationRequest
from chorsu.records.copying import copy_rows

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
    wanted = _wanted(kind, record_id, revision, original_language, texts, now)
    kept = [row.language for row in wanted]
    rows = TranslationRequest.objects.filter(kind=kind, record_id=record_id)
    rows.exclude(language__in=kept).delete()
    TranslationRequest.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["kind", "record_id", "language"],
        update_fields=["revision", "reason"],
    )


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that nothing was asked of before; `texts` as in `request`."""

    record_id: str
    revision: int
    original_language: str
    texts: Mapping[str, int]


def request_many(*, kind: str, records: Sequence[NewRecord], now: datetime) -> None:
    """As `request`, of many new records, in the caller's transaction.

    If something was asked of one before, the database refuses all (`IntegrityError`).
    """
    copy_rows(
        TranslationRequest,
        (
            row
            for record in records
            for row in _wanted(
                kind, record.record_id, record.revision, record.original_language, record.texts, now
            )
        ),
    )


@transaction.atomic
def forget(*, kind: str, record_id: str) -> None:
    """Ask for nothing more: the record was withdrawn."""
    TranslationRequest.objects.filter(kind=kind, record_id=record_id).delete()


def _wanted(
    kind: str,
    record_id: str,
    revision: int,
    original_language: str,
    texts: Mapping[str, int],
    now: datetime,
) -> list[TranslationRequest]:
    return [
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
