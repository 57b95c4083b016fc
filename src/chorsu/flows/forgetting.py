"""Forgetting: a person has another node forget them, and keeps what it signed about it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.exchange import keys, queries
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.flows import peering
from chorsu.flows.peering import SignedRequest
from chorsu.institutions import connections
from chorsu.institutions.actions import forget_guest
from chorsu.institutions.actions.connections import want_forgotten, was_forgotten
from chorsu.institutions.connections import ConnectionView
from chorsu.institutions.models import Person
from chorsu.training.actions.reporting import drop_unwanted
from chorsu.wire.errors import WireError
from chorsu.wire.identity import (
    FORGET_PATH,
    Forgotten,
    encode_forget,
    open_forgotten,
    parse_forget,
)
from chorsu.wire.note import MAX_NOTE_BYTES

FORGET_JOB = "chorsu.jobs.tasks.ask_to_forget"
JSON = "application/json"

logger = logging.getLogger(__name__)


def want(*, person: Person, connection_id: int, now: datetime) -> None:
    """The person wants to be forgotten there: a worker asks until it is confirmed.

    Raises `NotConnected`.
    """
    with transaction.atomic():
        want_forgotten(person=person, connection_id=connection_id, now=now)
        transaction.on_commit(lambda: exchange.defer(FORGET_JOB))


def ask_all(*, now: datetime) -> None:
    """Ask every node that has not yet confirmed a forgetting; who can't be asked is asked later."""
    for connection_id in connections.all_to_be_forgotten():
        wanted = connections.to_be_forgotten(connection_id)
        if wanted is None:
            continue
        try:
            _ask(wanted, now)
        except (PeerTrouble, WireError) as trouble:
            # Without the identifier: a log is read by more people than the database.
            logger.warning("%s has not confirmed a forgetting: %s", wanted.node, trouble.code)


def _ask(wanted: ConnectionView, now: datetime) -> None:
    address, key = dict(queries.peers_by_network()).get(wanted.node), queries.peer_key(wanted.node)
    if address is None or key is None:
        return
    with PeerClient(address, key=keys.signing_key()) as client:
        note = client.ask(
            FORGET_PATH,
            encode_forget(wanted.subject),
            max_bytes=MAX_NOTE_BYTES,
            media_type=JSON,
        )
    answer = open_forgotten(note, key)
    if (answer.home, answer.subject) != (settings.NODE_NAME, wanted.subject):
        raise WireError("identity-malformed", "the confirmation is of somebody else")
    with transaction.atomic():
        was_forgotten(connection_id=wanted.id, answer=answer, note=note, now=now)
        # Nobody there can correct any more what it reported.
        drop_unwanted(now=now)


def receive(request: SignedRequest, now: datetime) -> bytes:
    """A peer asks to forget one of its people: it is done, and signed. Raises `WireError`."""
    home = peering.authenticate(request, now)
    subject = parse_forget(request.body)
    rows, at = forget_guest(node=home, subject=subject, now=now)
    return Forgotten(home, subject, rows, at).to_bytes(keys.signing_key())
