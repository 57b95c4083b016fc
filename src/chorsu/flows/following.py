"""Following: a peer signs with another key, and its successions lead from the known one to it.

All trust is decided by `wire.trust`; here is only the order of asking and storing. Nothing of it
needs a person: one is told by the audit log and the peer's page.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from chorsu.exchange import actions, proofs, queries
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.flows.looking import PREFIX, Dishonest, LogSource, is_rewritten, take_entries, tile_at
from chorsu.institutions.actions import record_event
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint, open_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import HashAt, consistency_proof
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.succession import MAX_CHAIN_BYTES, Succession, parse_chain, print_chain
from chorsu.wire.tiles import hash_reader

logger = logging.getLogger(__name__)
KEYS = "keys"


def take_log(client: LogSource, state: PullState, now: datetime) -> PullState:
    """Store all new entries of the peer; its new key is followed first, if it has one.

    Returns what is known of the peer then. Raises as `looking.take_entries`.
    """
    try:
        take_entries(client, state, now)
    except WireError as error:
        if error.code != "wrong-key":
            raise
        state = follow(client, state, now)
        take_entries(client, state, now)
    learn_older_keys(client, state)
    return state


def follow(client: LogSource, state: PullState, now: datetime) -> PullState:
    """Take up the key to which the peer's successions lead from the known one.

    Raises `WireError` (`wrong-key` if they lead nowhere, `old-key`), `Dishonest`, `PeerTrouble`,
    `Overtaken`.
    """
    chain = _chain(client)
    note = client.get(f"{PREFIX}checkpoint", max_bytes=MAX_NOTE_BYTES)
    by_old_key = check_old_key(state, note)
    ahead = _ahead(state, chain)
    if not ahead:
        code = "old-key" if by_old_key else "wrong-key"
        raise WireError(code, f"not signed by {state.key.vkey}")
    new = ahead[-1].new
    # One that was changed once more in this moment is read at the next look.
    offered = open_checkpoint(note, new)
    _check_contains(client, state, ahead, offered, note)
    before = state.successions or chain[: len(chain) - len(ahead)]
    known = print_chain((*before, *ahead))
    successions = parse_chain(known)
    with transaction.atomic():
        actions.follow_key(name=state.name, known=state.key, successions=known, new=new, note=note)
        for one in ahead:
            tell_of_change(one, "peer.key-changed", now)
    current = note if offered == state.accepted() else state.note
    return replace(state, key=new, successions=successions, note=current)


def learn_older_keys(client: LogSource, state: PullState) -> None:
    """Of a peer read for the first time: by which keys it came to the one that was compared.

    Files saved before this node knew the peer are checked with them. Nothing depends on it.
    """
    if state.note is not None or state.successions:
        return
    now = queries.pull_state(state.name)
    try:
        chain = _chain(client)
        if now is None or now.note is None or not chain or chain[-1].new != now.key:
            return
        trust.follow_keys(chain, now.key, now.successions)
    except WireError as error:
        logger.info("%s shows no chain of keys: %s", state.name, error)
        return
    for one in chain:
        if one.size > now.edge.size or proofs.root_at(state.name, one.size) != one.root:
            raise Dishonest("fork", f"at {one.size}", one.note, now.note)
    actions.follow_key(
        name=state.name, known=now.key, successions=print_chain(chain), new=now.key, note=now.note
    )


def check_old_key(state: PullState, note: bytes) -> tuple[Checkpoint, PullState] | None:
    """What a replaced key of the peer has signed within its bounds, and the peer as of that key.

    None if the note is by none of them. Raises `Dishonest` if one was used after it was replaced.
    """
    try:
        found = trust.open_by_old_key(note, state.successions)
    except WireError as error:
        if error.code not in ("old-key", "fork"):
            raise
        raise Dishonest(error.code, error.detail, _evidence(state), note) from error
    return (found[0], replace(state, key=found[1])) if found else None


def tell_of_change(one: Succession, action: str, now: datetime) -> None:
    """A change of key, in the audit log."""
    detail = {"vkey": one.new.vkey, "before": one.old.vkey, "entries": one.size, "why": one.why}
    record_event(
        person=None,
        action=action,
        subject_kind="peer",
        subject_id=one.name,
        detail=detail,
        now=now,
    )


def _chain(client: LogSource) -> tuple[Succession, ...]:
    """The successions the peer shows; none where it knows of no such thing."""
    try:
        return parse_chain(client.get(PREFIX + KEYS, max_bytes=MAX_CHAIN_BYTES))
    except PeerTrouble as trouble:
        if trouble.code != "peer-lacks":
            raise
        return ()


def _ahead(state: PullState, chain: Sequence[Succession]) -> tuple[Succession, ...]:
    try:
        return trust.follow_keys(chain, state.key, state.successions)
    except WireError as error:
        pair = trust.rivals(state.successions, chain)
        if error.code != "two-successors" or pair is None:
            raise
        first, second = pair
        raise Dishonest(error.code, error.detail, first.note, second.note) from error


def _check_contains(
    client: LogSource,
    state: PullState,
    ahead: Sequence[Succession],
    offered: Checkpoint,
    note: bytes,
) -> None:
    """Rules 13 and 14 over what is held and what is offered."""
    newest = state.accepted()
    if newest and newest.size > ahead[0].size:
        # What is here was signed by the replaced key, and is more than it should ever have signed.
        detail = f"{newest.size} entries, replaced at {ahead[0].size}"
        raise Dishonest("old-key", detail, state.note, ahead[0].note)
    hash_at = hash_reader(offered.size, lambda tile: tile_at(client, tile))
    for one in ahead:
        if offered.size < one.size:
            detail = f"from {one.size} to {offered.size}"
            raise Dishonest("rolled-back", detail, one.note, note)
        if one.size <= state.edge.size:
            if proofs.root_at(state.name, one.size) != one.root:
                raise Dishonest("fork", f"at {one.size}", state.note, one.note)
        elif one.size < offered.size or one.root != offered.root:
            _check_grown(one, offered, hash_at, note)


def _check_grown(one: Succession, offered: Checkpoint, hash_at: HashAt, note: bytes) -> None:
    try:
        proof = consistency_proof(one.size, offered.size, hash_at)
        trust.check_succession(one, offered, proof)
    except WireError as error:
        named = Checkpoint(one.name, one.size, one.root)
        if error.code == "fork" or is_rewritten(named, offered, hash_at):
            raise Dishonest("fork", f"at {one.size}", one.note, note) from error
        raise


def _evidence(state: PullState) -> bytes:
    """What the peer has signed of its present key: the last succession."""
    return state.successions[-1].note
