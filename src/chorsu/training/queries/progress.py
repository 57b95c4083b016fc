"""How far the learners of a cohort are, and who falls behind (`rules.progress`) and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from chorsu.training.models import Cohort, CourseRevision
from chorsu.training.queries.rosters import Naming, hours_by_learner
from chorsu.training.rules.progress import done_percent, expected_percent, is_behind

STEPS = (20, 40, 60, 80, 101)
"""Ends, in percent of the units, of the groups in which learners are counted."""


# Counted in the database. Units that went with a revision are done no more.
_COUNTS = """
SELECT cohort_id, done, count(*)
FROM (
    SELECT enrolment.cohort_id, count(state.done_at) AS done
    FROM training_enrolment AS enrolment
    LEFT JOIN training_unitstate AS state ON state.enrolment_id = enrolment.id
        AND (enrolment.cohort_id, state.unit) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
    WHERE enrolment.cohort_id = ANY(%s) AND enrolment.state = 'admitted'
    GROUP BY enrolment.id
) AS learner
GROUP BY cohort_id, done
"""
_LEARNERS = """
WITH learner AS (
    SELECT enrolment.id, enrolment.person_id, enrolment."group",
        count(state.done_at) FILTER (WHERE state.unit = ANY(%(units)s)) AS done,
        max(state.seen_at) AS seen
    FROM training_enrolment AS enrolment
    LEFT JOIN training_unitstate AS state ON state.enrolment_id = enrolment.id
    WHERE enrolment.cohort_id = %(cohort)s AND enrolment.state = 'admitted'
    GROUP BY enrolment.id
)
SELECT learner.id, coalesce(nullif(person.name, ''), nullif(person.email, ''), person.home),
    learner."group", learner.done, learner.seen
FROM learner JOIN institutions_person AS person ON person.id = learner.person_id
"""


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
    """A cohort on a day. `keys` of the course's units; `by_done`: so many done -> learners."""

    keys: tuple[str, ...]
    expected: int
    by_done: Mapping[int, int]

    @property
    def units(self) -> int:
        return len(self.keys)

    @property
    def learners(self) -> int:
        return sum(self.by_done.values())

    @property
    def behind(self) -> int:
        return sum(number for done, number in self.by_done.items() if self._is_behind(done))

    def steps(self) -> list[tuple[int, int, int, int]]:
        """(from percent, up to percent, learners on time, learners behind) for each of `STEPS`."""
        found = []
        for start, end in zip((0, *STEPS), STEPS, strict=False):
            counts = {True: 0, False: 0}
            for done, number in self.by_done.items():
                if start <= done_percent(done, self.units) < end:
                    counts[self._is_behind(done)] += number
            found.append((start, min(end, 101) - 1, counts[False], counts[True]))
        return found

    def _is_behind(self, done: int) -> bool:
        return is_behind(done, self.units, self.expected)


@dataclass(frozen=True, slots=True)
class CohortProgress:
    """A running cohort in numbers."""

    cohort_id: UUID
    name: str
    expected: int
    on_time: int
    behind: int


def progress(cohort_id: UUID, today: date) -> Progress:
    """How far the admitted learners of a cohort are. Three queries, however many they are."""
    cohort = Cohort.objects.get(pk=cohort_id)
    asked = (cohort.course_id, cohort.revision)
    keys = unit_keys({asked}).get(asked, ())
    expected = expected_percent(cohort.starts_on, cohort.ends_on, today)
    return Progress(keys, expected, _counts({cohort_id: keys}).get(cohort_id, {}))


def learners(
    cohort_id: UUID,
    found: Progress,
    *,
    first: int = 0,
    most: int | None = None,
    naming: Naming = str.casefold,
) -> list[LearnerProgress]:
    """The learners of a cohort of which `progress` was `found`: those furthest behind first, so
    that the first `found.behind` are those who fall behind; those of as many units by name (as
    `rosters.roster`). Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _LEARNERS,
            {"cohort": cohort_id, "units": list(found.keys)},
        )
        rows = sorted(cursor.fetchall(), key=lambda row: (row[3], naming(row[1]), row[0]))
    rows = rows[first : None if most is None else first + most]
    hours = hours_by_learner(cohort_id, None if most is None else [row[0] for row in rows])
    return [
        LearnerProgress(
            key, name, group, done, done_percent(done, found.units),
            is_behind(done, found.units, found.expected), seen, *hours.get(key, (0, 0)),
        )
        for key, name, group, done, seen in rows
    ]  # fmt: skip


def progress_of(institution_id: str, year: int, today: date) -> list[CohortProgress]:
    """The running cohorts of an institution that began in a year. Three queries."""
    cohorts = list(
        Cohort.objects.filter(
            institution=institution_id, starts_on__year=year, state=Cohort.State.RUNNING
        ).order_by("starts_on", "id")
    )
    keys = unit_keys({(one.course_id, one.revision) for one in cohorts})
    units = {one.pk: keys.get((one.course_id, one.revision), ()) for one in cohorts}
    done_by = _counts(units)
    found = []
    for one in cohorts:
        expected = expected_percent(one.starts_on, one.ends_on, today)
        number = len(units[one.pk])
        by_done = done_by.get(one.pk, {})
        behind = sum(count for done, count in by_done.items() if is_behind(done, number, expected))
        on_time = sum(by_done.values()) - behind
        found.append(CohortProgress(one.pk, one.name, expected, on_time, behind))
    return found


def _counts(units: Mapping[UUID, Sequence[str]]) -> Mapping[UUID, Mapping[int, int]]:
    """Cohort -> how many of its `units` are done -> admitted learners. One query."""
    pairs = [(cohort_id, key) for cohort_id, keys in units.items() for key in keys]
    cohorts, keys = [one for one, _key in pairs], [key for _one, key in pairs]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [cohorts, keys, list(units)])
        rows = cursor.fetchall()
    found: dict[UUID, dict[int, int]] = {}
    for cohort_id, done, number in rows:
        found.setdefault(cohort_id, {})[done] = number
    return found


def unit_keys(
    asked: Collection[tuple[UUID, int]],
) -> Mapping[tuple[UUID, int], tuple[str, ...]]:
    """(course, revision) -> the keys of its units; what is not here is left out. One query."""
    wanted = Q()
    for course_id, revision in asked:
        wanted |= Q(course=course_id, revision=revision)
    if not wanted:
        return {}
    rows = CourseRevision.objects.filter(wanted).values_list("course_id", "revision", "facts")
    return {
        (course_id, revision): tuple(
            unit["key"] for module in facts["modules"] for unit in module["units"]
        )
        for course_id, revision, facts in rows
        if facts is not None
    }
