"""One's own practices for the rest of the world: what `records.offering` needs to know of them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models.fields.json import KeyTextTransform

from chorsu.exchange import erasures
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.rules import order_words
from chorsu.practices.shapes import OfferedPractice
from chorsu.records.offering import OPEN, Family, offered_text
from chorsu.records.shapes import FileView, OfferedText

FAMILY = Family("practice", Practice, PracticeText, PracticeRevision)


def offered(ids: Collection[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, OfferedPractice]:
    """Those of these own practices that are public now. Two queries; with `whole` four.

    Without `whole` there are no files, and of a text's words only title, summary and place.
    """
    rows = Practice.objects.filter(OPEN, pk__in=ids, origin=settings.NODE_NAME)
    texts = _texts(ids, whole=whole)
    files = _files(ids) if whole else {}
    return {row.pk: _offered(row, texts[row.pk], files.get(row.pk, [])) for row in rows}


def _texts(ids: Iterable[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, list[OfferedText]]:
    rows = PracticeText.objects.filter(practice__in=ids, supplied_by=settings.NODE_NAME)
    rows = rows.annotate(place=KeyTextTransform("place", "words"))
    found: dict[uuid.UUID, list[OfferedText]] = defaultdict(list)
    for row in (rows if whole else rows.defer("words")).order_by("language"):
        words = dict(order_words(row.words)) if whole else {}
        found[row.practice_id].append(offered_text(row, place=row.place or "", words=words))
    return found


def _files(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[FileView]]:
    found: dict[uuid.UUID, list[FileView]] = defaultdict(list)
    rows = PracticeFile.objects.filter(practice_id__in=ids, published=True)
    # What was erased is no more offered.
    gone = erasures.erased(list(rows.values_list("sha256", flat=True)))
    for row in rows.exclude(sha256__in=gone).order_by("position", "id"):
        found[row.practice_id].append(row.view())
    return found


def _offered(row: Practice, texts: list[OfferedText], files: list[FileView]) -> OfferedPractice:
    return OfferedPractice(
        id=str(row.pk),
        institution_id=row.institution_id,
        revision=row.revision,
        licence=row.licence,
        original_language=row.original_language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        facts=row.facts,
        texts=sorted(texts, key=lambda text: text.language != row.original_language),
        files=files,
    )
