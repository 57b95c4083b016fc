"""Bringing home: a person's certificates and results come to their own node from the one that
taught them.

The home asks, and only while its person wants it; the teaching node sends nothing by itself.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.exchange import keys, queries
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.flows import certifying, peering, transcripts
from chorsu.flows.peering import SignedRequest
from chorsu.institutions.actions.connections import hold_results
from chorsu.institutions.connections import (
    ConnectionView,
    wanting_results,
    wanting_transcripts,
)
from chorsu.institutions.models import Person
from chorsu.institutions.origins import require_host
from chorsu.records.reading import Refused
from chorsu.training.actions.bringing import bring, end_revoked
from chorsu.training.actions.reporting import drop_unwanted
from chorsu.training.queries.brought import held_commitments, to_send_home
from chorsu.wire.credential_file import parse_certificate
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.results import (
    AT_ONCE,
    MAX_ANSWER_BYTES,
    MAX_HELD,
    RESULTS_PATH,
    Asked,
    Results,
    open_results,
    parse_asked,
)

JOB = "chorsu.jobs.tasks.bring_home"
JSON = "application/json"
KEPT = ("genuine", "expired", "not-yet")
"""What is kept: valid where it was issued, whatever the day. Else it is asked for again later."""

logger = logging.getLogger(__name__)


def soon(node: str) -> None:
    """A log here tells of new certificates of `node`: have a worker ask for those of our people."""
    if wanting_results(node) or wanting_transcripts(node):
        transaction.on_commit(lambda: exchange.defer(JOB, once=node, node=node))


def bring_from(*, node: str, now: datetime) -> int:
    """Ask one node for the certificates of everybody who wants them, and how their courses ended;
    how many certificates came.

    Raises `PeerTrouble` or `WireError`, for the worker to try again: what came is kept.
    """
    address, key = dict(queries.peers_by_network()).get(node), queries.peer_key(node)
    if address is None or key is None:
        return 0
    came, trouble = 0, None
    with PeerClient(address, key=keys.signing_key()) as client:
        for _node, subject, person in wanting_results(node):
            try:
                came += _bring_to(person, subject, node, key, client, now)
            except WireError as error:
                # What is wrong with one person's must not hold up the others'.
                trouble = error
        for connection in wanting_transcripts(node):
            try:
                _read_transcript(connection, key, client, now)
            except WireError as error:
                trouble = error
    if trouble is not None:
        raise trouble
    return came


def bring_all(*, now: datetime) -> None:
    """Ask every such node, and take out of ledgers what was revoked or is not wanted any more; who
    can't be asked is asked later.
    """
    end_revoked(now=now)
    drop_unwanted(now=now)
    nodes = {node for node, _subject, _person in wanting_results()}
    for node in sorted(nodes | {one.node for one in wanting_transcripts()}):
        try:
            bring_from(node=node, now=now)
        except (PeerTrouble, WireError) as trouble:
            # Without the identifier: a log is read by more people than the database.
            logger.warning("%s gave no certificates: %s", node, trouble.code)


def receive(request: SignedRequest, now: datetime) -> bytes:
    """A peer asks for the certificates of one of its people: those of its own guests, signed.

    Who is no guest here, or was forgotten, has none. Raises `WireError`.
    """
    home = peering.authenticate(request, now)
    asked = parse_asked(request.body)
    views = to_send_home(home=home, subject=asked.subject, held=asked.held, most=AT_ONCE)
    return Results(
        home=home,
        subject=asked.subject,
        time=now,
        commitments=tuple(one.commitment for one in views),
        files=tuple(certifying.file_of(one) for one in views),
    ).to_bytes(keys.signing_key())


def _read_transcript(
    connection: ConnectionView, key: VerifyKey, client: PeerClient, now: datetime
) -> None:
    try:
        transcripts.read(connection=connection, key=key, client=client, now=now)
    except PeerTrouble as trouble:
        # A node of older software has certificates only.
        if trouble.code != "peer-lacks":
            raise


def _bring_to(
    person: Person, subject: str, node: str, key: VerifyKey, client: PeerClient, now: datetime
) -> int:
    """Ask for one person's until there are no more; how many came."""
    came, seen = 0, held_commitments(person, node)
    for _portion in range(MAX_HELD // AT_ONCE):
        body = Asked(subject, seen).to_bytes()
        answer = client.ask(RESULTS_PATH, body, max_bytes=MAX_ANSWER_BYTES, media_type=JSON)
        found = open_results(answer, key)
        if (found.home, found.subject) != (settings.NODE_NAME, subject):
            raise WireError("identity-malformed", "the certificates are of somebody else")
        came += _keep(found, node, person, now)
        # One that is left for later is not asked for twice in a row.
        seen = (*found.commitments, *seen)
        if len(found.files) < AT_ONCE:
            break
    return came


def _keep(found: Results, node: str, person: Person, now: datetime) -> int:
    named = zip(found.commitments, found.files, strict=True)
    return sum(_keep_one(commitment, file, node, person, now) for commitment, file in named)


def _keep_one(commitment: str, file: bytes, node: str, person: Person, now: datetime) -> bool:
    """Verify a certificate as one that somebody uploads is verified, and keep it."""
    signed = parse_certificate(file).signed
    if signed.commitment != commitment or signed.credential.node != node:
        raise WireError("identity-malformed", "a certificate that the note does not name")
    try:
        require_host(signed.credential.institution, node)
    except Refused as refusal:
        logger.warning("a certificate of %s is not kept: %s", node, refusal.code)
        return False
    standing = certifying.check(file, now).verdict.standing
    if standing not in KEPT:
        logger.info("a certificate of %s is left for later: %s", node, standing)
        return False
    with transaction.atomic():
        # They may have taken it back while the answer was under way.
        if not hold_results(person=person, node=node):
            return False
        return bring(person=person, node=node, signed=signed, file=file, now=now)
