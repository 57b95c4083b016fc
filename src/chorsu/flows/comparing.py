"""Comparing: a log that shows one history to this node and another to a third is found out.

At a look at a peer it is asked what it has seen of others' logs; its bundles say it too. Only a
log's own signature says anything against it: who shows a note can hide what it saw, and invent
nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime

from chorsu.exchange import actions, proofs, queries, sightings
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.exchange.sightings import Sighting
from chorsu.flows.looking import PREFIX, Dishonest
from chorsu.flows.opening import CarriedPart
from chorsu.wire import trust
from chorsu.wire.bundle import witness_of
from chorsu.wire.checkpoint import Checkpoint, narrow, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note

logger = logging.getLogger(__name__)
AT_A_LOOK = 3


def compare_logs(client: PeerClient, witness: PullState, now: datetime) -> dict[str, Dishonest]:
    """Ask a peer about a few others' logs; returns those that contradict themselves, by name.

    What a copy here has meanwhile got to is compared too, of the peer's own log.
    """
    found: dict[str, Dishonest] = {}
    for name in sightings.to_ask_about(witness.name, now=now, limit=AT_A_LOOK):
        subject = queries.pull_state(name)
        actions.record_asked(witness=witness.name, subject=name, now=now)
        proof = _ask(client, witness, subject, now) if subject else None
        if proof:
            found[name] = proof
    return found | _of_those_reached(witness.name)


def compare_carried(part: CarriedPart, witness: PullState, now: datetime) -> dict[str, Dishonest]:
    """As `compare_logs`, of what a bundle brings of what its maker has seen."""
    found: dict[str, Dishonest] = {}
    for name, _ in queries.confirmed_peers():
        member = witness_of(name, witness.name)
        subject = queries.pull_state(name) if part.holds(member) else None
        if subject is None or name == witness.name:
            continue
        try:
            proof = _compare(part.words(member), witness, subject, now)
        except PeerTrouble as trouble:
            logger.info("what %s has seen of %s is damaged: %s", witness.name, name, trouble)
            continue
        if proof:
            found[name] = proof
    return found | _of_those_reached(witness.name)


def _of_those_reached(name: str) -> dict[str, Dishonest]:
    """What was ahead of the copy of a log here, which has got there meanwhile."""
    own = queries.pull_state(name)
    for sighting in sightings.reached(name) if own else []:
        proof = _hold_against(own, sighting) if own else None
        if proof:
            return {name: proof}
    return {}


def _ask(
    client: PeerClient, witness: PullState, subject: PullState, now: datetime
) -> Dishonest | None:
    try:
        note = client.get(f"{PREFIX}witness/{subject.name}", max_bytes=MAX_NOTE_BYTES)
    except PeerTrouble as trouble:
        logger.info("%s shows nothing of %s: %s", witness.name, subject.name, trouble)
        return None
    return _compare(note, witness, subject, now)


def _compare(
    note: bytes, witness: PullState, subject: PullState, now: datetime
) -> Dishonest | None:
    try:
        seen = trust.check_shown(note, subject.key, witness.key, subject.successions)
        own = [subject.key, *(one.old for one in subject.successions)]
        signers = {(subject.name, key.key_id) for key in own}
        signers.add((witness.name, witness.key.cosigner_key_id))
        note = narrow(note, signers)
        if _may_be_a_thiefs(subject, note):
            raise WireError("old-key", f"of {subject.name}, revoked")
    except WireError as trouble:
        logger.info("%s shows nothing of %s: %s", witness.name, subject.name, trouble)
        return None
    size = seen.checkpoint.size
    actions.record_sighting(
        witness=witness.name, subject=subject.name, size=size, note=note, seen_at=seen.time, now=now
    )
    shown = Sighting(witness.name, size, note, seen.time)
    for other in sightings.at_size(subject.name, size):
        if _may_be_a_thiefs(subject, other.note):
            continue
        if not trust.agree(seen.checkpoint, _opened(other.note)):
            detail = f"two logs of {size} entries, shown by {witness.name} and {other.witness}"
            return Dishonest("fork", detail, other.note, note)
    return _hold_against(subject, shown)


def _hold_against(subject: PullState, shown: Sighting) -> Dishonest | None:
    """What a witness shows against what is stored here; None also while it is ahead of that."""
    if _may_be_a_thiefs(subject, shown.note):
        # It came before the key was revoked.
        actions.record_compared(witness=shown.witness, subject=subject.name, size=shown.size)
        return None
    seen = _opened(shown.note)
    detail = f"another log of {seen.size} entries, shown by {shown.witness}"
    newest = subject.accepted()
    if newest and not trust.agree(newest, seen):
        return Dishonest("fork", detail, subject.note, shown.note)
    if seen.size > subject.edge.size:
        return None
    held = Checkpoint(subject.name, seen.size, proofs.root_at(subject.name, seen.size))
    if not trust.agree(held, seen):
        return Dishonest("fork", detail, subject.note, shown.note)
    actions.record_compared(witness=shown.witness, subject=subject.name, size=seen.size)
    return None


def _may_be_a_thiefs(subject: PullState, note: bytes) -> bool:
    return trust.is_of_revoked_key(note, subject.key, subject.successions)


def _opened(note: bytes) -> Checkpoint:
    """A note that is kept: whose signature it bears was asked when it came."""
    return parse_checkpoint(parse_note(note).text)
