"""What labs and external tools gave a learner."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chorsu.training.models import OutsideResult


@dataclass(frozen=True, slots=True)
class OutsideView:
    """A result from outside; `choices` are those last tried in a lab, `percent` its best."""

    choices: Mapping[str, int]
    tries: int
    percent: Decimal | None
    comment: str
    scored_at: datetime | None


def outside_result(enrolment_id: uuid.UUID, unit: str) -> OutsideView | None:
    """The result of a unit, None before there is any. One query."""
    row = OutsideResult.objects.filter(enrolment=enrolment_id, unit=unit).first()
    if row is None:
        return None
    return OutsideView(row.choices, row.tries, row.percent, row.comment, row.scored_at)
