"""An attempt at a quiz: begun, answered, handed in by the learner or by time.

The clock is the server's: `now` of a request, never what a device says. An answer is one statement
(`_SAVE`), so that it is wholly there or not at all whatever dies, and sent twice it is there once.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from django.db import connection, transaction

from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.results import note_result
from chorsu.training.actions.submissions import MarkRefused
from chorsu.training.actions.taking import hold_questions
from chorsu.training.actions.telling import tell
from chorsu.training.items.answering import clean_response
from chorsu.training.items.drawing import TooFewItems, draw
from chorsu.training.items.fields import MARKED_KINDS, Item, Response
from chorsu.training.items.scoring import marked, score
from chorsu.training.models import Answer, Attempt, Enrolment, ExtraTime
from chorsu.training.queries.attempts import AttemptView, attempt_view, extra_percent
from chorsu.training.queries.bank import candidates, item_versions
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.shared_banks import taken_to_draw
from chorsu.training.rules.outline import PlacedUnit

GRACE = timedelta(seconds=10)
"""An answer that was under way when time ran out still counts: the line took that long."""
MAX_REPLACES = 50
MOST_EXTRA = 300
"""Percent of extra time."""

# The row of the attempt is held in share mode until the answer is in: handing in waits for it, and
# an answer that comes while it is handed in sees that it is too late.
_Value: TypeAlias = str | int | bool | datetime | uuid.UUID | list[uuid.UUID]
_SAVE = """
    INSERT INTO training_answer (attempt_id, item, response, language, key, saved_at)
    SELECT held.id, %(item)s, %(response)s, %(language)s, %(key)s, %(now)s
    FROM (
        SELECT attempt.id FROM training_attempt attempt
        JOIN training_enrolment enrolment ON enrolment.id = attempt.enrolment_id
        WHERE attempt.id = %(attempt)s AND enrolment.person_id = %(person)s
          AND attempt.handed_in_at IS NULL
          AND (attempt.due_at IS NULL OR attempt.due_at > %(latest)s)
        FOR SHARE OF attempt
    ) held
    ON CONFLICT (attempt_id, item) DO UPDATE
    SET response = excluded.response, language = excluded.language, key = excluded.key,
        saved_at = excluded.saved_at
    WHERE %(force)s OR training_answer.key = ANY(%(replaces)s)
    RETURNING key
"""


class NotAQuiz(LookupError):  # noqa: N818 - says what is wrong
    """The unit is no quiz."""


class NoAttemptsLeft(Exception):  # noqa: N818 - says what is wrong
    """The quiz may be tried no more often."""


class QuizNotReady(Exception):  # noqa: N818 - says what is wrong
    """The cohort has fewer questions to draw from than the quiz draws."""


class AttemptOver(Exception):  # noqa: N818 - says what is wrong
    """The attempt is handed in, or its time has run out: the answer does not count."""


class QuestionGone(Exception):  # noqa: N818 - says what is wrong
    """The words of the question were erased: there is nothing left to answer."""


class AnsweredElsewhere(Exception):  # noqa: N818 - says what is wrong
    """Another answer stands that the sender did not know of; it was kept."""

    def __init__(self, key: str, response: Mapping[str, object]) -> None:
        super().__init__("another answer stands")
        self.key = key
        self.response = response


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as it came: `key` made by the device for it, `replaces` the keys it knew of.

    `force`: it stands whatever stood before, as from a page without scripts.
    """

    item: str
    raw: Mapping[str, object]
    language: str
    key: uuid.UUID
    replaces: Collection[uuid.UUID] = ()
    force: bool = False


@transaction.atomic
def begin(*, learner: LearnerView, unit: PlacedUnit, now: datetime) -> AttemptView:
    """The learner's open attempt at a quiz, or a new one: resuming is asking for it again.

    Raises `NotAQuiz`, `CourseClosed`, `NoAttemptsLeft` or `QuizNotReady`.
    """
    quiz = unit.unit["quiz"]
    if quiz is None:
        raise NotAQuiz(unit.key)
    rows = Attempt.objects.filter(enrolment=learner.id, unit=unit.key).order_by("number")
    # Locked as handing in does it, attempts first; then one after the other, so that two taps
    # begin one attempt.
    list(rows.select_for_update())
    Enrolment.objects.select_for_update().get(pk=learner.id)
    tried = list(rows)
    if tried and tried[-1].handed_in_at is None:
        if not _time_is_up(tried[-1], now):
            return attempt_view(tried[-1])
        _hand_in(tried[-1], by=Attempt.HandedInBy.TIME, now=now)
    if not learner.open:
        raise CourseClosed(str(learner.id))
    if quiz["attempts"] and len(tried) >= quiz["attempts"]:
        raise NoAttemptsLeft(unit.key)
    seed = secrets.token_hex(16)
    try:
        taken = taken_to_draw(learner.cohort_id)
        own = candidates(learner.course_id)
        drawn = draw(own + taken, quiz["draws"], seed=seed, shuffle=quiz["shuffle"])
    except TooFewItems as error:
        raise QuizNotReady(unit.key) from error
    lent = {one.item for one in taken}
    if lent and not hold_questions([one for one in drawn if one.item in lent]):
        raise QuizNotReady(unit.key)
    made = Attempt.objects.create(
        id=uuid.UUID(new_id()),
        enrolment_id=learner.id,
        unit=unit.key,
        number=len(tried) + 1,
        seed=seed,
        items=[one.item for one in drawn],
        versions=[one.version for one in drawn],
        sections=[one.section for one in drawn],
        started_at=now,
        due_at=_due(quiz["minutes"], extra_percent(learner.id), now),
    )
    return attempt_view(made)


def answer(*, attempt: AttemptView, person_id: int, given: GivenAnswer, now: datetime) -> Response:
    """Keep an answer and return it as kept. One statement; sent again it changes nothing.

    Raises `InvalidResponse` (`items.fields`), `AttemptOver`, `QuestionGone` or
    `AnsweredElsewhere`.
    """
    item = _item(attempt, given.item)
    if not item.has_words:
        # Else whatever is sent would have all its points (`_score`).
        raise QuestionGone(given.item)
    response = clean_response(item, given.raw, seed=attempt.seed)
    values: dict[str, _Value] = {
        "attempt": attempt.id,
        "person": person_id,
        "item": given.item,
        "response": json.dumps(response, ensure_ascii=False),
        "language": given.language,
        "key": given.key,
        "replaces": list(given.replaces)[:MAX_REPLACES],
        "force": given.force,
        "now": now,
        "latest": now - GRACE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, values)
        kept = cursor.fetchone() is not None
    if not kept:
        return _why_not(attempt, given)
    tell(
        enrolment_id=attempt.enrolment_id, unit=attempt.unit, verb="answered", item=given.item,
        now=now,
    )  # fmt: skip
    return response


def _why_not(attempt: AttemptView, given: GivenAnswer) -> Response:
    """The answer that stands, if it is this one; else why this one does not."""
    stands = Answer.objects.filter(attempt=attempt.id, item=given.item).first()
    if stands is not None and stands.key == given.key:
        return dict(stands.response)
    row = Attempt.objects.get(pk=attempt.id)
    if stands is None or row.handed_in_at is not None:
        raise AttemptOver(str(attempt.id))
    raise AnsweredElsewhere(str(stands.key), stands.response)


@transaction.atomic
def hand_in(*, attempt_id: uuid.UUID, person_id: int, now: datetime) -> AttemptView:
    """Hand in an attempt; one that is handed in already stays as it is. Raises `DoesNotExist`."""
    rows = Attempt.objects.select_for_update(of=["self"])
    row = rows.get(pk=attempt_id, enrolment__person=person_id)
    if row.handed_in_at is None:
        by = Attempt.HandedInBy.TIME if _time_is_up(row, now) else Attempt.HandedInBy.LEARNER
        _hand_in(row, by=by, now=now)
    return attempt_view(row)


def hand_in_due(*, now: datetime, limit: int) -> int:
    """Hand in what time has run out of, whoever is still there; return how many.

    Each in a transaction of its own: a kill loses none that is done, and the next call takes up
    the rest. Workers side by side pass over what the other holds.
    """
    done = 0
    while done < limit:
        with transaction.atomic():
            row = (
                Attempt.objects.select_for_update(skip_locked=True)
                .filter(handed_in_at=None, due_at__lte=now - GRACE)
                .order_by("due_at")
                .first()
            )
            if row is None:
                break
            _hand_in(row, by=Attempt.HandedInBy.TIME, now=now)
        done += 1
    return done


def _time_is_up(row: Attempt, now: datetime) -> bool:
    return row.due_at is not None and row.due_at <= now - GRACE


def _due(minutes: int, extra: int, now: datetime) -> datetime | None:
    if not minutes:
        return None
    return now + timedelta(seconds=minutes * 60 * (100 + extra) / 100)


def _item(attempt: AttemptView, item_id: str) -> Item:
    """The question as this attempt asks it. Raises `AttemptOver` of one that it does not."""
    for drawn, version, _section in attempt.drawn:
        if drawn == item_id:
            return item_versions([(drawn, version)])[drawn]
    raise AttemptOver(str(attempt.id))


def _hand_in(row: Attempt, *, by: Attempt.HandedInBy, now: datetime) -> None:
    """Close, score, and let the course's result follow. By time it was over when it was due."""
    row.handed_in_by = by
    row.handed_in_at = row.due_at if by == Attempt.HandedInBy.TIME and row.due_at else now
    _score(row)
    row.save(
        update_fields=["handed_in_at", "handed_in_by", "points", "most_points", "by_competence"]
    )
    note_result(enrolment_id=row.enrolment_id, unit=row.unit, now=now)


@transaction.atomic
def mark_answer(
    *,
    attempt_id: uuid.UUID,
    item_id: str,
    marker_id: int,
    points: Mapping[str, Decimal],
    now: datetime,
) -> None:
    """Give the points of a rubric to an answer that a person must mark; the last one gives the
    attempt its result.

    Raises `DoesNotExist`, `MarkRefused` (own-work), or `ValueError` as `items.scoring.marked`.
    """
    rows = Attempt.objects.select_for_update(of=["self"]).select_related("enrolment")
    row = rows.exclude(handed_in_at=None).get(pk=attempt_id)
    if row.enrolment.person_id == marker_id:
        raise MarkRefused("own-work")
    said = Answer.objects.get(attempt=row, item=item_id)
    item = _asked(row)[item_id]
    said.points = marked(item, points).points
    said.save(update_fields=["points"])
    _score(row)
    row.save(update_fields=["points", "most_points", "by_competence"])
    note_result(enrolment_id=row.enrolment_id, unit=row.unit, now=now)


def _asked(row: Attempt) -> dict[str, Item]:
    return item_versions(list(zip(row.items, row.versions, strict=True)))


def _score(row: Attempt) -> None:
    """Score the answers of an attempt into its rows; the attempt itself is left to be saved.

    What a person must mark keeps the points it was given; while one has none, the attempt has none.
    Nobody loses by a question that was erased: points it was given stand, an answer that was not
    scored before has all of them, and one that was not answered, or whose answer was taken back, is
    not in the sum.
    """
    items = _asked(row)
    given = {one.item: one for one in Answer.objects.filter(attempt=row.pk)}
    for item_id, said in given.items():
        item = items[item_id]
        if not item.has_words:
            if said.points is None and not said.response:
                said.points = Decimal(0)
            elif said.points is None and item.facts["type"] not in MARKED_KINDS:
                said.points = Decimal(item.facts["points"])
            continue
        earned = score(item, said.response, said.language)
        if earned.state != "unmarked":
            said.points = earned.points
    Answer.objects.bulk_update(given.values(), ["points"])
    total = most = Decimal(0)
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for item_id in row.items:
        item, out_of = items[item_id], Decimal(items[item_id].facts["points"])
        answered = item_id in given and given[item_id].response
        if not answered and not item.has_words:
            continue
        earned_here = (given[item_id].points or Decimal(0)) if item_id in given else Decimal(0)
        had, of = sums.get(item.facts["competence"], (Decimal(0), Decimal(0)))
        sums[item.facts["competence"]] = (had + earned_here, of + out_of)
        total, most = total + earned_here, most + out_of
    waits = any(said.points is None for said in given.values())
    row.points, row.most_points = (None if waits else total), most
    row.by_competence = {code: [str(had), str(of)] for code, (had, of) in sums.items()}


@transaction.atomic
def give_extra_time(
    *, enrolment_id: uuid.UUID, cohort_id: uuid.UUID, percent: int, by: Person, now: datetime
) -> None:
    """Give a learner more time in every timed quiz, in one that runs too; 0 takes it back.

    Raises `DoesNotExist`, `MarkRefused` (own-work: nobody gives it to themselves), or
    `ValueError` for a percent that is not from 0 to 300.
    """
    if not 0 <= percent <= MOST_EXTRA:
        raise ValueError(percent)
    # Attempts first, as handing in locks them: else the two would wait for each other.
    running_now = Attempt.objects.filter(enrolment=enrolment_id, handed_in_at=None)
    list(running_now.select_for_update().order_by("unit", "number"))
    rows = Enrolment.objects.select_for_update(of=["self"]).select_related("cohort")
    row = rows.get(pk=enrolment_id, cohort=cohort_id)
    if row.person_id == by.pk:
        raise MarkRefused("own-work")
    before = extra_percent(row.pk)
    ExtraTime.objects.update_or_create(
        enrolment=row, defaults={"percent": percent, "given_by": by, "given_at": now}
    )
    for running in running_now.all():
        if running.due_at is not None:
            plain = (running.due_at - running.started_at) * 100 / (100 + before)
            running.due_at = running.started_at + plain * (100 + percent) / 100
            running.save(update_fields=["due_at"])
