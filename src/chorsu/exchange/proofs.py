"""Saving a published entry with its proof, and checking such a file with what this node knows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from django.conf import settings
from django.db.models import QuerySet

from chorsu.exchange import blobs, keys, queries, witnesses
from chorsu.exchange.models import FeedEntry, Peer, PeerEntry, PeerTile
from chorsu.exchange.queries import NotThere
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.entry import PUBLISH, WITHDRAW, Entry
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import inclusion_proof, leaf_hash, subtree_root
from chorsu.wire.note import parse_note
from chorsu.wire.proof import Proof
from chorsu.wire.saved import Saved, Verdict, verify_saved
from chorsu.wire.succession import KnownKey, old_keys, public_key
from chorsu.wire.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    encode_bundle,
    hash_reader,
    tile_root,
)
from chorsu.wire.tiles import Tile as TilePlace

READ = (Peer.State.CONFIRMED, Peer.State.SET_ASIDE)
Change: TypeAlias = Literal["again", "replaced", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in a log that this node publishes or follows, and what it says."""

    origin: str
    index: int
    leaf: bytes
    revision: int
    action: str
    audience: str
    at: datetime
    blob: str


@dataclass(frozen=True, slots=True)
class Since:
    """What the same log says of the record later: withdrawn, replaced by `revision`, or published
    again within its revision, `at` the time the entry states.
    """

    change: Change
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict with what this node knows besides.

    `followed`: the entry is in the log as this node has it. `contradicted`: this node has another
    entry at that place, so the origin signed two logs. `set_aside`: its log does not add up here.
    """

    verdict: Verdict
    followed: bool = False
    contradicted: bool = False
    set_aside: bool = False
    since: Since | None = None


def publication(record_id: uuid.UUID, revision: int | None = None) -> Place:
    """The newest publication of a record, or of one of its revisions; raises `NotThere`.

    Of a peer's record, the newest that was taken in here.
    """
    narrowed = {} if revision is None else {"revision": revision}
    own = FeedEntry.objects.filter(record_id=record_id, action=PUBLISH, **narrowed)
    if mine := own.order_by("-index").first():
        return _own_place(mine)
    theirs = PeerEntry.objects.filter(
        record_id=record_id,
        action=PUBLISH,
        state=PeerEntry.State.ACCEPTED,
        peer__state__in=READ,
        **narrowed,
    )
    row = theirs.select_related("peer").order_by("-index").first()
    if row is None:
        raise NotThere(f"publication of {record_id}")
    return _peer_place(row)


def save(place: Place) -> bytes:
    """The file of an entry with its record and its proof; raises `NotThere`.

    `NotThere` as well while no checkpoint covers the entry as far as the log is stored here.
    """
    record = blobs.read(place.blob)
    if record is None:
        raise NotThere(place.blob)
    note, peer = _covering_note(place)
    size = parse_checkpoint(parse_note(note).text).size
    read_tile = queries.tile_bytes if peer is None else _PeerTiles(peer).read
    hashes = inclusion_proof(place.index, size, hash_reader(size, read_tile))
    proof = Proof(place.index, tuple(hashes), note)
    return Saved(place.leaf, record, proof, _signers(note)).to_bytes()


def root_at(peer_name: str, size: int) -> bytes:
    """The root of the first `size` stored entries of a peer's log."""
    peer = Peer.objects.get(name=peer_name)
    return subtree_root(0, size, hash_reader(size, _PeerTiles(peer).read))


def stored_tile(peer_name: str, place: TilePlace) -> bytes:
    """A hash tile or an entry bundle of a peer's log; `NotThere` beyond what is stored of it."""
    peer = Peer.objects.get(name=peer_name)
    first, level = place.index * TILE_WIDTH, max(place.level, 0)
    if level * TILE_HEIGHT > 62 or first + place.width > peer.verified_size >> (
        TILE_HEIGHT * level
    ):
        raise NotThere(place.path)
    if place.level != ENTRIES:
        return _PeerTiles(peer).read(place)
    rows = PeerEntry.objects.filter(peer=peer, index__gte=first, index__lt=first + place.width)
    leaves = rows.order_by("index").values_list("leaf", flat=True)
    return encode_bundle([bytes(leaf) for leaf in leaves])


def known_keys() -> list[KnownKey]:
    """Keys this node takes signatures of: its own, and those of the peers it has confirmed.

    Each with the keys it has replaced, which count as far as a reader of lists of keys takes them.
    """
    own = keys.own_keys()
    found: list[KnownKey] = [own.key.verify_key, *old_keys(own.chain)]
    rows = Peer.objects.filter(state__in=READ).order_by("name").values_list("vkey", "successions")
    for vkey, successions in rows:
        found += [VerifyKey.parse(vkey), *old_keys(queries.stored_chain(bytes(successions)))]
    return found


def check(data: bytes) -> Checked:
    """What a file proves to this node; raises `WireError` for one that does not hold."""
    verdict = verify_saved(data, known_keys(), _held_leaf)
    if not verdict.trusted:
        return Checked(verdict)
    held = _held_leaf(verdict.origin, verdict.index)
    same = held == verdict.entry.to_bytes()
    return Checked(
        verdict=verdict,
        followed=same,
        contradicted=held is not None and not same,
        set_aside=bool(queries.peers_set_aside([verdict.origin])),
        since=_since(verdict) if same else None,
    )


def _covering_note(place: Place) -> tuple[bytes, Peer | None]:
    """A checkpoint over the entry, of a size up to which the log is stored; and whose log."""
    if place.origin == settings.NODE_NAME:
        return witnesses.covering_checkpoint(place.index), None
    peer = Peer.objects.get(name=place.origin)
    note = bytes(peer.checkpoint)
    size = parse_checkpoint(parse_note(note).text).size if note else 0
    if not place.index < size <= peer.verified_size:
        raise NotThere(f"a checkpoint over {place.index} of {place.origin}")
    return note, peer


def _signers(note: bytes) -> tuple[VerifyKey, ...]:
    """Keys this node knows of those that signed a note, in the order a file lists them."""
    signed = {(one.name, one.key_id) for one in parse_note(note).signatures}
    found = [
        key
        for key in map(public_key, known_keys())
        if {(key.name, key.key_id), (key.name, key.cosigner_key_id)} & signed
    ]
    return tuple(sorted(found, key=lambda key: key.vkey))


class _PeerTiles:
    """The tiles of a peer's log from kept ones and, at the right edge, from its stored leaves."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def read(self, place: TilePlace) -> bytes:
        """The hashes of a tile, full or partial."""
        first = place.index * TILE_WIDTH
        if place.width == TILE_WIDTH:
            kept = self._kept(place.level, place.index, 1).values_list("hashes", flat=True).first()
            if kept is not None:
                return bytes(kept)
        return b"".join(self._hashes(place.level, first, place.width))

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        if level == 0:
            rows = PeerEntry.objects.filter(
                peer=self._peer, index__gte=first, index__lt=first + count
            )
            leaves = rows.order_by("index").values_list("leaf", flat=True)
            return [leaf_hash(bytes(leaf)) for leaf in leaves]
        roots = dict(self._kept(level - 1, first, count).values_list("index", "root"))
        return [
            bytes(roots[index]) if index in roots else self._made(level - 1, index)
            for index in range(first, first + count)
        ]

    def _made(self, level: int, index: int) -> bytes:
        # Stored before tiles were kept: the next entries of the peer make up for it.
        return tile_root(self._hashes(level, index * TILE_WIDTH, TILE_WIDTH))

    def _kept(self, level: int, first: int, count: int) -> QuerySet[PeerTile]:
        return PeerTile.objects.filter(
            peer=self._peer, level=level, index__gte=first, index__lt=first + count
        )


def _held_leaf(origin: str, index: int) -> bytes | None:
    own = FeedEntry.objects.filter(index=index)
    theirs = PeerEntry.objects.filter(peer__name=origin, index=index)
    rows = own if origin == settings.NODE_NAME else theirs
    leaf = rows.values_list("leaf", flat=True).first()
    return None if leaf is None else bytes(leaf)


def _since(verdict: Verdict) -> Since | None:
    entry = verdict.entry
    if not isinstance(entry, Entry):
        return None
    if verdict.origin == settings.NODE_NAME:
        own = FeedEntry.objects.filter(record_id=entry.id, index__gt=verdict.index)
        mine = own.order_by("-index").first()
        last = _own_place(mine) if mine else None
    else:
        theirs = PeerEntry.objects.filter(
            peer__name=verdict.origin, record_id=entry.id, index__gt=verdict.index
        )
        row = theirs.select_related("peer").order_by("-index").first()
        last = _peer_place(row) if row else None
    if last is None:
        return None
    if last.action == WITHDRAW:
        return Since("withdrawn", last.revision, last.at)
    change: Change = "replaced" if last.revision > entry.revision else "again"
    return Since(change, last.revision, last.at)


def _own_place(row: FeedEntry) -> Place:
    return Place(
        origin=settings.NODE_NAME,
        index=row.index,
        leaf=bytes(row.leaf),
        revision=row.revision,
        action=row.action,
        audience=row.audience,
        at=row.at,
        blob=row.blob,
    )


def _peer_place(row: PeerEntry) -> Place:
    if row.revision is None or row.at is None:
        raise ValueError(f"entry {row.index} of {row.peer.name} was not understood")
    return Place(
        origin=row.peer.name,
        index=row.index,
        leaf=bytes(row.leaf),
        revision=row.revision,
        action=row.action,
        audience=row.audience,
        at=row.at,
        blob=row.blob,
    )
