"""Looking at a peer's log: fetch the checkpoint, prove the new entries, store them inert.

All trust is decided by `wire.trust`; here is only the order of asking and storing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from chorsu.exchange import actions
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.flows.software import SOFTWARE
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import (
    HASH_BYTES,
    HashAt,
    Range,
    consistency_proof,
    subtree_root,
    verify_consistency,
)
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.tiles import (
    MAX_ENTRY_BYTES,
    TILE_WIDTH,
    Tile,
    bundles_for,
    decode_bundle,
    encode_bundle,
    hash_reader,
)

PREFIX = "/exchange/"
BATCH_BUNDLES = 16
BATCH_BYTES = 8 * 1024 * 1024
MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)


class LogSource(Protocol):
    """Where a log is read from: a peer over the network, or a part of a bundle."""

    def get(self, path: str, *, max_bytes: int) -> bytes:
        """The resource at a path below the node's address; raises `PeerTrouble`."""


class Dishonest(Exception):  # noqa: N818 - says what is wrong
    """The peer signed what contradicts what it had signed: `rolled-back`, `fork`, `rewritten`."""

    def __init__(self, code: str, detail: str, known: bytes | None, offered: bytes) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.known = known or b""
        self.offered = offered

    def evidence(self) -> str:
        """Both signed notes, as they came: anyone with the peer's key can check them."""
        notes = [note.decode("utf-8", "replace") for note in (self.known, self.offered)]
        return f"{self.detail}\n\n" + "\n---\n".join(notes)


def take_entries(client: LogSource, state: PullState, now: datetime) -> None:
    """Store all new entries of the peer, verified, batch by batch.

    Raises `PeerTrouble`, `WireError`, `Dishonest`, `Overtaken`; what was stored before stays.
    """
    note = client.get(f"{PREFIX}checkpoint", max_bytes=MAX_NOTE_BYTES)
    try:
        _take(client, state, note, now)
    except WireError as error:
        if error.code in ("rolled-back", "fork"):
            raise Dishonest(error.code, error.detail, state.note, note) from error
        raise


def _take(client: LogSource, state: PullState, note: bytes, now: datetime) -> None:
    newest = state.accepted()
    known = newest if newest and newest.size == state.edge.size else _signed_part(state.edge, state)
    offered = trust.check_offer(known, state.edge, note, state.key)
    actions.record_offer(name=state.name, size=offered.size)
    hash_at = hash_reader(offered.size, lambda tile: tile_at(client, tile))
    if newest and newest.size > state.edge.size:
        # The last look was cut short after its note was accepted: that note binds the peer too.
        _check_growth(newest, offered, hash_at, state, note)
    edge = state.edge
    while edge.size < offered.size:
        leaves = next_leaves(client, edge.size, offered.size)
        grown = _believe(edge, offered, leaves, hash_at, state, note)
        actions.store_verified(
            peer_name=state.name,
            start=edge.size,
            leaves=leaves,
            edge=grown,
            note=note,
            software=SOFTWARE,
            now=now,
        )
        edge = grown


def _signed_part(edge: Range, state: PullState) -> Checkpoint | None:
    """What is held, as a checkpoint: a proven beginning of a signed log."""
    return Checkpoint(state.name, edge.size, edge.root()) if state.note else None


def _believe(
    edge: Range,
    offered: Checkpoint,
    leaves: list[bytes],
    hash_at: HashAt,
    state: PullState,
    note: bytes,
) -> Range:
    """The range with these leaves, if they lead to the offered root."""
    end = edge.size + len(leaves)
    held = Checkpoint(state.name, edge.size, edge.root()) if edge.size else None
    try:
        if end == offered.size:
            return trust.advance(held, edge, note, state.key, leaves).range
        proof = consistency_proof(end, offered.size, hash_at)
        return trust.advance_part(edge, offered, leaves, proof)
    except WireError as error:
        if held and is_rewritten(held, offered, hash_at):
            raise Dishonest("rewritten", f"before {held.size}", state.note, note) from error
        raise WireError("root-mismatch", error.detail) from error


def _check_growth(
    newest: Checkpoint, offered: Checkpoint, hash_at: HashAt, state: PullState, note: bytes
) -> None:
    known = newest.size <= offered.size
    proof = consistency_proof(newest.size, offered.size, hash_at) if known else []
    try:
        trust.check_growth(newest, offered, proof)
    except WireError as error:
        if error.code == "proof-invalid" and is_rewritten(newest, offered, hash_at):
            raise Dishonest("rewritten", f"before {newest.size}", state.note, note) from error
        raise


def is_rewritten(known: Checkpoint, offered: Checkpoint, hash_at: HashAt) -> bool:
    """Whether the offered root itself proves another past than the known one.

    If not, the entries or tiles were damaged on the way, which a broken line can do as well.
    """
    other = subtree_root(0, known.size, hash_at)
    if other == known.root:
        return False
    proof = consistency_proof(known.size, offered.size, hash_at)
    try:
        verify_consistency(known.size, other, offered.size, offered.root, proof)
    except WireError:
        return False
    return True


def next_leaves(client: LogSource, start: int, end: int) -> list[bytes]:
    """Some of the leaves start..end, at least one: as much as fits well into memory."""
    leaves: list[bytes] = []
    taken = 0
    for count, place in enumerate(bundles_for(start, end)):
        if count == BATCH_BUNDLES or taken > BATCH_BYTES:
            break
        data = _bundle(client, place)
        taken += len(data)
        first = place.index * TILE_WIDTH
        leaves += decode_bundle(data, place.width)[max(0, start - first) :]
    return leaves


def _bundle(client: LogSource, place: Tile) -> bytes:
    try:
        return client.get(PREFIX + place.path, max_bytes=MAX_BUNDLE_BYTES)
    except PeerTrouble as trouble:
        if trouble.code != "peer-lacks" or place.width == TILE_WIDTH:
            raise
    # A node may drop a partial bundle once the full one is there.
    whole = client.get(PREFIX + Tile(place.level, place.index).path, max_bytes=MAX_BUNDLE_BYTES)
    return encode_bundle(decode_bundle(whole, TILE_WIDTH)[: place.width])


def tile_at(client: LogSource, place: Tile) -> bytes:
    """A hash tile as it is at the size asked for; raises `PeerTrouble`."""
    cap = TILE_WIDTH * HASH_BYTES
    try:
        return client.get(PREFIX + place.path, max_bytes=cap)
    except PeerTrouble as trouble:
        if trouble.code != "peer-lacks" or place.width == TILE_WIDTH:
            raise
    whole = client.get(PREFIX + Tile(place.level, place.index).path, max_bytes=cap)
    return whole[: place.width * HASH_BYTES]
