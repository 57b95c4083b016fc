"""The node's own log as a list of records: each at the place of its latest entry.

Who reads the list a page at a time goes on from the place of the last record seen. A record that
changes meanwhile moves towards the end, which is still ahead: nobody misses it, however long the
reading takes, and the node remembers no reader.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
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
    kind: str
    record_id: uuid.UUID
    at: datetime
    blob: str
    is_public: bool


def offered_entries(
    kinds: Collection[str],
    *,
    after: int,
    since: datetime | None,
    until: datetime | None,
    among: Collection[Subquery] | None,
    limit: int,
) -> list[OfferedEntry]:
    """At most `limit` records of these kinds behind the place `after`, in the order of the log.

    `since` and `until` are both within; `among` give the ids that are asked for. One query.
    """
    rows = _matching(kinds, since, until, among).filter(index__gt=after)
    return [_view(row) for row in rows.order_by("index")[:limit]]


def count_offered(
    kinds: Collection[str],
    *,
    since: datetime | None,
    until: datetime | None,
    among: Collection[Subquery] | None,
) -> int:
    """How many records the whole list has. One query, which reads all of the log."""
    return _matching(kinds, since, until, among).count()


def offered_entry(kinds: Collection[str], record_id: uuid.UUID) -> OfferedEntry | None:
    """One record of the list; None if it is not there or was never public."""
    row = _offered(kinds).filter(record_id=record_id).first()
    return None if row is None else _view(row)


def first_time() -> datetime | None:
    """The earliest time of any entry; None of an empty log."""
    return FeedEntry.objects.order_by("at").values_list("at", flat=True).first()


def _offered(kinds: Collection[str]) -> QuerySet[FeedEntry]:
    same = FeedEntry.objects.filter(record_id=OuterRef("record_id"))
    once_public = Exists(same.filter(action=PUBLISH, audience=PUBLIC))
    latest = FeedEntry.objects.filter(~Exists(same.filter(index__gt=OuterRef("index"))))
    latest = latest.filter(kind__in=kinds)
    return latest.filter(Q(action=PUBLISH, audience=PUBLIC) | once_public)


def _matching(
    kinds: Collection[str],
    since: datetime | None,
    until: datetime | None,
    among: Collection[Subquery] | None,
) -> QuerySet[FeedEntry]:
    rows = _offered(kinds)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    if among is None:
        return rows
    asked = Q()
    for ids in among:
        asked |= Q(record_id__in=ids)
    return rows.filter(asked)


def _view(row: FeedEntry) -> OfferedEntry:
    is_public = row.action == PUBLISH and row.audience == PUBLIC
    return OfferedEntry(row.index, row.kind, row.record_id, row.at, row.blob, is_public)
