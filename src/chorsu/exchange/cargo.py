"""What a bundle carries of the own feed, or gives back of a peer's, and what is still missing of a
peer's after one came.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import Length

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse, FeedEntry, Peer, PeerEntry, WantedBlob
from chorsu.exchange.queries import WAITING, EntryView, entry_view
from chorsu.exchange.wanting import WantedFile, wanted_file
from chorsu.wire.entry import NETWORK, PUBLIC, PUBLISH
from chorsu.wire.tiles import TILE_WIDTH

BATCH = 256


@dataclass(frozen=True, slots=True)
class Piece:
    """A blob to carry; `size` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Load:
    """The blobs that an entry's record needs now: its words, then its files from small to large."""

    index: int
    words: Piece
    files: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """A blob of a peer's log that is not here: the words of an entry, or a file of its record."""

    index: int
    kind: str
    record_id: uuid.UUID
    revision: int
    sha256: str
    size: int
    is_file: bool = False


def loads(since: int, size: int, *, network: bool) -> Iterator[Load]:
    """Entries since..size of the own feed that hold still, with what may be carried of them.

    `network`: also records for the network. Reads a batch of entries at a time.
    """
    for first in range(since, size, BATCH):
        later = FeedEntry.objects.filter(
            kind=OuterRef("kind"), record_id=OuterRef("record_id"), index__gt=OuterRef("index")
        )
        span = FeedEntry.objects.filter(index__gte=first, index__lt=min(first + BATCH, size))
        rows = list(span.filter(~Exists(later)).exclude(blob="").order_by("index"))
        pieces = _pieces([row.record_id for row in rows], network=network)
        for row in rows:
            found = pieces.get(row.record_id, {})
            if row.blob in found:
                words = found.pop(row.blob)
                files = sorted(found.values(), key=lambda one: (one.size, one.sha256))
                yield Load(row.index, words, tuple(files))


def mirrored_loads(
    origin: str, since: int, size: int, *, may_have: Callable[[str, Sequence[str]], set[str]]
) -> Iterator[Load]:
    """Entries since..size of a peer's log with what is here of them, for that peer to have back.

    All contents that an entry names, overtaken ones too; files with the entry that the record
    stands by. `may_have(origin, hashes)` are those that may be given to it.
    """
    for first in range(since, size, BATCH):
        span = PeerEntry.objects.filter(
            peer__name=origin, index__gte=first, index__lt=min(first + BATCH, size)
        )
        rows = list(span.exclude(blob="").order_by("index"))
        given = blobs.all_here(list(may_have(origin, [row.blob for row in rows])))
        stands = {
            row.index: row.record_id
            for row in rows
            if row.record_id and row.state == PeerEntry.State.ACCEPTED
        }
        uses = BlobUse.objects.filter(own=False, record_id__in=list(stands.values()))
        files: dict[uuid.UUID, dict[str, Piece]] = defaultdict(dict)
        for used_by, sha256, bytes_ in uses.values_list("record_id", "blob_id", "blob__size"):
            files[used_by][sha256] = Piece(sha256, bytes_)
        for row in rows:
            if row.blob not in given:
                continue
            record_id = stands.get(row.index)
            named = files.get(record_id, {}) if record_id else {}
            found = [one for sha256, one in named.items() if sha256 != row.blob]
            found.sort(key=lambda one: (one.size, one.sha256))
            yield Load(row.index, Piece(row.blob, row.size), tuple(found))


def entry_bundles_bytes(since: int, size: int, *, origin: str = "") -> int:
    """Bytes of the entry bundles that hold entries since..size of the own feed, or a peer's."""
    first = since // TILE_WIDTH * TILE_WIDTH if size > since else size
    log = PeerEntry.objects.filter(peer__name=origin) if origin else FeedEntry.objects.all()
    rows = log.filter(index__gte=first, index__lt=size)
    total = rows.aggregate(total=Sum(Length("leaf")))["total"] or 0
    return int(total) + 2 * (size - first)


def holds_network_records(since: int, size: int) -> bool:
    """Whether a record of entries since..size of the own feed is for the network."""
    rows = FeedEntry.objects.filter(index__gte=since, index__lt=size, audience=NETWORK)
    uses = BlobUse.objects.filter(own=True, audience=NETWORK, record_id=OuterRef("record_id"))
    return rows.filter(Exists(uses)).exists()


def is_confirmed(peer_name: str) -> bool:
    """Whether a peer may have what is for the network."""
    return Peer.objects.filter(name=peer_name, state=Peer.State.CONFIRMED).exists()


def unsettled(peer_name: str, *, after: int, limit: int = BATCH) -> list[EntryView]:
    """Entries of a peer behind the place `after` that are not taken in, due or not, in order."""
    rows = PeerEntry.objects.filter(peer__name=peer_name, state__in=WAITING, index__gt=after)
    return [entry_view(row, peer_name) for row in rows.order_by("index")[:limit]]


def unfetched(peer_name: str, *, after: int, limit: int = BATCH) -> list[tuple[int, WantedFile]]:
    """Files of a peer's records that are not here, due or not, each with its place in the list."""
    rows = WantedBlob.objects.filter(peer__name=peer_name, id__gt=after).order_by("id")[:limit]
    return [(row.id, wanted_file(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many entries of a peer are in each place of their way."""

    stored: int
    accepted: int
    refused: int
    waiting: int
    wanted_files: int


def standing(peer_name: str) -> Standing:
    """Where a peer's log stands: two queries."""
    rows = PeerEntry.objects.filter(peer__name=peer_name).values_list("state")
    counts = defaultdict(int, rows.annotate(Count("id")))
    state = PeerEntry.State
    return Standing(
        stored=sum(counts.values()),
        accepted=counts[state.ACCEPTED],
        refused=counts[state.REFUSED],
        waiting=counts[state.STORED] + counts[state.FETCHED],
        wanted_files=WantedBlob.objects.filter(peer__name=peer_name).count(),
    )


def lacks(peer_name: str, limit: int) -> list[Lack]:
    """Some of what a peer's log names and is not here: words first, then files."""
    rows = PeerEntry.objects.filter(peer__name=peer_name, state=PeerEntry.State.STORED)
    rows = rows.filter(action=PUBLISH).exclude(blob="").order_by("index")
    some = list(rows[:limit])
    here = blobs.at_hand([row.blob for row in some], peer_name)
    found = [
        Lack(row.index, row.kind, row.record_id, row.revision or 0, row.blob, row.size)
        for row in some
        if row.record_id and row.blob not in here
    ]
    wanted = list(WantedBlob.objects.filter(peer__name=peer_name).order_by("id")[:limit])
    accepted = PeerEntry.objects.filter(
        peer__name=peer_name,
        state=PeerEntry.State.ACCEPTED,
        record_id__in={row.record_id for row in wanted},
    )
    holders = {row.record_id: row for row in accepted.order_by("index")}
    for row in wanted[: limit - len(found)]:
        entry = holders.get(row.record_id)
        place, kind = (entry.index, entry.kind) if entry else (-1, "")
        revision = (entry.revision or 0) if entry else 0
        found.append(Lack(place, kind, row.record_id, revision, row.sha256, row.size, is_file=True))
    return found


def _pieces(record_ids: Sequence[uuid.UUID], *, network: bool) -> dict[uuid.UUID, dict[str, Piece]]:
    audiences = (PUBLIC, NETWORK) if network else (PUBLIC,)
    uses = BlobUse.objects.filter(own=True, record_id__in=record_ids, audience__in=audiences)
    found: dict[uuid.UUID, dict[str, Piece]] = defaultdict(dict)
    for record_id, sha256, size in uses.values_list("record_id", "blob_id", "blob__size"):
        found[record_id][sha256] = Piece(sha256, size)
    return found
