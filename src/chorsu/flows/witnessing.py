"""Witnessing: ask a peer what it has seen of this node's log, and hold the log against it."""

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
from chorsu.flows.looking import PREFIX
from chorsu.institutions.actions import record_event
from chorsu.wire import trust
from chorsu.wire.checkpoint import narrow, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note

logger = logging.getLogger(__name__)
WITNESS = f"{PREFIX}witness/{settings.NODE_NAME}"
PATIENCE_S = 5


def take_witness(client: PeerClient, state: PullState, now: datetime) -> None:
    """Keep the peer's cosignature; if it saw what is not in this log, stop the log.

    A peer that gives none, or one that does not hold, hinders nothing else.
    """
    try:
        note = client.get(WITNESS, max_bytes=MAX_NOTE_BYTES)
    except PeerTrouble as trouble:
        logger.info("%s is no witness: %s", state.name, trouble)
        return
    _judge(state, note, now)


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
    answers: Queue[tuple[PullState, bytes | None]] = Queue()
    key = keys.signing_key()
    for state in states:
        # No one waits for a thread whose peer never answers; it ends with the process.
        Thread(target=_ask, args=(state, key, answers), daemon=True).start()
    until = time.monotonic() + PATIENCE_S
    for _ in states:
        try:
            state, note = answers.get(timeout=max(0.01, until - time.monotonic()))
        except Empty:
            return
        if note is not None:
            _judge(state, note, now)


def heed_mark(*, now: datetime) -> None:
    """Stop the log if the data folder remembers what it does not contain."""
    note = witnesses.contradicting_mark()
    if note is None:
        return
    size = parse_checkpoint(parse_note(note).text).size
    _stop("node", settings.NODE_NAME, size, note, now)


def _ask(state: PullState, key: SigningKey, answers: Queue[tuple[PullState, bytes | None]]) -> None:
    """In a thread of its own: the network only, no database."""
    note = None
    try:
        with PeerClient(state.address, key=key, timeout_s=PATIENCE_S) as client:
            note = client.get(WITNESS, max_bytes=MAX_NOTE_BYTES)
    except PeerTrouble as trouble:
        logger.info("%s could not be asked: %s", state.name, trouble)
    answers.put((state, note))


def _judge(state: PullState, note: bytes, now: datetime) -> None:
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
        return
    if witnesses.contains(seen.checkpoint):
        actions.record_witness(name=state.name, seen=seen, note=note)
        return
    if trust.is_of_revoked_key(note, own, mine.chain):
        logger.warning("%s shows another log, by a key that was revoked", state.name)
        return
    _stop("peer", state.name, seen.checkpoint.size, note, now)


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
