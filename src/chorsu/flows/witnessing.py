"""Witnessing: ask a peer what it has seen of this node's log, and hold the log against it.

What a peer would answer comes in its bundles too, and counts by the same signatures.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from queue import Empty, Queue
from threading import Thread

from django.conf import settings
from django.db import Error, transaction

from chorsu.exchange import actions, keys, queries, witnesses
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.flows import warning
from chorsu.flows.looking import PREFIX
from chorsu.flows.opening import CarriedPart
from chorsu.institutions.actions import record_event
from chorsu.wire import trust
from chorsu.wire.bundle import successions_of, witness_of
from chorsu.wire.checkpoint import narrow, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note
from chorsu.wire.succession import MAX_CHAIN_BYTES, parse_chain

logger = logging.getLogger(__name__)
WITNESS = f"{PREFIX}witness/{settings.NODE_NAME}"
KNOWN_KEYS = f"{PREFIX}keys/{settings.NODE_NAME}"
PATIENCE_S = 5
# What a peer knows: its cosignature, and how this node came to its key; each None if nothing.
_Answer = tuple[PullState, bytes | None, bytes | None]


def take_witness(client: PeerClient, state: PullState, now: datetime) -> None:
    """Keep the peer's cosignature; if it saw what is not in this log, stop the log.

    A peer that gives none, or one that does not hold, hinders nothing else; it is asked whether it
    knows this node by another key.
    """
    note = _ask_for(client, WITNESS, MAX_NOTE_BYTES, state.name)
    if note is None or not _judge(state, note, now):
        _heed_chain(state, _ask_for(client, KNOWN_KEYS, MAX_CHAIN_BYTES, state.name), now)


def heed_carried_keys(part: CarriedPart, state: PullState, now: datetime) -> bool:
    """As `_heed_chain`, of what a bundle brings: whether the key at hand was replaced."""
    name = successions_of(settings.NODE_NAME)
    if not part.holds(name):
        return False
    try:
        chain = part.get(name, max_bytes=MAX_CHAIN_BYTES)
    except PeerTrouble as trouble:
        logger.info("the bundle of %s is damaged: %s", state.name, trouble)
        return False
    return _heed_chain(state, chain, now)


def take_carried_witnesses(part: CarriedPart, now: datetime) -> int:
    """As `take_witness`, of what a bundle brings: what its maker has seen of this node's log, and
    what others have that showed it to the maker. Returns how many peers' word counted.
    """
    counted = 0
    for name, _ in queries.confirmed_peers():
        member = witness_of(settings.NODE_NAME, name)
        state = queries.pull_state(name) if part.holds(member) else None
        if state is None:
            continue
        try:
            counted += _judge(state, part.words(member), now)
        except PeerTrouble as trouble:
            logger.info("what %s has seen is damaged in the bundle: %s", name, trouble)
    return counted


def ask_before_start(*, now: datetime) -> None:
    """Before a process begins its work: does the data folder, or any peer, know more of the log?

    All that the network reaches are asked at once, and together for no longer than `PATIENCE_S`:
    who does not answer is no hindrance, and is asked again with the next look. Nor is a database
    that is not there.
    """
    try:
        _ask_all(now)
    except Error as error:
        logger.warning("the log is not compared with what others know: %s", error)


def _ask_all(now: datetime) -> None:
    heed_mark(now=now)
    found = [queries.pull_state(name) for name, _ in queries.peers_by_network()]
    states = [state for state in found if state is not None]
    answers: Queue[_Answer] = Queue()
    key = keys.signing_key()
    for state in states:
        # No one waits for a thread whose peer never answers; it ends with the process.
        Thread(target=_ask, args=(state, key, answers), daemon=True).start()
    until = time.monotonic() + PATIENCE_S
    for _ in states:
        try:
            state, note, chain = answers.get(timeout=max(0.01, until - time.monotonic()))
        except Empty:
            return
        if note is None or not _judge(state, note, now):
            _heed_chain(state, chain, now)


def heed_mark(*, now: datetime) -> None:
    """Stop the log if the data folder remembers what it does not contain."""
    note = witnesses.contradicting_mark()
    if note is None:
        return
    size = parse_checkpoint(parse_note(note).text).size
    _stop("node", settings.NODE_NAME, size, note, now)


def _ask(state: PullState, key: SigningKey, answers: Queue[_Answer]) -> None:
    """In a thread of its own: the network only, no database."""
    note = chain = None
    try:
        with PeerClient(state.address, key=key, timeout_s=PATIENCE_S) as client:
            note = _ask_for(client, WITNESS, MAX_NOTE_BYTES, state.name)
            chain = _ask_for(client, KNOWN_KEYS, MAX_CHAIN_BYTES, state.name)
    except PeerTrouble as trouble:
        logger.info("%s could not be asked: %s", state.name, trouble)
    answers.put((state, note, chain))


def _ask_for(client: PeerClient, path: str, max_bytes: int, name: str) -> bytes | None:
    try:
        return client.get(path, max_bytes=max_bytes)
    except PeerTrouble as trouble:
        logger.info("%s says nothing at %s: %s", name, path, trouble)
        return None


def _heed_chain(state: PullState, data: bytes | None, now: datetime) -> bool:
    """If the peer knows successors of the key at hand, signed by it, stop publishing by it.

    This node was put back with an old copy of its keys, or somebody else has them. False if the
    peer knows none.
    """
    own = keys.own_keys()
    try:
        chain = parse_chain(data or b"")
        ahead = trust.follow_keys(chain, own.key.verify_key, own.chain)
    except WireError as trouble:
        logger.info("what %s knows of this node's key says nothing: %s", state.name, trouble)
        return False
    if not ahead:
        return False
    one = ahead[0]
    with transaction.atomic():
        if actions.note_replaced(note=one.note):
            logger.error("%s knows that this node's key was replaced: %s", state.name, one.new.vkey)
            detail = {"vkey": ahead[-1].new.vkey, "before": one.old.vkey, "entries": one.size}
            record_event(
                person=None,
                action="key.replaced-elsewhere",
                subject_kind="peer",
                subject_id=state.name,
                detail=detail,
                now=now,
            )
            warning.want(code=witnesses.why_stopped(), peer=state.name, now=now)
    return True


def _judge(state: PullState, note: bytes, now: datetime) -> bool:
    """False if the note is none by the peer of this node's log under a key known here."""
    mine = keys.own_keys()
    own = mine.key.verify_key
    try:
        seen = trust.check_witnessed(note, own, state.key, mine.chain)
        # What others may have signed there was not looked at.
        signers = {(own.name, own.key_id), (state.key.name, state.key.cosigner_key_id)}
        signers |= keys.replaced_signers()
        note = narrow(note, signers)
    except WireError as trouble:
        logger.info("%s is no witness: %s", state.name, trouble)
        return False
    if witnesses.contains(seen.checkpoint):
        actions.record_witness(name=state.name, seen=seen, note=note)
        return True
    if trust.is_of_revoked_key(note, own, mine.chain):
        logger.warning("%s shows another log, by a key that was revoked", state.name)
        return True
    _stop("peer", state.name, seen.checkpoint.size, note, now)
    return True


def _stop(kind: str, witness: str, size: int, note: bytes, now: datetime) -> None:
    with transaction.atomic():
        if actions.stop_log(note=note):
            logger.error("%s knows %d entries of this node's log that are not here", witness, size)
            record_event(
                person=None,
                action="log.stopped",
                subject_kind=kind,
                subject_id=witness,
                detail={"entries": size},
                now=now,
            )
            warning.want(code=witnesses.why_stopped(), peer=witness, now=now)
