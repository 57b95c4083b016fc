"""Results that come from outside the course: of labs, and of external tools."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from chorsu.kernel.text import normalise
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.results import note_result
from chorsu.training.models import Enrolment, OutsideResult
from chorsu.training.queries.learning import LearnerView

MAX_COMMENT = 4_000


@transaction.atomic
def keep_try(
    *,
    learner: LearnerView,
    unit: str,
    choices: Mapping[str, int],
    percent: Decimal,
    now: datetime,
) -> None:
    """Keep what a learner chose in a lab, and the best score so far. Raises `CourseClosed`.

    `percent` was reckoned from the choices by the node, never told by a browser.
    """
    if not learner.open:
        raise CourseClosed(str(learner.id))
    row = _row(learner.id, unit, now)
    row.choices = dict(choices)
    row.tries += 1
    row.percent = percent if row.percent is None else max(percent, row.percent)
    row.scored_at = row.changed_at = now
    row.save()
    note_result(enrolment_id=learner.id, unit=unit, now=now)


@transaction.atomic
def take_score(
    *,
    enrolment_id: uuid.UUID,
    unit: str,
    percent: Decimal | None,
    comment: str,
    scored_at: datetime,
    now: datetime,
) -> bool:
    """Take the score an external tool gives; False if a newer one is there already.

    `percent` None takes the score back. Raises `CourseClosed` once the course has its result.
    """
    row = _row(enrolment_id, unit, now)
    state = Enrolment.objects.values_list("state", flat=True).get(pk=enrolment_id)
    if state != Enrolment.State.ADMITTED:
        raise CourseClosed(str(enrolment_id))
    if row.scored_at is not None and scored_at <= row.scored_at:
        return False
    row.percent, row.comment = percent, normalise(comment)[:MAX_COMMENT]
    row.scored_at, row.changed_at = scored_at, now
    row.save()
    note_result(enrolment_id=enrolment_id, unit=unit, now=now, done=percent is not None)
    return True


def _row(enrolment_id: uuid.UUID, unit: str, now: datetime) -> OutsideResult:
    """The row of this unit, locked; made if there is none."""
    fresh = OutsideResult(enrolment_id=enrolment_id, unit=unit, changed_at=now)
    OutsideResult.objects.bulk_create([fresh], ignore_conflicts=True)
    return OutsideResult.objects.select_for_update().get(enrolment=enrolment_id, unit=unit)
