"""The gradebook of a cohort: learners by the units that have a result, sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from chorsu.training.models import Enrolment
from chorsu.training.queries.cohorts import HOLDING
from chorsu.training.queries.rosters import Naming
from chorsu.training.queries.scores import GRADED
from chorsu.training.rules.fields import Facts
from chorsu.training.rules.outline import PlacedUnit, placed

BY_NAME, BY_COURSE = "name", "course"
UNIT = "unit."
"""Before the key of a unit, where lines are sorted by it."""

# As `attempts.unit_percents`: of a quiz the best attempt, two places, halves up; of no points at
# all nothing is lacking. Each part asks for the learners itself, so that it goes by its index.
_SCORES = """
WITH learner AS (
    SELECT enrolment.id, enrolment.person_id, enrolment."group", enrolment.state,
        enrolment.result_percent
    FROM training_enrolment AS enrolment
    WHERE enrolment.cohort_id = %(cohort)s AND enrolment.state = ANY(%(states)s)
        AND (%(only)s::uuid[] IS NULL OR enrolment.id = ANY(%(only)s))
), score AS (
    SELECT DISTINCT ON (enrolment_id, unit) enrolment_id, unit, percent, given_for
    FROM (
        SELECT enrolment_id, unit,
            CASE WHEN most_points = 0 THEN 100 ELSE round(points * 100 / most_points, 2) END
                AS percent,
            id AS given_for, number
        FROM training_attempt
        WHERE enrolment_id IN (SELECT id FROM learner) AND unit = ANY(%(units)s)
            AND points IS NOT NULL AND most_points IS NOT NULL
        UNION ALL
        SELECT enrolment_id, unit, percent, id, 1 FROM training_submission
        WHERE enrolment_id IN (SELECT id FROM learner) AND unit = ANY(%(units)s)
            AND percent IS NOT NULL
        UNION ALL
        SELECT enrolment_id, unit, percent, NULL, 1 FROM training_outsideresult
        WHERE enrolment_id IN (SELECT id FROM learner) AND unit = ANY(%(units)s)
            AND percent IS NOT NULL
    ) AS given
    ORDER BY enrolment_id, unit, percent DESC, number
)
"""
_CELLS = _SCORES + "SELECT enrolment_id, unit, percent, given_for FROM score"  # noqa: S608 - of constants
_LINES = (
    _SCORES
    + """
SELECT learner.id, coalesce(nullif(person.name, ''), nullif(person.email, ''), person.home),
    learner."group", learner.state, learner.result_percent, score.percent
FROM learner
JOIN institutions_person AS person ON person.id = learner.person_id
LEFT JOIN score ON score.enrolment_id = learner.id
"""
)


@dataclass(frozen=True, slots=True)
class GradeLine:
    """A learner: percent by unit, and of the course as a whole; what has no result is left out.

    `given_for`: unit -> the attempt or the piece of work that has the percent. What waits for a
    mark has none: its marker is not told whose it is.
    """

    enrolment_id: UUID
    name: str
    group: str
    state: str
    course: Decimal | None
    units: Mapping[str, Decimal]
    given_for: Mapping[str, UUID]


def graded_units(facts: Facts) -> list[PlacedUnit]:
    """The units of a course that have a result of their own, in its order."""
    return [one for one in placed(facts) if one.kind in GRADED]


def learners_graded(cohort_id: UUID) -> int:
    """How many lines the gradebook of a cohort has. One query."""
    return Enrolment.objects.filter(cohort=cohort_id, state__in=HOLDING).count()


def gradebook(
    cohort_id: UUID,
    units: Sequence[str],
    *,
    by: str = BY_NAME,
    down: bool = False,
    first: int = 0,
    most: int | None = None,
    naming: Naming = str.casefold,
) -> list[GradeLine]:
    """Those who hold a place in a cohort, with their percents of these units. Two queries.

    `by`: `BY_NAME`, `BY_COURSE`, or `UNIT` and a unit's key; who has no such percent comes last,
    up or `down`; those of one percent come by name, in the order of `naming`: that of the reader's
    language, which the database has not.
    """
    asked: dict[str, Any] = {
        "cohort": cohort_id, "states": [state.value for state in HOLDING], "only": None,
        "units": [by.removeprefix(UNIT)] if by.startswith(UNIT) else [],
    }  # fmt: skip
    cells: dict[UUID, dict[str, Decimal]] = {}
    given_for: dict[UUID, dict[str, UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, asked)
        everybody = sorted(cursor.fetchall(), key=lambda row: (naming(row[1]), row[0]))
        rows = _sorted(everybody, by, down=down)[first : None if most is None else first + most]
        asked |= {"units": list(units), "only": None if most is None else [row[0] for row in rows]}
        cursor.execute(_CELLS, asked)
        for enrolment_id, unit, percent, source in cursor.fetchall():
            cells.setdefault(enrolment_id, {})[unit] = percent
            if source is not None:
                given_for.setdefault(enrolment_id, {})[unit] = source
    return [
        GradeLine(key, name, group, state, course, cells.get(key, {}), given_for.get(key, {}))
        for key, name, group, state, course, _percent in rows
    ]


def _sorted(by_name: list[tuple[Any, ...]], by: str, *, down: bool) -> list[tuple[Any, ...]]:
    """Lines that are sorted by name, by what is asked for; who has no percent comes last."""
    if by == BY_NAME:
        return by_name[::-1] if down else by_name
    place = 4 if by == BY_COURSE else 5
    without = [row for row in by_name if row[place] is None]
    with_percent = [row for row in by_name if row[place] is not None]
    # A sort keeps those of one percent in the order of names, turned round or not.
    return sorted(with_percent, key=lambda row: row[place], reverse=down) + without
