"""Review cards that are due, and how well a cohort remembers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, QuerySet

from chorsu.training.models import Attempt, Reminding, Review, ReviewCard
from chorsu.training.queries.learning import LEARNING
from chorsu.training.remembering import Memory

A_DAY = 20
"""Cards shown a day: a few minutes."""
STRETCHES = (2, 4, 8, 16, 32, 64)
"""Upper ends, in days, of the stretches of a retention curve."""
BETWEEN_MAILS = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class CardView:
    """A card that is due; `point`: which of the unit's key points, from 0."""

    enrolment_id: uuid.UUID
    unit: str
    point: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of reviews after up to `days` days: how many, and how many were remembered."""

    days: int
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
    """The cards that are due for a person, the longest due first. One query."""
    rows = _due(now).filter(enrolment__person=person_id).order_by("due_at", "id")[:A_DAY]
    return [CardView(row.enrolment_id, row.unit, row.point, memory_of(row)) for row in rows]


def people_to_remind(now: datetime) -> list[tuple[int, int]]:
    """(person, cards due) of those who are to be mailed now. One query."""
    silent = Reminding.objects.filter(Q(wanted=False) | Q(mailed_at__gt=now - BETWEEN_MAILS))
    rows = (
        _due(now)
        .filter(enrolment__person__is_active=True)
        .exclude(enrolment__person__in=silent.values("person"))
        .values("enrolment__person")
        .annotate(number=Count("id"))
        .order_by("enrolment__person")
    )
    return [(row["enrolment__person"], row["number"]) for row in rows]


def is_reminded(person_id: int) -> bool:
    """Whether a person is mailed about cards that are due. One query."""
    return not Reminding.objects.filter(person=person_id, wanted=False).exists()


def retention(cohort_id: uuid.UUID) -> Retention:
    """The retention curve of a cohort, without names. Two queries."""
    rows = Review.objects.filter(card__enrolment__cohort=cohort_id, days_since__isnull=False)
    edges = (0, *STRETCHES)
    counted = rows.aggregate(
        **{
            f"{name}{end}": Count("id", filter=Q(days_since__gt=start, days_since__lte=end) & more)
            for start, end in zip(edges, STRETCHES, strict=False)
            for name, more in (("all", Q()), ("good", Q(rating__gt=1)))
        }
    )
    share = F("points") * 100 / F("most_points")
    scored = Attempt.objects.filter(enrolment__cohort=cohort_id, most_points__gt=0)
    mean = scored.exclude(points=None).aggregate(mean=Avg(share))["mean"]
    return Retention(
        [Stretch(end, counted[f"all{end}"], counted[f"good{end}"]) for end in STRETCHES],
        None if mean is None else Decimal(mean).quantize(Decimal("0.1")),
    )


def memory_of(row: ReviewCard) -> Memory:
    """What FSRS knows of a card."""
    return Memory(row.state, row.step, row.stability, row.difficulty, row.due_at, row.reviewed_at)


def _due(now: datetime) -> QuerySet[ReviewCard]:
    return ReviewCard.objects.filter(due_at__lte=now, enrolment__state__in=LEARNING)
