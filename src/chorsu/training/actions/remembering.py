"""Review cards: begun when a unit is done, answered, and the mails about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from chorsu.training.models import Cohort, Enrolment, Reminding, Review, ReviewCard, UnitState
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.remembering import memory_of
from chorsu.training.remembering import (
    FIRST_AFTER,
    RATINGS,
    Point,
    begun,
    days_since,
    reviewed,
    reworded,
)


class NoSuchCard(LookupError):  # noqa: N818 - says what is wrong
    """The learner has no such card, or it was answered with none of the ratings."""


def begin_cards(*, learner: LearnerView, unit: str, points: Sequence[Point], now: datetime) -> None:
    """Make the cards of a unit's key points; those that are there stay as they are."""
    _begin([(learner.id, unit)], {unit: points}, now)


def follow_revision(
    *,
    cohort: Cohort,
    before: Mapping[str, Sequence[Point]],
    after: Mapping[str, Sequence[Point]],
    now: datetime,
) -> None:
    """Have the cards of a cohort go along with a revision, in the caller's transaction; `before`
    and `after` map units to their key points.

    Who has done a unit gets cards of the points that came. What is said in other words keeps its
    memory, and is asked for on the next day at the latest. Cards of points that went stay, for
    they may come again.
    """
    cards = ReviewCard.objects.filter(enrolment__cohort=cohort)
    for unit, points in after.items():
        for was, point in reworded(before.get(unit, ()), points).items():
            # One that came again has its own card.
            there = cards.filter(unit=unit, point=point).values("enrolment")
            moved = cards.filter(unit=unit, point=was).exclude(enrolment__in=there)
            moved.filter(due_at__gt=now + FIRST_AFTER).update(due_at=now + FIRST_AFTER)
            moved.update(point=point)
    done = UnitState.objects.filter(
        enrolment__cohort=cohort,
        enrolment__state=Enrolment.State.ADMITTED,
        unit__in=list(after),
        done_at__isnull=False,
    )
    _begin(list(done.values_list("enrolment_id", "unit")), after, now)


def _begin(
    places: Sequence[tuple[uuid.UUID, str]],
    points: Mapping[str, Sequence[Point]],
    now: datetime,
) -> None:
    memory = begun(now)
    ReviewCard.objects.bulk_create(
        [
            ReviewCard(
                enrolment_id=enrolment, unit=unit, point=mark, state=memory.state,
                step=memory.step, due_at=memory.due_at,
            )
            for enrolment, unit in places
            for mark in dict.fromkeys(point.mark for point in points[unit])
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )  # fmt: skip


@transaction.atomic
def review(*, learner: LearnerView, card: int, rating: int, key: uuid.UUID, now: datetime) -> None:
    """Note an answer to a card (its id) and schedule it; with a known `key` nothing is changed.

    Raises `NoSuchCard`.
    """
    rows = ReviewCard.objects.select_for_update()
    row = rows.filter(enrolment=learner.id, pk=card).first()
    if row is None or rating not in RATINGS:
        raise NoSuchCard(str(card))
    if Review.objects.filter(key=key).exists():
        return
    memory = memory_of(row)
    Review.objects.create(
        card=row, key=key, rating=rating, at=now, days_since=days_since(memory, now)
    )
    after = reviewed(memory, rating, now)
    row.state, row.step = after.state, after.step
    row.stability, row.difficulty = after.stability, after.difficulty
    row.due_at, row.reviewed_at = after.due_at, after.reviewed_at
    row.save()


def set_reminding(*, person_id: int, wanted: bool) -> None:
    """Whether a person is mailed about cards that are due."""
    Reminding.objects.update_or_create(person_id=person_id, defaults={"wanted": wanted})


@transaction.atomic
def remind(*, person_id: int, send: Callable[[], None], now: datetime) -> bool:
    """Mail a person, and remember that; False if that is not wanted any more.

    The row is held while the mail goes out: two workers do not mail the same person twice, and a
    mail that fails (`send` raises) is not remembered.
    """
    Reminding.objects.bulk_create([Reminding(person_id=person_id)], ignore_conflicts=True)
    row = Reminding.objects.select_for_update().get(person=person_id)
    if not row.wanted or (row.mailed_at is not None and row.mailed_at >= now):
        return False
    send()
    row.mailed_at = now
    row.save(update_fields=["mailed_at"])
    return True
