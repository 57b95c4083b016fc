"""What quizzes said of competences: added up in the database, without anybody's name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from chorsu.training.models import Cohort
from chorsu.training.rules.results import ENOUGH_POINTS

_SUMS = """
WITH newest AS (
    -- Of each learner and quiz the newest scored attempt, as suggestions are made from it.
    SELECT DISTINCT ON (attempt.enrolment_id, attempt.unit)
        attempt.enrolment_id, attempt.by_competence
    FROM training_attempt AS attempt
    JOIN training_enrolment AS enrolment ON enrolment.id = attempt.enrolment_id
    WHERE enrolment.cohort_id = ANY(%s) AND attempt.points IS NOT NULL
    ORDER BY attempt.enrolment_id, attempt.unit, attempt.number DESC
), learner AS (
    SELECT enrolment_id, pair.key AS code,
        sum((pair.value ->> 0)::numeric) AS points, sum((pair.value ->> 1)::numeric) AS most
    FROM newest, jsonb_each(by_competence) AS pair
    WHERE pair.key <> ''
    GROUP BY enrolment_id, pair.key
)
SELECT code, count(*), round(avg(100 * points / most), 1),
    count(*) FILTER (WHERE 100 * points / most < %s)
FROM learner
WHERE most >= %s
GROUP BY code
ORDER BY 3, code
"""


@dataclass(frozen=True, slots=True)
class CompetenceResult:
    """A competence: learners assessed in it, the mean of their percents, how many are below the
    pass mark.
    """

    code: str
    learners: int
    percent: float
    weak: int


def by_competence(cohort_ids: Collection[UUID], pass_percent: int) -> list[CompetenceResult]:
    """The weakest first; of a learner only what was asked for `ENOUGH_POINTS` counts. One query."""
    if not cohort_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [list(cohort_ids), pass_percent, ENOUGH_POINTS])
        rows = cursor.fetchall()
    return [
        CompetenceResult(code, learners, float(percent), weak)
        for code, learners, percent, weak in rows
    ]


def cohorts_of(institution_id: str, year: int) -> list[UUID]:
    """The cohorts of an institution that began in a year and were not called off. One query."""
    rows = Cohort.objects.filter(institution=institution_id, starts_on__year=year)
    return list(rows.exclude(state=Cohort.State.CANCELLED).values_list("pk", flat=True))
