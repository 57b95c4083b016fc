"""One's own records for the rest of the world: as their origin published them, for everybody.

Only texts that this node published: what a peer translated is in that peer's log, and comes and
goes without an entry in this one.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from chorsu.records.fields import Words
from chorsu.records.models import Record, RecordRevision, SuppliedText, Text
from chorsu.records.shapes import OfferedText
from chorsu.wire.entry import PUBLIC

Facet = Literal["institution", "theme", "language"]
OPEN = Q(withdrawn_at=None, audience=PUBLIC)


@dataclass(frozen=True, slots=True)
class Family:
    """The tables of a kind of record; texts and revisions name their record in `parent`."""

    parent: str
    records: type[Record]
    texts: type[SuppliedText]
    revisions: type[RecordRevision]


def own(family: Family) -> QuerySet[Record]:
    """The records of this node."""
    return family.records._default_manager.filter(origin=settings.NODE_NAME)


def ids_in(family: Family, facet: Facet, code: str) -> Subquery:
    """Ids of own records with this institution, theme or language, for another query's filter.

    One that is no longer public is among the themes that it had in public, and among every
    language: whoever may have kept it is told.
    """
    rows = own(family)
    if facet == "institution":
        rows = rows.filter(institution_id=code)
    elif facet == "theme":
        revisions = family.revisions._default_manager.filter(audience=PUBLIC)
        told = revisions.filter(**{family.parent: OuterRef("pk")})
        had = Exists(told.filter(facts__themes__contains=[code]))
        rows = rows.filter(Q(OPEN, themes__contains=[code]) | Q(~OPEN, had))
    else:
        texts = family.texts._default_manager
        texts_in = texts.filter(language=code, supplied_by=settings.NODE_NAME)
        rows = rows.filter(~OPEN | Q(pk__in=texts_in.values(f"{family.parent}_id")))
    return Subquery(rows.values("pk"))


def places_of_gone(
    family: Family, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[str, list[str]]]:
    """Institution and themes had in public of records that no longer are. Two queries."""
    themes: dict[uuid.UUID, dict[str, None]] = defaultdict(dict)
    revisions = family.revisions._default_manager.filter(audience=PUBLIC)
    told = revisions.filter(**{f"{family.parent}__in": ids}).order_by("revision")
    for record_id, codes in told.values_list(f"{family.parent}_id", "facts__themes"):
        themes[record_id].update(dict.fromkeys(codes or ()))
    rows = family.records._default_manager.filter(pk__in=ids).values_list("pk", "institution_id")
    return {pk: (institution_id, list(themes[pk])) for pk, institution_id in rows}


def offered_text(row: Text, *, place: str, words: Mapping[str, str]) -> OfferedText:
    """A text row with these words."""
    ordered: Words = dict(words)
    return OfferedText(
        language=row.language,
        provenance=row.provenance,
        revision=row.revision,
        translated_by=row.translated_by,
        translated_on=row.translated_on,
        title=row.title,
        summary=row.summary,
        place=place,
        words=ordered,
    )
