"""Review cards: begun when a unit is done, answered, and the mails about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from chorsu.training.models import Reminding, Review, ReviewCard
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.remembering import memory_of
from chorsu.training.remembering import RATINGS, begun, days_since, reviewed


class NoSuchCard(LookupError):  # noqa: N818 - says what is wrong
    """The learner has no such card, or it was answered with none of the ratings."""


def begin_cards(*, learner: LearnerView, unit: str, points: int, now: datetime) -> None:
    """Make the cards of a unit's key points; those that are there stay as they are."""
    memory = begun(now)
    ReviewCard.objects.bulk_create(
        [
            ReviewCard(
                enrolment_id=learner.id, unit=unit, point=point, state=memory.state,
                step=memory.step, due_at=memory.due_at,
            )
            for point in range(points)
        ],
        ignore_conflicts=True,
    )  # fmt: skip


@transaction.atomic
def review(
    *, learner: LearnerView, unit: str, point: int, rating: int, key: uuid.UUID, now: datetime
) -> None:
    """Note an answer to a card and schedule it. With a `key` that is known nothing is changed.

    Raises `NoSuchCard`.
    """
    rows = ReviewCard.objects.select_for_update()
    row = rows.filter(enrolment=learner.id, unit=unit, point=point).first()
    if row is None or rating not in RATINGS:
        raise NoSuchCard(f"{unit} {point}")
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
