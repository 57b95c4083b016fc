"""The node's own log as a list of records: each at the place of its latest entry.

Who reads the list a page at a time goes on from the place of the last record seen. A record that
changes meanwhile moves towards the end, which is still ahead: nobody misses it, however long the
reading takes, and the node remembers no reader.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from chorsu.exchange.models import FeedEntry
from chorsu.wire.entry import PUBLIC, PUBLISH

START = -1
"""The place before the first entry."""


@dataclass(frozen=True, slots=True)
class OfferedEntry:
    """The latest entry of a record that is public, or was; `is_public`: it is so now."""

    index: int
    record_id: uuid.UUID
    at: datetime
    blob: str
    is_public: bool


def offered_entries(
    kind: str,
    *,
    after: int,
    since: datetime | None,
    until: datetime | None,
    among: Subquery | None,
    limit: int,
) -> list[OfferedEntry]:
    """At most `limit` records of a kind behind the place `after`, in the order of the log.

    `since` and `until` are both within; `among` gives the ids that are asked for. One query.
    """
    rows = _matching(kind, since, until, among).filter(index__gt=after)
    return [_view(row) for row in rows.order_by("index")[:limit]]


def count_offered(
    kind: str, *, since: datetime | None, until: datetime | None, among: Subquery | None
) -> int:
    """How many records the whole list has. One query, which reads all of the log."""
    return _matching(kind, since, until, among).count()


def offered_entry(kind: str, record_id: uuid.UUID) -> OfferedEntry | None:
    """One record of the list; None if it is not there or was never public."""
    row = _offered(kind).filter(record_id=record_id).first()
    return None if row is None else _view(row)


def first_time() -> datetime | None:
    """The earliest time of any entry; None of an empty log."""
    return FeedEntry.objects.order_by("at").values_list("at", flat=True).first()


def _offered(kind: str) -> QuerySet[FeedEntry]:
    same = FeedEntry.objects.filter(record_id=OuterRef("record_id"))
    once_public = Exists(same.filter(action=PUBLISH, audience=PUBLIC))
    latest = FeedEntry.objects.filter(~Exists(same.filter(index__gt=OuterRef("index"))), kind=kind)
    return latest.filter(Q(action=PUBLISH, audience=PUBLIC) | once_public)


def _matching(
    kind: str, since: datetime | None, until: datetime | None, among: Subquery | None
) -> QuerySet[FeedEntry]:
    rows = _offered(kind)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    return rows if among is None else rows.filter(record_id__in=among)


def _view(row: FeedEntry) -> OfferedEntry:
    is_public = row.action == PUBLISH and row.audience == PUBLIC
    return OfferedEntry(row.index, row.record_id, row.at, row.blob, is_public)
