"""Where content that is to be erased is used, so that a person knows what they decide."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from chorsu.exchange import erasures
from chorsu.practices.models import Draft, Practice, PracticeFile, PracticeText
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.wire import KIND, PublishedFile, Refused, parse_payload
from chorsu.records.shapes import ErasedView, Left


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A practice or draft that has a file; `title` is the original's, empty of a draft."""

    practice_id: uuid.UUID
    title: str
    language: str
    is_own: bool
    published: bool
    in_draft: bool


def files_named(payload: bytes, kind: str, origin: str) -> list[PublishedFile]:
    """The files that a published content names; none of what can't be read."""
    if kind != KIND:
        return []
    try:
        return list(parse_payload(payload, origin).files)
    except Refused:
        return []


def file_places(sha256: str) -> list[FilePlace]:
    """Everywhere a file is, published or in a draft. Three queries."""
    rows = list(PracticeFile.objects.filter(sha256=sha256))
    keys = [row.practice_id for row in rows]
    found = {row.pk: row for row in Practice.objects.filter(pk__in=keys)}
    texts = PracticeText.objects.filter(practice__in=keys).values_list(
        "practice_id", "language", "title", "supplied_by"
    )
    titles = {
        key: (title, language)
        for key, language, title, supplied_by in texts
        if (row := found.get(key))
        and (language, supplied_by) == (row.original_language, row.origin)
    }
    return [
        FilePlace(
            practice_id=row.practice_id,
            title=titles.get(row.practice_id, ("", ""))[0],
            language=titles.get(row.practice_id, ("", ""))[1],
            is_own=row.practice_id not in found
            or found[row.practice_id].origin == settings.NODE_NAME,
            published=row.published,
            in_draft=row.in_draft,
        )
        for row in rows
    ]


def left_of(practice_id: uuid.UUID, revision: int) -> Left:
    """What an erased revision leaves elsewhere. Two queries."""
    texts = PracticeText.objects.filter(practice=practice_id, revision=revision)
    texts = texts.filter(practice__withdrawn_at=None, practice__revision__gt=revision)
    drafts = Draft.objects.filter(
        Q(pk=practice_id, based_on=revision) | Q(began_from=practice_id, began_revision=revision)
    )
    return Left(sorted(texts.values_list("language", flat=True)), drafts.count())


def original_title(practice_id: uuid.UUID) -> tuple[str, str]:
    """Title and language of the original, empty if there is none; own or a peer's."""
    rows = PracticeText.objects.filter(practice=practice_id, provenance="original")
    return rows.values_list("title", "language").first() or ("", "")


def origin_of(practice_id: uuid.UUID) -> str:
    """Whose practice it is, as far as it is here; empty if it is not."""
    rows = Practice.objects.filter(pk=practice_id).values_list("origin", flat=True)
    return rows.first() or ""


def says_now(practice_id: uuid.UUID, blob: str) -> bool:
    """Whether a blob is what a published practice says now, as far as it is here."""
    rows = Practice.objects.filter(pk=practice_id, withdrawn_at=None, blob=blob)
    return rows.exists()


def file_shown(sha256: str) -> tuple[str, int] | None:
    """Name and size of a published file."""
    rows = PracticeFile.objects.filter(sha256=sha256, published=True)
    return rows.values_list("name", "size").order_by("-name").first()


def erased_reason(practice_id: str) -> ErasedView | None:
    """Why the reason of a withdrawal is not shown, if it was erased. Two queries."""
    key = as_uuid(practice_id)
    return erasures.erased_reason(key, origin_of(key))


def original_titles(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """As `original_title`, of many; who has none is left out. One query."""
    rows = PracticeText.objects.filter(practice__in=ids, provenance="original")
    return {
        key: (title, language)
        for key, title, language in rows.values_list("practice_id", "title", "language")
    }
