"""What learners answered to the surveys of a course: added up in the database, nobody's name read.

Answers count in full groups of `FEWEST` learners of a cohort, in the order of answering: who saves
the figures after each answer learns nothing of the one that was new. For the same reason those of
who left count on. A question that fewer than `FEWEST` of a cohort answered is left out of that
cohort, and of every sum over cohorts too: taken away from a sum it would be known after all.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from chorsu.institutions.models import Person
from chorsu.training.models import Cohort, Enrolment, SurveyAnswer
from chorsu.training.queries.bank import editable
from chorsu.training.queries.cohorts import HOLDING
from chorsu.training.rules.fields import Facts
from chorsu.training.rules.outline import PlacedUnit, placed
from chorsu.training.rules.surveys import FEWEST, SCALE
from chorsu.training.shapes.bank import BankPlace

MOST_TEXTS = 50
"""Free texts of a question that a page shows; a file has all."""

_SAID = """
WITH said AS (
    SELECT taken.cohort_id, taken.unit, pair.key, pair.value
    FROM (
        SELECT enrolment.cohort_id, answer.unit, answer.answers,
            row_number() OVER (
                PARTITION BY enrolment.cohort_id, answer.unit
                ORDER BY answer.answered_at, answer.id
            ) AS place,
            count(*) OVER (PARTITION BY enrolment.cohort_id, answer.unit) AS given
        FROM training_surveyanswer AS answer
        JOIN training_enrolment AS enrolment ON enrolment.id = answer.enrolment_id
        WHERE enrolment.cohort_id = ANY(%(cohorts)s)
    ) AS taken
    CROSS JOIN jsonb_each_text(taken.answers) AS pair
    WHERE taken.place <= taken.given - taken.given %% %(fewest)s
)"""
_COUNTS = (
    _SAID
    + """
SELECT cohort_id, unit, key, CASE WHEN key = ANY(%(texts)s) THEN '' ELSE value END, count(*)
FROM said
GROUP BY 1, 2, 3, 4
"""
)
# Their order is made of the words themselves, and another for each question: it tells neither who
# came first nor which answers to two questions are one person's.
_TEXTS = (
    _SAID  # noqa: S608 - of constants
    + """, enough AS (
    SELECT cohort_id, unit, key FROM said WHERE key = ANY(%(texts)s)
    GROUP BY 1, 2, 3 HAVING count(*) >= %(fewest)s
), shuffled AS (
    SELECT unit, key, value,
        row_number() OVER (
            PARTITION BY unit, key ORDER BY md5(unit || ' ' || key || ' ' || value)
        ) AS place
    FROM said JOIN enough USING (cohort_id, unit, key)
)
SELECT unit, key, value FROM shuffled
WHERE %(most)s::integer IS NULL OR place <= %(most)s
ORDER BY unit, key, place
"""
)


@dataclass(slots=True)
class QuestionResult:
    """A question: how many answered it, and if they are enough: answer -> how many, or the texts.

    The answers to a choice are its numbers from 1, the same in every language.
    """

    key: str
    kind: str
    answered: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        """Whether enough answered."""
        return self.answered >= FEWEST

    @property
    def median(self) -> float | None:
        """Of a scale; between two answers it is half way."""
        if self.kind != "scale" or not self.counts:
            return None
        return float(median(int(one) for one, count in self.counts.items() for _ in range(count)))


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """A survey of a course: how many of those who learn, or left after answering, answered it, and
    each question.
    """

    unit: PlacedUnit
    learners: int
    answered: int
    questions: Sequence[QuestionResult]


def survey_results(
    cohort_ids: Sequence[uuid.UUID], facts: Facts, *, most_texts: int | None = MOST_TEXTS
) -> list[SurveyResult]:
    """The surveys of a course in its order, summed over cohorts that learn it by these facts.

    All who answered count, whatever language they answered in, but who was erased. `most_texts`
    None: all of them. Four queries, none if there is no survey.
    """
    surveys = [one for one in placed(facts) if one.kind == "survey"]
    if not surveys or not cohort_ids:
        return []
    learners = Enrolment.objects.filter(cohort__in=cohort_ids, state__in=HOLDING).count()
    counted = (
        SurveyAnswer.objects.filter(enrolment__cohort__in=cohort_ids)
        .values("unit")
        .annotate(count=Count("pk"), gone=Count("pk", filter=~Q(enrolment__state__in=HOLDING)))
    )
    answered = {unit: (count, gone) for unit, count, gone in counted.values_list(
        "unit", "count", "gone"
    )}  # fmt: skip
    questions = {
        (one.key, asked["key"]): QuestionResult(asked["key"], asked["kind"])
        for one in surveys
        for asked in one.unit["survey"] or ()
    }
    _add_up(questions, cohort_ids, most_texts)
    results = []
    for one in surveys:
        count, gone = answered.get(one.key, (0, 0))
        own = [result for (unit, _key), result in questions.items() if unit == one.key]
        results.append(SurveyResult(one, learners + gone, count, own))
    return results


def _add_up(
    questions: Mapping[tuple[str, str], QuestionResult],
    cohort_ids: Sequence[uuid.UUID],
    most_texts: int | None,
) -> None:
    asked = {
        "cohorts": list(cohort_ids),
        "texts": [key for (_unit, key), one in questions.items() if one.kind == "text"],
        "fewest": FEWEST,
        "most": most_texts,
    }
    by_cohort: dict[tuple[uuid.UUID, str, str], dict[str, int]] = {}
    for cohort_id, unit, key, value, count in _rows(_COUNTS, asked):
        by_cohort.setdefault((cohort_id, unit, key), {})[value] = count
    for (_cohort, unit, key), counts in by_cohort.items():
        found = questions.get((unit, key))
        if found is None:
            continue
        # A question that was of another kind in an earlier revision has answers of that kind.
        kept = {value: count for value, count in counts.items() if _fits(found.kind, value)}
        if sum(kept.values()) < FEWEST:
            continue
        found.answered += sum(kept.values())
        if found.kind != "text":
            for value, count in kept.items():
                found.counts[value] = found.counts.get(value, 0) + count
    for unit, key, text in _rows(_TEXTS, asked):
        if (unit, key) in questions:
            questions[unit, key].texts.append(text)


def _fits(kind: str, value: str) -> bool:
    return kind == "text" or (value in SCALE if kind == "scale" else value.isdecimal())


def _rows(sql: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def surveyed(course_id: str, person: Person) -> tuple[BankPlace, dict[int, list[uuid.UUID]]]:
    """A course for somebody who writes it, and its cohorts at the course's own institution that
    were not called off: revision -> cohorts, the newest revision first.

    Five queries. Raises `NoSuchBank` or `NotAllowed`, as `bank.editable`.
    """
    place = editable(course_id, person)
    rows = Cohort.objects.filter(
        course=uuid.UUID(place.course_id), institution=place.institution_id
    )
    rows = rows.exclude(state=Cohort.State.CANCELLED).order_by("-revision", "starts_on", "id")
    found: dict[int, list[uuid.UUID]] = {}
    for cohort_id, revision in rows.values_list("pk", "revision"):
        found.setdefault(revision, []).append(cohort_id)
    return place, found
