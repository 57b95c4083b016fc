"""Offering: what this node published for everybody, to whoever keeps a catalogue of the world.

The list is the node's log with each record at its latest entry; the words are the record's. A
record that was withdrawn, or is for the network now, stays in the list as gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from chorsu.exchange import offering as log
from chorsu.exchange.offering import OfferedEntry
from chorsu.kernel.languages import TAGS
from chorsu.practices.queries import offering as practices
from chorsu.practices.shapes import OfferedPractice
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.records.offering import Facet, Family, ids_in, places_of_gone
from chorsu.training.queries.courses import offering as courses
from chorsu.training.shapes.courses import OfferedCourse
from chorsu.training.wire.courses import KIND as COURSE

START = log.START
Offered = OfferedPractice | OfferedCourse


@dataclass(frozen=True, slots=True)
class Kind:
    """Where the records of a kind are, and how some of them are read."""

    family: Family
    offered: Callable[[Collection[uuid.UUID], bool], Mapping[uuid.UUID, Offered]]


KINDS: Mapping[str, Kind] = {
    PRACTICE: Kind(practices.FAMILY, lambda ids, whole: practices.offered(ids, whole=whole)),
    COURSE: Kind(courses.FAMILY, lambda ids, whole: courses.offered(ids, whole=whole)),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the list is asked for: times are both within; `facet` None: of everything; `kind`
    empty: of every kind.
    """

    since: datetime | None = None
    until: datetime | None = None
    facet: Facet | None = None
    code: str = ""
    kind: str = ""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of record that are asked for."""
        return [self.kind] if self.kind else list(KINDS)


@dataclass(frozen=True, slots=True)
class Offer:
    """One record of the list; `record` is None of one that is gone.

    `blob` is the hash of the published form; `index` its place in the log.
    """

    kind: str
    record_id: str
    index: int
    at: datetime
    blob: str
    institution_id: str
    themes: Sequence[str]
    languages: Sequence[str]
    record: Offered | None


@dataclass(frozen=True, slots=True)
class OfferedPage:
    """A stretch of the list; `more`: there is something behind its last record."""

    offers: Sequence[Offer]
    more: bool


def offered_page(selection: Selection, *, after: int, limit: int, whole: bool) -> OfferedPage:
    """The records behind the place `after`. Six queries a kind at most, whatever their number."""
    found = log.offered_entries(
        selection.kinds,
        after=after,
        since=selection.since,
        until=selection.until,
        among=_among(selection),
        limit=limit + 1,
    )
    return OfferedPage(_offers(found[:limit], whole=whole), more=len(found) > limit)


def count(selection: Selection) -> int:
    """How many records the whole list has."""
    return log.count_offered(
        selection.kinds, since=selection.since, until=selection.until, among=_among(selection)
    )


def offered_record(record_id: uuid.UUID, *, whole: bool) -> Offer | None:
    """One record; None if this node never published such a one for everybody."""
    found = log.offered_entry(list(KINDS), record_id)
    return None if found is None else _offers([found], whole=whole)[0]


def first_time() -> datetime | None:
    """No record of the list is older; None if nothing was ever published."""
    return log.first_time()


def _among(selection: Selection) -> list[Subquery] | None:
    if selection.facet is None:
        return None
    families = [KINDS[kind].family for kind in selection.kinds]
    return [ids_in(family, selection.facet, selection.code) for family in families]


def _offers(entries: Sequence[OfferedEntry], *, whole: bool) -> list[Offer]:
    live: dict[uuid.UUID, Offered] = {}
    gone: dict[uuid.UUID, tuple[str, list[str]]] = {}
    for name, kind in KINDS.items():
        of_kind = [entry for entry in entries if entry.kind == name]
        # Told by the record itself too: it may have been withdrawn since its entry was read.
        if open_ids := [entry.record_id for entry in of_kind if entry.is_public]:
            live |= kind.offered(open_ids, whole)
        if gone_ids := [entry.record_id for entry in of_kind if entry.record_id not in live]:
            gone |= places_of_gone(kind.family, gone_ids)
    return [
        _live(entry, live[entry.record_id])
        if entry.record_id in live
        else _gone(entry, *gone.get(entry.record_id, ("", [])))
        for entry in entries
    ]


def _live(entry: OfferedEntry, record: Offered) -> Offer:
    return Offer(
        kind=entry.kind,
        record_id=record.id,
        index=entry.index,
        at=entry.at,
        blob=entry.blob,
        institution_id=record.institution_id,
        themes=record.facts["themes"],
        languages=[text.language for text in record.texts],
        record=record,
    )


def _gone(entry: OfferedEntry, institution_id: str, themes: Sequence[str]) -> Offer:
    return Offer(
        kind=entry.kind,
        record_id=str(entry.record_id),
        index=entry.index,
        at=entry.at,
        blob="",
        institution_id=institution_id,
        themes=themes,
        languages=TAGS,
        record=None,
    )
