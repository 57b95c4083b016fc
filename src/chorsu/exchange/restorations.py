"""Restoring the own log from peers: how far it is, what it brought back, what nobody has."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from chorsu.exchange.models import Feed, FeedEntry, LostBlob, Peer, Restoration
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.merkle import Range

State = Restoration.State


@dataclass(frozen=True, slots=True)
class Shown:
    """What one peer showed of this node's log: `size` entries, or -1 and why not."""

    peer: str
    size: int
    code: str


@dataclass(frozen=True, slots=True)
class RestorationView:
    """The last restoring. Entries from `since` to `size` were missing; `position` is how far their
    records are rebuilt. `trouble` is a code of `troubles.TROUBLES` or empty.
    """

    state: Restoration.State
    since: int
    size: int
    position: int
    peers: tuple[Shown, ...]
    trouble: str
    trouble_detail: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.state in (State.DONE, State.FAILED)


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry of the own log; `size` in bytes of its blob."""

    index: int
    kind: str
    record_id: uuid.UUID
    revision: int
    action: str
    audience: str
    at: datetime
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Content that no peer gave; `reason` is a code of `troubles.TROUBLES`."""

    index: int
    record_id: uuid.UUID
    sha256: str
    size: int
    is_file: bool
    reason: str


def restoration() -> RestorationView | None:
    """The last restoring, or None. One query."""
    row = Restoration.objects.filter(id=1).first()
    if row is None:
        return None
    return RestorationView(
        state=State(row.state),
        since=row.since,
        size=row.size,
        position=row.position,
        peers=tuple(Shown(str(name), int(size), str(code)) for name, size, code in row.peers),
        trouble=row.trouble,
        trouble_detail=row.trouble_detail,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )


def leads_beyond(size: int) -> bool:
    """Whether a restoring is under way that puts more entries back than these. One query."""
    rows = Restoration.objects.filter(id=1, size__gt=size)
    return rows.exclude(state__in=(State.DONE, State.FAILED)).exists()


def own_edge() -> Range:
    """The right edge of the own log as it is here."""
    edge = bytes(Feed.objects.filter(id=1).values_list("range", flat=True).first() or b"")
    return Range.from_bytes(edge) if edge else Range.empty()


def witnessed_notes() -> list[bytes]:
    """Every note of the own log that is kept: what stopped it, and what peers cosigned."""
    notes = [*Feed.objects.values_list("stopped_by", flat=True)]
    notes += Peer.objects.exclude(witnessed_note=b"").values_list("witnessed_note", flat=True)
    return [bytes(note) for note in notes if note]


def own_entries(first: int, end: int) -> list[OwnEntry]:
    """Entries first..end of the own log. One query."""
    rows = FeedEntry.objects.filter(index__gte=first, index__lt=end).order_by("index")
    return [_own_entry(row) for row in rows]


def entries_of(record_id: uuid.UUID, since: int) -> list[OwnEntry]:
    """The entries of a record from a place of the own log on, in order. One query."""
    rows = FeedEntry.objects.filter(record_id=record_id, index__gte=since).order_by("index")
    return [_own_entry(row) for row in rows]


def first_index(record_id: uuid.UUID, since: int) -> int | None:
    """Where the entries of a record begin, from a place of the own log on. One query."""
    rows = FeedEntry.objects.filter(record_id=record_id, index__gte=since).order_by("index")
    return rows.values_list("index", flat=True).first()


def entries_of_kind(kind: str, *, after: int, limit: int) -> list[OwnEntry]:
    """Some entries of a kind behind a place of the own log, in order. One query."""
    rows = FeedEntry.objects.filter(kind=kind, index__gt=after).order_by("index")[:limit]
    return [_own_entry(row) for row in rows]


def lost(limit: int | None = None) -> list[Lost]:
    """What no peer gave, in the order of the log. One query."""
    rows = LostBlob.objects.order_by("index", "sha256")[:limit]
    return [
        Lost(row.index, row.record_id, row.sha256, row.size, row.is_file, row.reason)
        for row in rows
    ]


def lost_records() -> list[tuple[uuid.UUID, int]]:
    """Records of which something is lost, each with the first entry that lacks it. One query."""
    rows = LostBlob.objects.values_list("record_id").annotate(first=Min("index"))
    return list(rows.order_by("first"))


def count_lost() -> int:
    """How many contents no peer gave. One query."""
    return LostBlob.objects.count()


def peers_to_ask(*, carried: bool = False) -> Sequence[tuple[str, str]]:
    """Names and addresses of the peers that may hold a copy of the own log: of those that the
    network reaches, or of the others.
    """
    states = (Peer.State.CONFIRMED, Peer.State.SET_ASIDE)
    rows = Peer.objects.filter(state__in=states, carried=carried).order_by("name")
    return list(rows.values_list("name", "address"))


def _own_entry(row: FeedEntry) -> OwnEntry:
    entry = parse_entry(bytes(row.leaf))
    size = entry.size if isinstance(entry, Entry) else None
    return OwnEntry(
        index=row.index,
        kind=row.kind,
        record_id=row.record_id,
        revision=row.revision,
        action=row.action,
        audience=row.audience,
        at=row.at,
        blob=row.blob,
        size=size or 0,
    )
