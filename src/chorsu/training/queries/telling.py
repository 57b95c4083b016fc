"""What a learning record store is still to be told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chorsu.training.models import Statement


@dataclass(frozen=True, slots=True)
class StatementView:
    """Something a learner did; `person_id` never leaves the node."""

    id: uuid.UUID
    person_id: int
    course_id: uuid.UUID
    cohort_id: uuid.UUID
    unit: str
    verb: str
    item: str
    percent: Decimal | None
    happened_at: datetime


def untold(*, now: datetime, limit: int) -> list[StatementView]:
    """The oldest that are due, held for the caller's transaction; another worker's are left out."""
    rows = (
        Statement.objects.select_for_update(skip_locked=True, of=["self"])
        .filter(next_at__lte=now)
        .select_related("enrolment__cohort")
        .order_by("next_at", "id")[:limit]
    )
    return [
        StatementView(
            row.pk, row.enrolment.person_id, row.enrolment.cohort.course_id,
            row.enrolment.cohort_id, row.unit, row.verb, row.item, row.percent, row.happened_at,
        )
        for row in rows
    ]  # fmt: skip
