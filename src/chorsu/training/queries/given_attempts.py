"""Attempts as those who teach read them: whose, beside which others, how people marked them.

Whoever marks is not told whose answer it is: what of an attempt waits for a mark is read where it
is marked and not here (`waits`), and marks are told once all of them are given.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from chorsu.institutions.models import Person
from chorsu.institutions.queries import reading_languages
from chorsu.training.models import AnswerMark, Attempt, Enrolment, ExtraTime
from chorsu.training.queries.attempts import AttemptView, NoSuchAttempt, attempt_view
from chorsu.training.queries.cohorts import HOLDING

# In the order of the gradebook; those of one learner as they were begun.
_BESIDE = """
SELECT before_of, before, after_of, after
FROM (
    SELECT attempt.id,
        lag(attempt.enrolment_id) OVER names AS before_of, lag(attempt.id) OVER names AS before,
        lead(attempt.enrolment_id) OVER names AS after_of, lead(attempt.id) OVER names AS after
    FROM training_attempt AS attempt
    JOIN training_enrolment AS enrolment ON enrolment.id = attempt.enrolment_id
    JOIN institutions_person AS person ON person.id = enrolment.person_id
    WHERE enrolment.cohort_id = %(cohort)s AND enrolment.state = ANY(%(states)s)
        AND attempt.unit = %(unit)s AND attempt.handed_in_at IS NOT NULL
    WINDOW names AS (
        ORDER BY lower(coalesce(nullif(person.name, ''), nullif(person.email, ''), person.home)),
            enrolment.id, attempt.number
    )
) AS placed
WHERE id = %(attempt)s
"""


@dataclass(frozen=True, slots=True)
class GivenMark:
    """What one person gave an answer: points by the row of the rubric, or of the one field."""

    marker: str
    points: Mapping[str, Decimal]
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class Beside:
    """The attempts before and after one among those at its quiz, as (enrolment, attempt)."""

    before: tuple[uuid.UUID, uuid.UUID] | None
    after: tuple[uuid.UUID, uuid.UUID] | None


def waits(tried: AttemptView) -> bool:
    """Whether something of it waits for a marker, who is not told whose it is."""
    return tried.handed_in_at is not None and tried.points is None


def given_attempt(enrolment: Enrolment, attempt_id: uuid.UUID) -> AttemptView:
    """An attempt of somebody who holds a place in a cohort. One query. Raises `NoSuchAttempt`."""
    row = Attempt.objects.filter(pk=attempt_id, enrolment=enrolment.pk).first()
    if row is None or enrolment.state not in HOLDING:
        raise NoSuchAttempt(str(attempt_id))
    return attempt_view(row)


def beside(cohort_id: uuid.UUID, tried: AttemptView) -> Beside:
    """What stands before and after an attempt that is handed in, by the names of the learners. One
    query.
    """
    asked: dict[str, Any] = {
        "cohort": cohort_id, "unit": tried.unit, "attempt": tried.id,
        "states": [state.value for state in HOLDING],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, asked)
        row = cursor.fetchone()
    if row is None:
        return Beside(None, None)
    before_of, before, after_of, after = row
    return Beside((before_of, before) if before else None, (after_of, after) if after else None)


def marks_of(attempt_id: uuid.UUID) -> dict[str, Sequence[GivenMark]]:
    """Question -> its marks, in the order they were given; of those that have all. One query."""
    rows = AnswerMark.objects.filter(answer__attempt=attempt_id, answer__points__isnull=False)
    found: dict[str, list[GivenMark]] = {}
    for row in rows.select_related("marker", "answer").order_by("marked_at", "pk"):
        points = {key: Decimal(value) for key, value in row.points.items()}
        one = GivenMark(str(row.marker) if row.marker else "", points, row.marked_at)
        found.setdefault(row.answer.item, []).append(one)
    return {**found}


def extra_time_then(enrolment_id: uuid.UUID, at: datetime) -> int:
    """How much more time, in percent, a learner had been given by then, as far as it is what they
    have now. One query.
    """
    rows = ExtraTime.objects.filter(enrolment=enrolment_id, given_at__lte=at)
    return rows.values_list("percent", flat=True).first() or 0


def languages_read(person: Person, said: Sequence[str]) -> list[str]:
    """In which languages somebody read an attempt, best first: those of their answers (`said`), the
    most frequent first, then those that they read in.
    """
    by_count = sorted(dict.fromkeys(said), key=lambda tag: -list(said).count(tag))
    return list(dict.fromkeys([*by_count, *reading_languages(person)]))
