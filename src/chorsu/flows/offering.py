"""Offering: what this node published for everybody, to whoever keeps a catalogue of the world.

The list is the node's log with each record at its latest entry; the words are the practice's. A
record that was withdrawn, or is for the network now, stays in the list as gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from chorsu.exchange import offering as log
from chorsu.exchange.offering import OfferedEntry
from chorsu.kernel.languages import TAGS
from chorsu.practices import queries as practices
from chorsu.practices.queries import Facet
from chorsu.practices.shapes import OfferedPractice
from chorsu.practices.wire import KIND

START = log.START


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the list is asked for: times are both within; `facet` None: of every kind."""

    since: datetime | None = None
    until: datetime | None = None
    facet: Facet | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One record of the list; `practice` is None of one that is gone.

    `blob` is the hash of the published form; `index` its place in the log.
    """

    record_id: str
    index: int
    at: datetime
    blob: str
    institution_id: str
    themes: Sequence[str]
    languages: Sequence[str]
    practice: OfferedPractice | None


@dataclass(frozen=True, slots=True)
class OfferedPage:
    """A stretch of the list; `more`: there is something behind its last record."""

    offers: Sequence[Offer]
    more: bool


def offered_page(selection: Selection, *, after: int, limit: int, whole: bool) -> OfferedPage:
    """The records behind the place `after`. Six queries at most, whatever their number."""
    found = log.offered_entries(
        KIND,
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
        KIND, since=selection.since, until=selection.until, among=_among(selection)
    )


def offered_record(record_id: uuid.UUID, *, whole: bool) -> Offer | None:
    """One record; None if this node never published such a one for everybody."""
    found = log.offered_entry(KIND, record_id)
    return None if found is None else _offers([found], whole=whole)[0]


def first_time() -> datetime | None:
    """No record of the list is older; None if nothing was ever published."""
    return log.first_time()


def _among(selection: Selection) -> Subquery | None:
    if selection.facet is None:
        return None
    return practices.ids_in(selection.facet, selection.code)


def _offers(entries: Sequence[OfferedEntry], *, whole: bool) -> list[Offer]:
    # Told by the practice itself too: it may have been withdrawn since its entry was read.
    open_ids = [entry.record_id for entry in entries if entry.is_public]
    live = practices.offered(open_ids, whole=whole)
    gone_ids = [entry.record_id for entry in entries if entry.record_id not in live]
    gone = practices.places_of_gone(gone_ids) if gone_ids else {}
    return [
        _live(entry, live[entry.record_id])
        if entry.record_id in live
        else _gone(entry, *gone.get(entry.record_id, ("", [])))
        for entry in entries
    ]


def _live(entry: OfferedEntry, practice: OfferedPractice) -> Offer:
    return Offer(
        record_id=practice.id,
        index=entry.index,
        at=entry.at,
        blob=entry.blob,
        institution_id=practice.institution_id,
        themes=practice.facts["themes"],
        languages=[text.language for text in practice.texts],
        practice=practice,
    )


def _gone(entry: OfferedEntry, institution_id: str, themes: Sequence[str]) -> Offer:
    return Offer(
        record_id=str(entry.record_id),
        index=entry.index,
        at=entry.at,
        blob="",
        institution_id=institution_id,
        themes=themes,
        languages=TAGS,
        practice=None,
    )
