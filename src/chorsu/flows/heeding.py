"""Heeding: what peers have erased of their own and ask this node to erase, and the answer.

The list is pulled at the end of a look, so a node that nobody can reach is asked as well as any.
Only the origin's own content goes, never what a record of this node or of another peer needs; what
is kept is looked at again at later looks. A peer of older software has no list, and that is noted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from typing import Protocol

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, erasures
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.erasures import (
    DECIDED,
    NOT_NAMED,
    NOTHING_HERE,
    PRESENT,
    USED_BY_OTHER,
    USED_HERE,
    Answer,
    RequestView,
)
from chorsu.exchange.queries import PullState
from chorsu.flows.erasing import hear_answers, named_files, only_administrators
from chorsu.flows.looking import PREFIX
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.practices import actions as practices
from chorsu.practices import queries
from chorsu.training.actions import courses
from chorsu.training.actions import shared_banks as banks
from chorsu.training.actions.pictures import forget_picture
from chorsu.training.queries import courses as course_queries
from chorsu.training.queries import shared_banks as bank_queries
from chorsu.training.queries.pictures import picture_places
from chorsu.training.wire.courses import TEXT_KIND as COURSE_TEXT
from chorsu.wire.bundle import ANSWERS_FOLDER, ERASURES_FOLDER
from chorsu.wire.erasing import (
    ERASURES_PATH,
    MAX_ANSWERS,
    ErasureList,
    encode_answers,
    open_answers,
    parse_erasures,
)
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES

logger = logging.getLogger(__name__)
MOST_LISTS = 20
"""Lists read in one look; a longer history goes on at the next."""
MOST_JUDGED = 200


class CarriedWords(Protocol):
    """A part of a bundle, as far as erasures are concerned."""

    def holds(self, name: str) -> bool:
        """Whether it has such a member."""

    def words(self, name: str) -> bytes:
        """A small member; raises `PeerTrouble`."""


class NotWaiting(LookupError):  # noqa: N818 - says what is wrong
    """There is no such request, or it was settled meanwhile."""


def heed(client: PeerClient, state: PullState, now: datetime) -> None:
    """Read what the peer erased, do what is right here, and answer. Hinders nothing else."""

    def list_after(after: int) -> bytes:
        path = f"{PREFIX}{ERASURES_PATH}?after={after}"
        return client.get(path, max_bytes=MAX_NOTE_BYTES, signed=True)

    try:
        for found in _lists(list_after, state, erasures.read_up_to(state.name), MOST_LISTS):
            actions.keep_requests(peer_name=state.name, found=found)
        actions.knows_erasures(peer_name=state.name, knows=True)
    except (PeerTrouble, WireError) as trouble:
        if isinstance(trouble, PeerTrouble) and trouble.code == "peer-lacks":
            actions.knows_erasures(peer_name=state.name, knows=False)
        logger.info("%s gives no list of erasures: %s", state.name, trouble)
        return
    judge(peer_name=state.name, now=now)
    try:
        while answers := erasures.untold(state.name, MAX_ANSWERS):
            client.post(PREFIX + ERASURES_PATH, encode_answers(answers))
            actions.answers_told(peer_name=state.name, answers=answers)
    except PeerTrouble as trouble:
        logger.info("%s takes no answers: %s", state.name, trouble)


def heed_carried(part: CarriedWords, state: PullState, now: datetime) -> tuple[int, int]:
    """As `heed`, of what a bundle brings; answers go back with the next one the other way.

    Returns how many erasures were not known, and how many answers there were. Raises `WireError`
    for what was spoilt or is of newer software; a list by a key that the peer has replaced says
    nothing.
    """
    requests = answers = 0
    try:
        if part.holds(f"{ERASURES_FOLDER}0"):
            lists = _lists(lambda after: part.words(f"{ERASURES_FOLDER}{after}"), state, 0, None)
            for found in lists:
                requests += actions.keep_requests(peer_name=state.name, found=found)
            actions.knows_erasures(peer_name=state.name, knows=True)
            judge(peer_name=state.name, now=now)
        for number in count():
            if not part.holds(f"{ANSWERS_FOLDER}{number}"):
                break
            note = part.words(f"{ANSWERS_FOLDER}{number}")
            said = open_answers(note, state.key, str(settings.NODE_NAME))
            hear_answers(peer_name=state.name, answers=said, now=now)
            answers += len(said)
    except (PeerTrouble, WireError) as trouble:
        if isinstance(trouble, WireError) and trouble.code != "wrong-key":
            raise
        logger.info("the bundle of %s says less than it should: %s", state.name, trouble)
    return requests, answers


def judge(*, peer_name: str, now: datetime) -> None:
    """Decide on each request of a peer that is not settled, files before contents.

    A content says whose a file was: it must not go first.
    """
    waiting = erasures.undecided(peer_name, now, MOST_JUDGED)
    for one in sorted(waiting, key=lambda request: request.what != "file"):
        with transaction.atomic():
            _judge(peer_name, one, now)


def decide(*, request_id: int, erase: bool, by: Person | None, now: datetime) -> None:
    """An administrator's decision on a request that waits; the peer learns it at the next look.

    Raises `NotWaiting`, `NotAllowed`.
    """
    only_administrators(by)
    with transaction.atomic():
        one = erasures.request(request_id)
        if one is None or one.answer != Answer.WAITING:
            raise NotWaiting(request_id)
        if not erase:
            _answer(one, Answer.KEPT, DECIDED, now)
        elif (code := _why_kept(one.origin, one)) is not None:
            _answer(one, Answer.KEPT, code, now)
        else:
            _erase(one, by, now)
        if not erase:
            _audit("erasure.kept", one, by, now)


def _lists(
    list_after: Callable[[int], bytes], state: PullState, after: int, most: int | None
) -> Sequence[ErasureList]:
    found: list[ErasureList] = []
    while most is None or len(found) < most:
        one = parse_erasures(list_after(after), state.key)
        if one.after != after:
            raise WireError("erasure-malformed", f"after {one.after}, asked after {after}")
        found.append(one)
        if one.is_end:
            break
        after = one.erasures[-1].number
    return found


def _judge(peer_name: str, one: RequestView, now: datetime) -> None:
    code = _why_kept(peer_name, one)
    if code == NOTHING_HERE:
        _answer(one, Answer.ERASED, code, now)
    elif code is not None:
        _answer(one, Answer.KEPT, code, now)
    elif settings.NODE.flag("exchange.erase_when_asked") or _holds_nothing(one):
        _erase(one, None, now)
    else:
        _answer(one, Answer.WAITING, "", now)


def _why_kept(peer_name: str, one: RequestView) -> str | None:
    """Why a blob must stay here or can't go, as a code; None if it may go."""
    stands = erasures.standing(peer_name, one.blob, one.record_id)
    here = blobs.is_here(one.blob)
    holders = _holders(one.blob)
    if stands.here or str(settings.NODE_NAME) in holders:
        return USED_HERE
    if stands.others or holders - {peer_name}:
        return USED_BY_OTHER
    # Contents are read only over what is here: a list of any hashes would cost a reading of each.
    if not stands.named and not ((here or holders) and _named_by_contents(peer_name, one)):
        return NOT_NAMED if here else NOTHING_HERE
    if stands.present or queries.says_now(one.record_id, one.blob):
        return PRESENT
    if course_queries.says_now(one.record_id, one.blob):
        return PRESENT
    if bank_queries.says_now(one.record_id, one.blob):
        return PRESENT
    return None


def _holds_nothing(one: RequestView) -> bool:
    """Whether there is nothing to decide: neither bytes nor a record that shows it."""
    return not blobs.is_here(one.blob) and not _holders(one.blob)


def _holders(blob: str) -> set[str]:
    """Names of the nodes whose practices, courses or questions, or drafts here, have a file."""
    own = str(settings.NODE_NAME)
    of_practices = {
        own if place.is_own else queries.origin_of(place.practice_id)
        for place in queries.file_places(blob)
    }
    of_courses = {
        own if place.is_own or place.in_draft else place.origin
        for place in course_queries.file_places(blob)
    }
    of_banks = {own if place.is_own else place.origin for place in picture_places(blob)}
    return of_practices | of_courses | of_banks


def _named_by_contents(peer_name: str, one: RequestView) -> bool:
    """Whether a content of the peer's record that is here names the file."""
    return one.what == "file" and any(
        one.blob in {file.sha256 for file in named_files(payload, one.kind, peer_name)}
        for sha256 in erasures.contents_of(peer_name, one.record_id)
        if (payload := blobs.read(sha256)) is not None
    )


def _erase(one: RequestView, by: Person | None, now: datetime) -> None:
    payload = blobs.read(one.blob) if one.what == "record" else None
    named = named_files(payload, one.kind, one.origin) if payload else []
    actions.erase_for(
        peer_name=one.origin, blob=one.blob, files=[file.sha256 for file in named], now=now
    )
    if one.what == "file":
        practices.forget_file(sha256=one.blob, named=one.named, origin=one.origin)
        courses.forget_file(sha256=one.blob, named=one.named, origin=one.origin)
        forget_picture(sha256=one.blob, origin=one.origin)
    elif one.kind == COURSE_TEXT and one.what == "record":
        courses.forget_text(record_id=one.record_id, supplied_by=one.origin, payload=payload)
    elif course_queries.origin_of(one.record_id) == one.origin:
        if one.what == "reason":
            courses.forget_reason(course_id=one.record_id)
        else:
            courses.forget_revision(course_id=one.record_id, revision=one.revision)
    elif bank_queries.origin_of(one.record_id) == one.origin:
        if one.what == "reason":
            banks.forget_reason(bank_id=one.record_id)
        else:
            banks.forget_revision(bank_id=one.record_id, revision=one.revision)
    elif queries.origin_of(one.record_id) == one.origin:
        if one.what == "reason":
            practices.forget_reason(practice_id=one.record_id)
        else:
            practices.forget_revision(practice_id=one.record_id, revision=one.revision)
    _audit("erasure.heeded", one, by, now)


def _answer(one: RequestView, said: Answer, code: str, now: datetime) -> None:
    actions.answer(peer_name=one.origin, blob=one.blob, said=said, code=code, now=now)


def _audit(action: str, one: RequestView, by: Person | None, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="peer",
        subject_id=one.origin,
        detail={"type": one.what, "blob": one.blob, "ground": one.ground},
        now=now,
    )
