"""Witnesses: peers say, signed, how far they have seen this node's log, and it says so of theirs.

Who has seen more of a log than there is, or another one, is how a node learns that it was set back
to an old copy before it publishes a second history.
"""

from __future__ import annotations

from chorsu.exchange import keys, queries
from chorsu.exchange.models import Feed, Peer
from chorsu.exchange.queries import NotThere
from chorsu.wire.checkpoint import Checkpoint, cosign, gather, narrow, parse_checkpoint
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range, subtree_root
from chorsu.wire.note import parse_note
from chorsu.wire.tiles import hash_reader

MOST_GATHERED = 32


def cosigned(origin: str) -> bytes:
    """The newest checkpoint of a confirmed peer that was found to hold, cosigned as of then.

    Raises `NotThere` before the first one, and for a peer that is set aside.
    """
    row = Peer.objects.filter(name=origin, state=Peer.State.CONFIRMED).first()
    if row is None or not row.checkpoint or row.checkpoint_at is None:
        raise NotThere(f"a checkpoint of {origin}")
    origin_key = VerifyKey.parse(row.vkey)
    note = narrow(bytes(row.checkpoint), {(origin_key.name, origin_key.key_id)})
    return cosign(note, keys.signing_key(), row.checkpoint_at)


def contains(seen: Checkpoint) -> bool:
    """Whether this node's log, as it is now, begins with what somebody saw of it.

    Who has seen all of it, as peers nearly always have, costs one query however long it is.
    """
    kept = Feed.objects.filter(id=1).values_list("range", flat=True).first()
    edge = Range.from_bytes(bytes(kept)) if kept else Range.empty()
    if seen.size >= edge.size:
        return (seen.size, seen.root) == (edge.size, edge.root())
    return subtree_root(0, seen.size, hash_reader(seen.size, queries.tile_bytes)) == seen.root


def own_checkpoint() -> bytes:
    """The newest checkpoint of this node's log, cosigned by the peers that have seen it."""
    newest = queries.checkpoint()
    size = parse_checkpoint(parse_note(newest).text).size
    rows = Peer.objects.filter(witnessed_size=size).exclude(witnessed_note=b"")
    notes = rows.order_by("name").values_list("witnessed_note", flat=True)[:MOST_GATHERED]
    return gather([newest, *map(bytes, notes)])


def covering_checkpoint(index: int) -> bytes:
    """A checkpoint over an entry of this node's log, the newest cosigned one if there is any."""
    rows = Peer.objects.filter(witnessed_size__gt=index, witnessed_size__lte=queries.feed_size())
    notes = rows.order_by("-witnessed_size", "name").values_list("witnessed_note", flat=True)
    found = [bytes(note) for note in notes[:MOST_GATHERED]]
    return gather(found) if found else queries.checkpoint()


def stopped() -> bool:
    """Whether nothing more is appended to this node's log (`actions.stop_log`). One query."""
    return Feed.objects.filter(id=1).exclude(stopped_by=b"").exists()
