"""What goes back to a learning system: who a result is of, and what it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.attempts import attempts, unit_percents
from chorsu.training.queries.learning import CourseInHand, NothingToTeach, cohort_in_hand
from chorsu.training.rules.outline import PlacedUnit, placed

GRADED = ("quiz", "assignment", "lab", "tool")
"""Kinds of units that have a result of their own."""


@dataclass(frozen=True, slots=True)
class ResultsView:
    """A learner's results: of the course as a whole, and of each unit that has one.

    `ended`: the cohort has; what learners did in it is deleted in time, what they earned stays.
    """

    person_id: int
    cohort_id: uuid.UUID
    ended: bool
    course: Decimal | None
    units: Mapping[str, Decimal]

    def percent_of(self, unit: str) -> Decimal | None:
        """Of a unit; of the course if `unit` is empty."""
        return self.units.get(unit) if unit else self.course


@dataclass(frozen=True, slots=True)
class Linkable:
    """A cohort that links may open, with its course."""

    cohort_id: uuid.UUID
    name: str
    course: CourseInHand
    units: Sequence[PlacedUnit]


def results(enrolment_id: uuid.UUID) -> ResultsView | None:
    """None if the learner has gone. Three queries."""
    row = Enrolment.objects.select_related("cohort").filter(pk=enrolment_id).first()
    if row is None:
        return None
    percents = unit_percents(row.pk, attempts(row.pk))
    ended = row.cohort.state in (Cohort.State.FINISHED, Cohort.State.CANCELLED)
    return ResultsView(row.person_id, row.cohort_id, ended, row.result_percent, percents)


def enrolled(cohort_id: uuid.UUID) -> set[int]:
    """The people who have or had a place in a cohort, or asked for one. One query."""
    return set(Enrolment.objects.filter(cohort=cohort_id).values_list("person", flat=True))


def linkable(cohort_ids: Sequence[uuid.UUID], languages: Sequence[str]) -> list[Linkable]:
    """Those of these cohorts that take learners, the newest first; at most 50."""
    states = (Cohort.State.OPEN, Cohort.State.RUNNING)
    rows = Cohort.objects.filter(pk__in=cohort_ids, state__in=states).values_list("pk", "name")
    found = []
    for cohort_id, name in rows[:50]:
        try:
            course = cohort_in_hand(cohort_id, languages)
        except NothingToTeach:
            continue
        found.append(Linkable(cohort_id, name, course, placed(course.facts)))
    return found


def has_result(cohort_id: uuid.UUID, unit: str) -> bool:
    """Whether a unit of a cohort's course has a result of its own; the course, if `unit` is empty,
    always has. Six queries, one while the course is kept.
    """
    if not unit:
        return True
    try:
        course = cohort_in_hand(cohort_id, [])
    except NothingToTeach:
        return False
    return any(one.key == unit and one.kind in GRADED for one in placed(course.facts))


def enrolment_state(enrolment_id: uuid.UUID) -> str:
    """Where a learner is: one of `Enrolment.State`. One query."""
    return Enrolment.objects.values_list("state", flat=True).get(pk=enrolment_id)
