"""One's own practices for the rest of the world: as their origin published them, for everybody.

Only texts that this node published: what a peer translated is in that peer's log, and comes and
goes without an entry in this one.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Literal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform

from chorsu.exchange import erasures
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.rules import order_words
from chorsu.practices.shapes import OfferedPractice, OfferedText
from chorsu.records.shapes import FileView
from chorsu.wire.entry import PUBLIC

Facet = Literal["institution", "theme", "language"]
_OPEN = Q(withdrawn_at=None, audience=PUBLIC)


def ids_in(facet: Facet, code: str) -> Subquery:
    """Ids of own practices with this institution, theme or language, for another query's filter.

    One that is no longer public is among the themes that it had in public, and among every
    language: whoever may have kept it is told.
    """
    rows = Practice.objects.filter(origin=settings.NODE_NAME)
    if facet == "institution":
        rows = rows.filter(institution_id=code)
    elif facet == "theme":
        told = PracticeRevision.objects.filter(practice=OuterRef("pk"), audience=PUBLIC)
        had = Exists(told.filter(facts__themes__contains=[code]))
        rows = rows.filter(Q(_OPEN, themes__contains=[code]) | Q(~_OPEN, had))
    else:
        texts = PracticeText.objects.filter(language=code, supplied_by=settings.NODE_NAME)
        rows = rows.filter(~_OPEN | Q(pk__in=texts.values("practice_id")))
    return Subquery(rows.values("pk"))


def offered(ids: Collection[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, OfferedPractice]:
    """Those of these own practices that are public now. Two queries; with `whole` four.

    Without `whole` there are no files, and of a text's words only title, summary and place.
    """
    rows = Practice.objects.filter(_OPEN, pk__in=ids, origin=settings.NODE_NAME)
    texts = _texts(ids, whole=whole)
    files = _files(ids) if whole else {}
    return {row.pk: _offered(row, texts[row.pk], files.get(row.pk, [])) for row in rows}


def places_of_gone(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, list[str]]]:
    """Institution and themes had in public of practices that no longer are. Two queries."""
    themes: dict[uuid.UUID, dict[str, None]] = defaultdict(dict)
    told = PracticeRevision.objects.filter(practice__in=ids, audience=PUBLIC).order_by("revision")
    for practice_id, codes in told.values_list("practice_id", "facts__themes"):
        themes[practice_id].update(dict.fromkeys(codes or ()))
    rows = Practice.objects.filter(pk__in=ids).values_list("pk", "institution_id")
    return {pk: (institution_id, list(themes[pk])) for pk, institution_id in rows}


def _texts(ids: Iterable[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, list[OfferedText]]:
    rows = PracticeText.objects.filter(practice__in=ids, supplied_by=settings.NODE_NAME)
    rows = rows.annotate(place=KeyTextTransform("place", "words"))
    found: dict[uuid.UUID, list[OfferedText]] = defaultdict(list)
    for row in (rows if whole else rows.defer("words")).order_by("language"):
        found[row.practice_id].append(
            OfferedText(
                language=row.language,
                provenance=row.provenance,
                revision=row.revision,
                translated_by=row.translated_by,
                translated_on=row.translated_on,
                title=row.title,
                summary=row.summary,
                place=row.place or "",
                words=dict(order_words(row.words)) if whole else {},
            )
        )
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
