"""Witnesses: peers say, signed, how far they have seen this node's log, and it says so of theirs.

Who has seen more of a log than there is, or another one, is how a node learns that it was set back
to an old copy before it publishes a second history.
"""

from __future__ import annotations

from django.db.models import BigIntegerField, BinaryField, Value

from chorsu.exchange import keys, queries
from chorsu.exchange.marks import read_mark
from chorsu.exchange.models import Feed, Peer
from chorsu.exchange.queries import NotThere
from chorsu.wire.checkpoint import Checkpoint, cosign, gather, narrow, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range, subtree_root
from chorsu.wire.note import Note, parse_note, sign
from chorsu.wire.succession import Succession, open_succession
from chorsu.wire.tiles import hash_reader

MOST_GATHERED = 32


def cosigned(origin: str) -> bytes:
    """The newest checkpoint of a confirmed peer that was found to hold, cosigned as of then.

    Raises `NotThere` before the first one, and for a peer that is set aside.
    """
    row = Peer.objects.filter(name=origin, state=Peer.State.CONFIRMED).first()
    note = _cosigned(row) if row else None
    if note is None:
        raise NotThere(f"a checkpoint of {origin}")
    return note


def all_cosigned() -> dict[str, bytes]:
    """The same of every peer of which there is one, by its name. One query."""
    rows = Peer.objects.filter(state=Peer.State.CONFIRMED).order_by("name")
    found = {row.name: _cosigned(row) for row in rows}
    return {name: note for name, note in found.items() if note is not None}


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
    """The newest checkpoint of this node's log, cosigned by the peers that have seen it.

    `NotThere` while the log is stopped: it signed more, and peers would take it for rolled back.
    """
    if stopped():
        raise NotThere("the log is stopped")
    newest = queries.checkpoint()
    size = parse_checkpoint(parse_note(newest).text).size
    rows = Peer.objects.filter(witnessed_size=size).exclude(witnessed_note=b"")
    notes = rows.order_by("name").values_list("witnessed_note", flat=True)[:MOST_GATHERED]
    return by_present_key(gather([newest, *map(bytes, notes)]))


def carried_checkpoint() -> bytes:
    """The same for a bundle, which is made of a stopped log too: there old is no rollback."""
    try:
        return own_checkpoint()
    except NotThere:
        return queries.checkpoint()


def by_present_key(note: bytes) -> bytes:
    """A checkpoint of this node's own log, signed by the present key where a replaced one had."""
    own, replaced = keys.own_keys(), keys.replaced_signers()
    parsed = parse_note(note)
    signers = [(one.name, one.key_id) for one in parsed.signatures]
    kept = tuple(one for one in parsed.signatures if (one.name, one.key_id) not in replaced)
    if (own.key.name, own.key.key_id) in signers or len(kept) == len(signers):
        return Note(parsed.text, kept).to_bytes()
    again = parse_note(sign(parsed.text, own.key)).signatures
    return Note(parsed.text, (*again, *kept)).to_bytes()


def covering_checkpoint(index: int) -> bytes:
    """A checkpoint over an entry of this node's log, the newest cosigned one if there is any."""
    rows = Peer.objects.filter(witnessed_size__gt=index, witnessed_size__lte=queries.feed_size())
    notes = rows.order_by("-witnessed_size", "name").values_list("witnessed_note", flat=True)
    found = [bytes(note) for note in notes[:MOST_GATHERED]]
    return by_present_key(gather(found)) if found else queries.checkpoint()


def is_behind_its_mark(feed: Feed) -> bool:
    """Whether the data folder remembers more of the log than the database, or another at its end.

    Cheap: asked before each append. `contradicting_mark` looks at the whole log.
    """
    mark = read_mark()
    if mark is None or mark[1].size < feed.size:
        return False
    if mark[1].size > feed.size:
        return True
    edge = Range.from_bytes(bytes(feed.range)) if feed.range else Range.empty()
    return edge.root() != mark[1].root


def contradicting_mark() -> bytes | None:
    """The checkpoint that the data folder remembers, if this log does not contain it."""
    mark = read_mark()
    return mark[0] if mark and not contains(mark[1]) else None


def stopped_by() -> bytes:
    """The note that stopped the log, as evidence; empty while it goes on."""
    return bytes(Feed.objects.filter(id=1).values_list("stopped_by", flat=True).first() or b"")


def is_cosigned(note: bytes) -> bool:
    """Whether somebody beside the log itself signed a note that is kept."""
    try:
        return len(parse_note(note).signatures) > 1
    except WireError:
        return False


def replaced_in(note: bytes) -> Succession | None:
    """The succession that is kept in a feed, if the key that it replaced is the one at hand.

    Once the newer key is put in place, or another change made here, it says nothing any more.
    """
    if not note:
        return None
    one = open_succession(note)
    return one if one.old == keys.signing_key().verify_key else None


def key_replaced() -> Succession | None:
    """How the key at hand was replaced elsewhere, as a peer has shown; None if it was not."""
    note = Feed.objects.filter(id=1).values_list("replaced_by", flat=True).first()
    return replaced_in(bytes(note or b""))


def stopped() -> bool:
    """Whether nothing more is appended to this node's log. One query.

    A peer has seen another log (`actions.stop_log`), this one is older than the node's key, or the
    key at hand was replaced elsewhere.
    """
    row = Feed.objects.filter(id=1).values_list("size", "stopped_by", "replaced_by").first()
    return _is_stopped(*(row or (0, b"", b"")))


def alarms(most: int) -> tuple[bool, list[str]]:
    """What only a person can put right: whether the log is `stopped`, or its key cannot be read,
    and the peers that are set aside, the first so many by name. One query: every page of an
    administrator asks.
    """
    nothing = Value(b"", BinaryField())
    aside = Peer.objects.filter(state=Peer.State.SET_ASIDE).order_by("name").annotate(
        size=Value(0, BigIntegerField()), stopped_by=nothing, replaced_by=nothing
    )  # fmt: skip
    own = Feed.objects.filter(id=1).annotate(name=Value(""))
    columns = ("name", "size", "stopped_by", "replaced_by")
    rows = own.values_list(*columns).union(aside.values_list(*columns)[:most], all=True)
    found = {name: log for name, *log in rows}
    try:
        stopped_now = _is_stopped(*found.pop("", (0, b"", b"")))
    except keys.UnusableKey:
        stopped_now = True
    return stopped_now, sorted(found)


def _is_stopped(
    size: int, stopped_by: bytes | memoryview[int], replaced_by: bytes | memoryview[int]
) -> bool:
    chain = keys.chain()
    is_older = bool(chain and size < chain[-1].size)
    return bool(stopped_by) or is_older or replaced_in(bytes(replaced_by)) is not None


def why_stopped() -> str:
    """A code of `troubles.STOPS`, for a log that is stopped."""
    if key_replaced():
        return "key-replaced"
    return "seen-by-peer" if is_cosigned(stopped_by()) else "signed-more"


def _cosigned(row: Peer) -> bytes | None:
    if not row.checkpoint or row.checkpoint_at is None:
        return None
    replaced = [one.old for one in queries.stored_chain(bytes(row.successions))]
    signers = {(key.name, key.key_id) for key in (VerifyKey.parse(row.vkey), *replaced)}
    note = narrow(bytes(row.checkpoint), signers)
    return cosign(note, keys.signing_key(), row.checkpoint_at)
