"""What follows from a unit's result: the unit is done, and the course may have a result."""

from __future__ import annotations

import uuid
from datetime import datetime

from chorsu.training.actions.telling import tell, tell_learning_system
from chorsu.training.models import CourseRevision, Enrolment, UnitState
from chorsu.training.queries.attempts import attempts, unit_percents
from chorsu.training.rules.outline import placed
from chorsu.training.rules.results import course_percent


def note_result(*, enrolment_id: uuid.UUID, unit: str, now: datetime, done: bool = True) -> None:
    """Mark a unit done and reckon the result of the course anew; in the caller's transaction.

    With `done=False` only the sum is made anew: a score was taken back. The enrolment is locked,
    so that two results that come at once are both in the sum.
    """
    row = (
        Enrolment.objects.select_for_update(of=["self"])
        .select_related("cohort", "person")
        .get(pk=enrolment_id)
    )
    if done:
        _set_done(enrolment_id, unit, now)
    tell_learning_system(row)
    facts = (
        CourseRevision.objects.filter(course=row.cohort.course_id, revision=row.cohort.revision)
        .values_list("facts", flat=True)
        .first()
    )
    if facts is None:
        return
    if row.state != Enrolment.State.ADMITTED:
        # The result was set by people; what is marked later does not change it.
        return
    percents = unit_percents(enrolment_id, attempts(enrolment_id))
    if unit in percents:
        tell(enrolment_id=enrolment_id, unit=unit, verb="scored", percent=percents[unit], now=now)
    row.result_percent = course_percent(placed(facts), percents)
    row.save(update_fields=["result_percent"])


def _set_done(enrolment_id: uuid.UUID, unit: str, now: datetime) -> None:
    UnitState.objects.bulk_create(
        [UnitState(enrolment_id=enrolment_id, unit=unit, seen_at=now)], ignore_conflicts=True
    )
    rows = UnitState.objects.filter(enrolment=enrolment_id, unit=unit, done_at=None)
    if rows.update(done_at=now):
        tell(enrolment_id=enrolment_id, unit=unit, verb="completed", now=now)
