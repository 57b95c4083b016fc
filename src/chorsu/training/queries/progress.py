"""How far the learners of a cohort are, and who falls behind (`rules.progress`) and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from chorsu.training.models import Cohort, CourseRevision, Enrolment, UnitState
from chorsu.training.queries.rosters import hours_by_learner
from chorsu.training.rules.progress import done_percent, expected_percent, is_behind

STEPS = (20, 40, 60, 80, 101)
"""Ends, in percent of the units, of the groups in which learners are counted."""


@dataclass(frozen=True, slots=True)
class LearnerProgress:
    """A learner: units done, last seen in one, academic hours attended of those marked."""

    enrolment_id: UUID
    name: str
    group: str
    done: int
    percent: int
    behind: bool
    seen_at: datetime | None
    attended: int
    held: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A cohort on a day: who is behind first, those furthest behind before the others."""

    units: int
    expected: int
    learners: Sequence[LearnerProgress]

    @property
    def behind(self) -> int:
        return sum(one.behind for one in self.learners)

    def steps(self) -> list[tuple[int, int, int, int]]:
        """(from percent, up to percent, learners on time, learners behind) for each of `STEPS`."""
        found = []
        for start, end in zip((0, *STEPS), STEPS, strict=False):
            inside = [one.behind for one in self.learners if start <= one.percent < end]
            found.append((start, min(end, 101) - 1, inside.count(False), inside.count(True)))
        return found


@dataclass(frozen=True, slots=True)
class CohortProgress:
    """A running cohort in numbers."""

    cohort_id: UUID
    name: str
    expected: int
    on_time: int
    behind: int


def progress(cohort_id: UUID, today: date) -> Progress:
    """How far each admitted learner of a cohort is. Five queries, however many they are."""
    cohort = Cohort.objects.get(pk=cohort_id)
    units = unit_counts({(cohort.course_id, cohort.revision)}).get(
        (cohort.course_id, cohort.revision), 0
    )
    expected = expected_percent(cohort.starts_on, cohort.ends_on, today)
    rows = Enrolment.objects.filter(cohort=cohort_id, state=Enrolment.State.ADMITTED)
    states = {
        enrolment: (done, seen)
        for enrolment, done, seen in UnitState.objects.filter(enrolment__in=rows)
        .order_by()
        .values("enrolment")
        .annotate(done=Count("pk", filter=~Q(done_at=None)), seen=Max("seen_at"))
        .values_list("enrolment", "done", "seen")
    }
    hours = hours_by_learner(cohort_id)
    learners = []
    for key, name, email, group in rows.values_list("pk", "person__name", "person__email", "group"):
        done, seen = states.get(key, (0, None))
        attended, held = hours.get(key, (0, 0))
        learners.append(
            LearnerProgress(
                key, name or email or "", group, min(done, units), done_percent(done, units),
                is_behind(done, units, expected), seen, attended, held,
            )
        )  # fmt: skip
    learners.sort(key=lambda one: (not one.behind, one.percent, one.name.casefold()))
    return Progress(units, expected, learners)


def progress_of(institution_id: str, year: int, today: date) -> list[CohortProgress]:
    """The running cohorts of an institution that began in a year. Four queries."""
    cohorts = list(
        Cohort.objects.filter(
            institution=institution_id, starts_on__year=year, state=Cohort.State.RUNNING
        ).order_by("starts_on", "id")
    )
    units = unit_counts({(one.course_id, one.revision) for one in cohorts})
    admitted = Enrolment.objects.filter(cohort__in=cohorts, state=Enrolment.State.ADMITTED)
    people = Counter(admitted.values_list("cohort", flat=True))
    done_by: dict[UUID, Counter[int]] = {one.pk: Counter() for one in cohorts}
    counted = (
        UnitState.objects.filter(enrolment__in=admitted)
        .exclude(done_at=None)
        .order_by()
        .values("enrolment__cohort", "enrolment")
        .annotate(done=Count("pk"))
        .values_list("enrolment__cohort", "done")
    )
    for cohort_id, done in counted:
        done_by[cohort_id][done] += 1
    found = []
    for one in cohorts:
        expected = expected_percent(one.starts_on, one.ends_on, today)
        number = units.get((one.course_id, one.revision), 0)
        by_done = done_by[one.pk]
        by_done[0] += people[one.pk] - by_done.total()
        behind = sum(count for done, count in by_done.items() if is_behind(done, number, expected))
        found.append(CohortProgress(one.pk, one.name, expected, by_done.total() - behind, behind))
    return found


def unit_counts(asked: Collection[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], int]:
    """(course, revision) -> how many units it has; what is not here is left out. One query."""
    wanted = Q()
    for course_id, revision in asked:
        wanted |= Q(course=course_id, revision=revision)
    if not wanted:
        return {}
    rows = CourseRevision.objects.filter(wanted).values_list("course_id", "revision", "facts")
    return {
        (course_id, revision): sum(len(module["units"]) for module in facts["modules"])
        for course_id, revision, facts in rows
        if facts is not None
    }
