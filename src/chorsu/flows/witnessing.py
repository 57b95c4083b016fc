"""Witnessing: ask a peer what it has seen of this node's log, and hold the log against it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, keys, witnesses
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.queries import PullState
from chorsu.flows.looking import PREFIX
from chorsu.institutions.actions import record_event
from chorsu.wire import trust
from chorsu.wire.checkpoint import narrow
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES

logger = logging.getLogger(__name__)


def take_witness(client: PeerClient, state: PullState, now: datetime) -> None:
    """Keep the peer's cosignature; if it saw what is not in this log, stop the log.

    A peer that gives none, or one that does not hold, hinders nothing else.
    """
    mine = keys.own_keys()
    own = mine.key.verify_key
    try:
        note = client.get(f"{PREFIX}witness/{settings.NODE_NAME}", max_bytes=MAX_NOTE_BYTES)
        seen = trust.check_witnessed(note, own, state.key, mine.chain)
        # What others may have signed there was not looked at.
        signers = {(own.name, own.key_id), (state.key.name, state.key.cosigner_key_id)}
        signers |= keys.replaced_signers()
        note = narrow(note, signers)
    except (PeerTrouble, WireError) as trouble:
        logger.info("%s is no witness: %s", state.name, trouble)
        return
    if witnesses.contains(seen.checkpoint):
        actions.record_witness(name=state.name, seen=seen, note=note)
        return
    _stop(state.name, seen.checkpoint.size, note, now)


def _stop(witness: str, size: int, note: bytes, now: datetime) -> None:
    logger.error("%s has seen %d entries of this node's log, which are not here", witness, size)
    with transaction.atomic():
        if actions.stop_log(note=note):
            record_event(
                person=None,
                action="log.stopped",
                subject_kind="peer",
                subject_id=witness,
                detail={"entries": size},
                now=now,
            )
