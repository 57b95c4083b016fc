"""Reading attempts and their answers, and what came of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chorsu.training.models import (
    Answer,
    Attempt,
    Enrolment,
    ExtraTime,
    OutsideResult,
    Submission,
)
from chorsu.training.rules.results import QuizResult, percent


class NoSuchAttempt(LookupError):  # noqa: N818 - says what is wrong
    """There is no such attempt of this learner."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What was answered to a question; `points` None: not scored, or waits for a marker."""

    response: Mapping[str, object]
    language: str
    key: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt without its answers; `percent` None: not scored, or not all of it."""

    id: uuid.UUID
    enrolment_id: uuid.UUID
    unit: str
    number: int
    seed: str
    drawn: Sequence[tuple[str, int, int]]
    started_at: datetime
    due_at: datetime | None
    handed_in_at: datetime | None
    handed_in_by: str
    points: Decimal | None
    most_points: Decimal | None
    by_competence: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def percent(self) -> Decimal | None:
        if self.points is None or self.most_points is None:
            return None
        return percent(self.points, self.most_points)

    def is_over(self, now: datetime) -> bool:
        """Whether it is handed in, or its time has run out."""
        return self.handed_in_at is not None or (self.due_at is not None and self.due_at <= now)


def attempt(attempt_id: uuid.UUID, person_id: int) -> AttemptView:
    """An attempt of this person. One query. Raises `NoSuchAttempt`."""
    row = Attempt.objects.filter(pk=attempt_id, enrolment__person=person_id).first()
    if row is None:
        raise NoSuchAttempt(str(attempt_id))
    return attempt_view(row)


def attempts(enrolment_id: uuid.UUID, unit: str = "") -> list[AttemptView]:
    """The attempts of a learner, of one quiz or of all, in the order they were begun. One query."""
    rows = Attempt.objects.filter(enrolment=enrolment_id).order_by("unit", "number")
    return [attempt_view(row) for row in (rows.filter(unit=unit) if unit else rows)]


def answers(attempt_id: uuid.UUID) -> dict[str, AnswerView]:
    """Id of the item -> answer. One query."""
    return {
        row.item: AnswerView(row.response, row.language, str(row.key), row.points)
        for row in Answer.objects.filter(attempt=attempt_id)
    }


@dataclass(frozen=True, slots=True)
class WaitingAnswer:
    """An answer in a quiz that waits for a marker."""

    attempt_id: uuid.UUID
    unit: str
    item: str
    version: int
    language: str
    response: Mapping[str, object]
    handed_in_at: datetime


def waiting_answers(cohort_id: uuid.UUID, *, marker: int | None = None) -> list[WaitingAnswer]:
    """Answers of a cohort that people must mark, the oldest first. One query.

    `marker`: those that wait for this person, who marks none of their own and none twice.
    """
    rows = Answer.objects.filter(attempt__enrolment__cohort=cohort_id, points=None)
    if marker is not None:
        rows = rows.exclude(attempt__enrolment__person=marker).exclude(marks__marker=marker)
    rows = rows.exclude(attempt__handed_in_at=None).select_related("attempt")
    found = []
    for row in rows.order_by("attempt__handed_in_at", "id")[:200]:
        tried = row.attempt
        version = tried.versions[tried.items.index(row.item)]
        assert tried.handed_in_at is not None  # noqa: S101 - as filtered
        found.append(
            WaitingAnswer(
                tried.pk, tried.unit, row.item, version, row.language, row.response,
                tried.handed_in_at,
            )
        )  # fmt: skip
    return found


def extra_times(cohort_id: uuid.UUID) -> list[tuple[uuid.UUID, str, int]]:
    """(enrolment, name, percent) of the admitted learners of a cohort, by name. Two queries."""
    rows = Enrolment.objects.filter(cohort=cohort_id, state=Enrolment.State.ADMITTED)
    people = list(rows.order_by("person__name", "id").values_list("pk", "person__name"))
    given = dict(
        ExtraTime.objects.filter(enrolment__cohort=cohort_id).values_list("enrolment_id", "percent")
    )
    return [(key, name, given.get(key, 0)) for key, name in people]


def extra_percent(enrolment_id: uuid.UUID) -> int:
    """How much more time a learner has in every timed quiz, in percent. One query."""
    rows = ExtraTime.objects.filter(enrolment=enrolment_id).values_list("percent", flat=True)
    return rows.first() or 0


def unit_percents(enrolment_id: uuid.UUID, tried: Sequence[AttemptView]) -> dict[str, Decimal]:
    """Unit -> percent: of a quiz its best attempt, of an assignment the mean of its marks, of a
    lab its best try, of an external tool what it said last.

    One query; `tried` are all attempts of the learner.
    """
    found = given_percents(enrolment_id)
    for one in tried:
        if one.percent is not None:
            found[one.unit] = max(one.percent, found.get(one.unit, Decimal(0)))
    return found


def given_percents(enrolment_id: uuid.UUID) -> dict[str, Decimal]:
    """Unit -> percent of assignments that are marked, of labs and external tools. One query."""
    marked, outside = (
        model.objects.filter(enrolment=enrolment_id, percent__isnull=False)
        for model in (Submission, OutsideResult)
    )
    rows = marked.values_list("unit", "percent").union(outside.values_list("unit", "percent"))
    return {unit: value for unit, value in rows if value is not None}


def newest_results(tried: Sequence[AttemptView]) -> list[QuizResult]:
    """Of each quiz its newest scored attempt, as suggestions are made from it."""
    newest = {one.unit: one for one in tried if one.percent is not None}
    return [QuizResult(one.unit, one.by_competence) for one in newest.values()]


def attempt_view(row: Attempt) -> AttemptView:
    """A row as a value."""
    return AttemptView(
        id=row.pk,
        enrolment_id=row.enrolment_id,
        unit=row.unit,
        number=row.number,
        seed=row.seed,
        drawn=list(zip(row.items, row.versions, row.sections, strict=True)),
        started_at=row.started_at,
        due_at=row.due_at,
        handed_in_at=row.handed_in_at,
        handed_in_by=row.handed_in_by,
        points=row.points,
        most_points=row.most_points,
        by_competence={
            code: (Decimal(points), Decimal(most))
            for code, (points, most) in row.by_competence.items()
        },
    )
