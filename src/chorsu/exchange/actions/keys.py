"""Changing the node's own key, and taking up the key to which a peer has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chorsu.exchange import keys, queries, restorations, witnesses
from chorsu.exchange.actions.entries import Overtaken
from chorsu.exchange.actions.feed import LogStopped, defer_ping
from chorsu.exchange.models import Feed, Peer
from chorsu.wire.checkpoint import parse_checkpoint, sign_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey
from chorsu.wire.note import parse_note
from chorsu.wire.succession import MAX_SUCCESSIONS, Succession, Why, sign_succession
from chorsu.wire.trust import is_of_revoked_key, open_by_old_key


class ChainFull(Exception):  # noqa: N818 - says what is wrong
    """The key was changed as often as a chain of successions can tell."""


@transaction.atomic
def change_key(*, revoked: bool, now: datetime) -> Succession:
    """Replace the node's key; the log goes on with the new one. Peers are told on commit.

    Waits for appends and makes them wait. A stopped log takes a new key only when the old one is
    revoked: then what stopped it may be the work of whoever has that key, and if it is, it goes on.
    So does one whose key was replaced elsewhere: if it was not this node's people who did it, the
    thief's change and this one contradict each other, and people decide.
    One that the data folder knows to be longer, or that is being put back, takes none: peers that
    have seen the rest would hold it against the succession, which names less.
    Raises `LogStopped`, `ChainFull`, `UnusableKey`.
    """
    Feed.objects.get_or_create(id=1)
    feed = Feed.objects.select_for_update().get(id=1)
    own = keys.own_keys()
    if (feed.stopped_by or witnesses.replaced_in(bytes(feed.replaced_by))) and not revoked:
        raise LogStopped(f"at {feed.size} entries")
    if witnesses.is_behind_its_mark(feed) or restorations.leads_beyond(feed.size):
        raise LogStopped(f"there is more than these {feed.size} entries")
    if own.chain and feed.size < own.chain[-1].size:
        raise LogStopped(f"the key was changed at {own.chain[-1].size} entries, here: {feed.size}")
    if len(own.chain) >= MAX_SUCCESSIONS:
        raise ChainFull(str(len(own.chain)))
    newest = parse_checkpoint(parse_note(queries.checkpoint()).text)
    new = SigningKey.generate(own.key.name)
    why: Why = "revoked" if revoked else "rotated"
    made = sign_succession(own.key, new, size=newest.size, root=newest.root, time=now, why=why)
    # From here on the new key counts, whatever becomes of this transaction: see
    # `keys.ended_by_change`.
    keys.change(new, made)
    if feed.checkpoint:
        feed.checkpoint = sign_checkpoint(newest, new)
    if feed.stopped_by and not _counts(bytes(feed.stopped_by), (*own.chain, made)):
        feed.stopped_by = b""
    feed.save(update_fields=["checkpoint", "stopped_by"])
    transaction.on_commit(defer_ping, robust=True)
    return made


def _counts(note: bytes, replaced: Sequence[Succession]) -> bool:
    """Whether a note of the own log still says something of it: see rule 13 of `wire.trust`."""
    try:
        found = open_by_old_key(note, replaced)
    except WireError:
        return False
    return found is not None and not is_of_revoked_key(note, replaced[-1].new, replaced)


@transaction.atomic
def follow_key(
    *, name: str, known: VerifyKey, successions: bytes, new: VerifyKey, note: bytes
) -> None:
    """Trust the key to which the known one led; `note` is a checkpoint by it, verified.

    `successions` are all that are known of the peer then. Raises `Overtaken` if the key is not the
    known one any more.
    """
    row = Peer.objects.select_for_update().filter(name=name).first()
    if row is None or row.vkey != known.vkey:
        raise Overtaken(name)
    row.vkey, row.successions = new.vkey, successions
    held = bytes(row.checkpoint)
    if held and parse_note(held).text == parse_note(note).text:
        # The same log, by the key that others know by now.
        row.checkpoint = note
    row.save(update_fields=["vkey", "successions", "checkpoint"])
