"""Review cards that are due, and how well a cohort remembers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db.models import Avg, Count, F, Q, QuerySet

from chorsu.training.models import Attempt, Cohort, Reminding, Review, ReviewCard
from chorsu.training.queries.learning import LEARNING, NothingToTeach, original_words
from chorsu.training.remembering import Memory, Point, points

A_DAY = 20
"""Cards shown a day: a few minutes."""
STRETCHES = (2, 4, 8, 16, 32, 64)
"""Upper ends, in days, of the stretches of a retention curve; the last of them is open."""
SAME_SITTING = 0.5
"""Days. What is asked for again some minutes later tells of no memory."""
BETWEEN_MAILS = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class CardView:
    """A card that is due; `point`: which of the unit's key points of the original now, from 0;
    `mark` names it whatever its place.
    """

    id: int
    enrolment_id: uuid.UUID
    unit: str
    point: int
    mark: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of reviews after up to `days` days, or (`is_open`) more: how many, how many remembered."""

    days: int
    is_open: bool
    reviews: int
    remembered: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.remembered / self.reviews) if self.reviews else None


@dataclass(frozen=True, slots=True)
class Retention:
    """How well a cohort remembers, beside what its quizzes said."""

    stretches: Sequence[Stretch]
    quiz_percent: Decimal | None


def due_cards(person_id: int, now: datetime) -> list[CardView]:
    """The cards that are due for a person, the longest due first; none of a point that the course
    does not make any more. One query, and what `original_words` takes for a course's first time.
    """
    rows = _due(now).filter(enrolment__person=person_id).order_by("due_at", "id")
    rows = rows.select_related("enrolment__cohort__course").defer(
        "enrolment__cohort__course__facts"
    )
    said: list[CardView] = []
    for row in rows:
        cohort = row.enrolment.cohort
        made = key_points(cohort.course_id, cohort.revision, cohort.course.blob)
        place = place_of(row.point, made.get(row.unit, ()))
        if place is not None:
            memory = memory_of(row)
            said.append(CardView(row.pk, row.enrolment_id, row.unit, place, row.point, memory))
    return said[:A_DAY]


def place_of(mark: str, made: Sequence[Point]) -> int | None:
    """Which of a unit's key points has this mark; None if it makes it no more."""
    return next((place for place, point in enumerate(made) if point.mark == mark), None)


def key_points(course_id: uuid.UUID, revision: int, content: str) -> Mapping[str, Sequence[Point]]:
    """Unit -> the key points that it makes at a revision, in the original; empty if its words are
    not here. Kept as `original_words` keeps them.
    """
    try:
        return _points_made(course_id, revision, content)
    except NothingToTeach:
        return {}


@lru_cache(maxsize=256)
def _points_made(
    course_id: uuid.UUID, revision: int, content: str
) -> Mapping[str, Sequence[Point]]:
    words = original_words(course_id, revision, content)
    units = [field.split(".")[1] for field in words if field.endswith(".key_points")]
    return {unit: points(words[f"units.{unit}.key_points"]) for unit in units}


def people_to_remind(now: datetime) -> list[int]:
    """Who may have to be mailed now: they have cards that are due. One query."""
    silent = Reminding.objects.filter(Q(wanted=False) | Q(mailed_at__gt=now - BETWEEN_MAILS))
    rows = (
        _due(now)
        .filter(enrolment__person__is_active=True)
        .exclude(enrolment__person__in=silent.values("person"))
        .values_list("enrolment__person", flat=True)
        .order_by("enrolment__person")
        .distinct()
    )
    return list(rows)


def is_reminded(person_id: int) -> bool:
    """Whether a person is mailed about cards that are due. One query."""
    return not Reminding.objects.filter(person=person_id, wanted=False).exists()


def retention(cohort_id: uuid.UUID) -> Retention:
    """The retention curve of a cohort, without names. Two queries."""
    rows = Review.objects.filter(card__enrolment__cohort=cohort_id, days_since__isnull=False)
    spans = {
        f"{end}": Q(days_since__gt=start, days_since__lte=end)
        for start, end in zip((SAME_SITTING, *STRETCHES), STRETCHES, strict=False)
    } | {"more": Q(days_since__gt=STRETCHES[-1])}
    counted = rows.aggregate(
        **{
            f"{name}{span}": Count("id", filter=within & more)
            for span, within in spans.items()
            for name, more in (("all", Q()), ("good", Q(rating__gt=1)))
        }
    )
    share = F("points") * 100 / F("most_points")
    scored = Attempt.objects.filter(enrolment__cohort=cohort_id, most_points__gt=0)
    mean = scored.exclude(points=None).aggregate(mean=Avg(share))["mean"]
    return Retention(
        [
            Stretch(end, span == "more", counted[f"all{span}"], counted[f"good{span}"])
            for span, end in zip(spans, (*STRETCHES, STRETCHES[-1]), strict=True)
        ],
        None if mean is None else Decimal(mean).quantize(Decimal("0.1")),
    )


def memory_of(row: ReviewCard) -> Memory:
    """What FSRS knows of a card."""
    return Memory(row.state, row.step, row.stability, row.difficulty, row.due_at, row.reviewed_at)


def _due(now: datetime) -> QuerySet[ReviewCard]:
    return ReviewCard.objects.filter(
        due_at__lte=now, enrolment__state__in=LEARNING, enrolment__cohort__course__withdrawn_at=None
    ).exclude(enrolment__cohort__state=Cohort.State.CANCELLED)
