"""Harvesting: foreign repositories' records come in over OAI-PMH, read-only and unsigned.

Nothing that comes this way enters the node's log or reaches a peer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from django.db import transaction

from chorsu.exchange import keys
from chorsu.exchange.actions import defer
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.locks import only_one
from chorsu.harvested import actions
from chorsu.harvested.actions import NextStep
from chorsu.harvested.errors import NotHarvestable, NothingThere, TokenRefused
from chorsu.harvested.wire import MAX_ANSWER_BYTES, Answer, Identity, parse_identity, parse_list
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may, node_institution_id

logger = logging.getLogger(__name__)
JOB = "chorsu.jobs.tasks.harvest_repository"
PAGES_A_JOB = 50
PAUSE_S = 1.0
"""Between two requests to one repository: its other readers wait too."""
MAX_ADDRESS = 500
MAX_IDENTITY_BYTES = 1024 * 1024


def parse_repository(text: str) -> str:
    """The address of a repository as typed, in one spelling; raises `NotHarvestable`.

    A question mark and what is behind it is dropped: people copy addresses with a verb.
    """
    address = text.strip().partition("?")[0].partition("#")[0]
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in address or len(address) > MAX_ADDRESS or re.search(r"\s", address):
        raise NotHarvestable("address", address[:200])
    return address


def look(*, address: str) -> Identity:
    """Ask the repository at an address who it is; raises `NotHarvestable`, `PeerTrouble`."""
    with _client(address) as client:
        content = client.get("?verb=Identify", max_bytes=MAX_IDENTITY_BYTES)
    return parse_identity(content)


def add(*, address: str, by: Person | None, now: datetime) -> int:
    """Keep a repository, to be begun with by `begin`; returns its number; raises as `look`."""
    _only_administrators(by)
    identity = look(address=address)
    with transaction.atomic():
        number = actions.add_repository(address=address, identity=identity, now=now)
        _audit("repository.added", address, by, now)
    return number


def begin(
    *, repository_id: int, by: Person | None, now: datetime, everything: bool = False
) -> None:
    """Have it read now and again; `everything`: from its first record. Raises `NoSuchHarvested`."""
    _only_administrators(by)
    with transaction.atomic():
        address = actions.want(repository_id=repository_id, everything=everything)
        _audit("repository.begun", address, by, now)
        transaction.on_commit(lambda: go_on(repository_id=repository_id))


def forget(*, repository_id: int, by: Person | None, now: datetime) -> None:
    """Drop it and all that came from it. Raises `NoSuchHarvested`."""
    _only_administrators(by)
    with transaction.atomic():
        address = actions.forget_repository(repository_id=repository_id)
        _audit("repository.forgotten", address, by, now)


def go_on(*, repository_id: int) -> None:
    """Have a worker read some pages."""
    defer(JOB, once=str(repository_id), repository_id=str(repository_id))


def harvest(
    *,
    repository_id: int,
    clock: Callable[[], datetime],
    pause: Callable[[float], None],
    pages: int = PAGES_A_JOB,
) -> bool:
    """Read up to so many pages, each kept before the next is asked for; returns: there is more.

    What goes wrong is noted with the repository, and tried again later from the same place.
    """
    with only_one(f"harvest {repository_id}") as mine:
        if not mine:
            return False
        try:
            return _pages(repository_id, clock, pause, pages)
        except NotHarvestable as refusal:
            code, detail, pause_s = refusal.code, refusal.detail, None
        except PeerTrouble as trouble:
            code, detail, pause_s = trouble.code, trouble.detail, trouble.retry_after_s
        except Exception:
            # A fault of ours with one repository must not hold up the others.
            logger.exception("repository %s could not be read", repository_id)
            code, detail, pause_s = "internal", "", None
        actions.note_trouble(
            repository_id=repository_id, code=code, detail=detail, now=clock(), pause_s=pause_s
        )
        return False


def _pages(
    repository_id: int,
    clock: Callable[[], datetime],
    pause: Callable[[float], None],
    pages: int,
) -> bool:
    for number in range(pages):
        step = actions.next_step(repository_id=repository_id)
        if step is None:
            return False
        if number:
            pause(PAUSE_S)
        try:
            answer = _ask(step)
        except TokenRefused:
            if not step.token:
                raise NotHarvestable("refuses", "badResumptionToken without a token") from None
            actions.token_refused(repository_id=repository_id, asked=step)
            continue
        except NothingThere:
            actions.finish_empty(repository_id=repository_id, now=clock())
            return False
        if not actions.store_page(
            repository_id=repository_id, asked=step, answer=answer, now=clock()
        ):
            return False
    return True


def _ask(step: NextStep) -> Answer:
    if step.token:
        query = {"verb": "ListRecords", "resumptionToken": step.token}
    else:
        query = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
        query |= {"from": step.since} if step.since else {}
    with _client(step.address) as client:
        return parse_list(client.get(f"?{urlencode(query)}", max_bytes=MAX_ANSWER_BYTES))


def _client(address: str) -> PeerClient:
    # Nothing is signed here: the key stays where it is.
    return PeerClient(address, key=keys.signing_key())


def _only_administrators(by: Person | None) -> None:
    if by is not None and not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)


def _audit(action: str, address: str, by: Person | None, now: datetime) -> None:
    record_event(
        person=by, action=action, subject_kind="repository", subject_id=address, detail={}, now=now
    )
