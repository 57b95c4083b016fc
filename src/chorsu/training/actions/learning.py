"""What a learner leaves in a course: how far they read, what is done, notes, marks, surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from chorsu.kernel.text import normalise
from chorsu.records.fields import Words
from chorsu.training.actions.remembering import begin_cards
from chorsu.training.actions.telling import is_told, tell
from chorsu.training.models import SurveyAnswer, UnitState
from chorsu.training.queries.learning import LearnerView
from chorsu.training.remembering import Point
from chorsu.training.rules.fields import SurveyQuestion
from chorsu.training.rules.surveys import cleaned

MAX_NOTE = 10_000


class CourseClosed(Exception):  # noqa: N818 - says what is wrong
    """The learner has the result of this course: nothing more is counted."""


class NoteMoved(Exception):  # noqa: N818 - says what is wrong
    """The note was changed on another device meanwhile."""

    def __init__(self, version: int, text: str) -> None:
        super().__init__("the note was changed elsewhere")
        self.version = version
        self.text = text


def see(*, learner: LearnerView, unit: str, now: datetime) -> None:
    """Note that the learner opened a unit: there they go on. The first time it is told."""
    if is_told() and not UnitState.objects.filter(enrolment=learner.id, unit=unit).exists():
        tell(enrolment_id=learner.id, unit=unit, verb="experienced", now=now)
    rows = [UnitState(enrolment_id=learner.id, unit=unit, seen_at=now)]
    UnitState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrolment", "unit"],
        update_fields=["seen_at"],
    )


def read_to(*, learner: LearnerView, unit: str, position: int, now: datetime) -> None:
    """Keep how far a unit was read, in thousandths; what is out of range is brought into it."""
    place = max(0, min(1000, position))
    rows = [UnitState(enrolment_id=learner.id, unit=unit, position=place, seen_at=now)]
    UnitState.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrolment", "unit"],
        update_fields=["position", "seen_at"],
    )


@transaction.atomic
def set_done(
    *, learner: LearnerView, unit: str, done: bool, now: datetime, points: Sequence[Point] = ()
) -> None:
    """Mark a unit done, or not done after all. What was done keeps its first moment.

    `points`: the unit's key points in the original, each a card to be remembered. Raises
    `CourseClosed`.
    """
    _while_open(learner)
    row = _row(learner, unit, now)
    if done and row.done_at is None:
        tell(enrolment_id=learner.id, unit=unit, verb="completed", now=now)
    row.done_at = (row.done_at or now) if done else None
    row.save(update_fields=["done_at"])
    if done and points:
        begin_cards(learner=learner, unit=unit, points=points, now=now)


@transaction.atomic
def set_bookmark(*, learner: LearnerView, unit: str, on: bool, now: datetime) -> None:
    """Set a bookmark at a unit, or take it away."""
    row = _row(learner, unit, now)
    row.bookmarked = on
    row.save(update_fields=["bookmarked"])


@transaction.atomic
def write_note(*, learner: LearnerView, unit: str, version: int, text: str, now: datetime) -> int:
    """Keep the learner's note; return its version. Raises `NoteMoved` if it is not of `version`.

    A note that already says this is no change, whoever sent it: a resend is answered alike.
    """
    note = normalise(text)[:MAX_NOTE]
    row = _row(learner, unit, now)
    if row.note == note:
        return row.note_version
    if row.note_version != version:
        raise NoteMoved(row.note_version, row.note)
    UnitState.objects.filter(pk=row.pk).update(note=note, note_version=F("note_version") + 1)
    return version + 1


@transaction.atomic
def answer_survey(
    *,
    learner: LearnerView,
    unit: str,
    questions: list[SurveyQuestion],
    words: Words,
    given: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep what a learner answered and mark the survey done. Raises `CourseClosed`, `NotAnswered`.

    Answering again changes the answer.
    """
    _while_open(learner)
    answers = cleaned(questions, words, given)
    SurveyAnswer.objects.update_or_create(
        enrolment_id=learner.id, unit=unit, defaults={"answers": answers, "answered_at": now}
    )
    set_done(learner=learner, unit=unit, done=True, now=now)


def _while_open(learner: LearnerView) -> None:
    if not learner.open:
        raise CourseClosed(str(learner.id))


def _row(learner: LearnerView, unit: str, now: datetime) -> UnitState:
    """The row of this unit, locked; made if there is none."""
    UnitState.objects.bulk_create(
        [UnitState(enrolment_id=learner.id, unit=unit, seen_at=now)], ignore_conflicts=True
    )
    return UnitState.objects.select_for_update().get(enrolment=learner.id, unit=unit)
