"""Hours that were attended."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chorsu.training.models import Attendance
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.recognition import add, no_hours


def attended_hours(enrolment_ids: Sequence[UUID]) -> dict[UUID, Hours]:
    """Academic hours by form of the sessions in which each was present. One query."""
    marks = Attendance.objects.filter(
        enrolment__in=enrolment_ids, state=Attendance.State.PRESENT
    ).values_list("enrolment_id", "session__form", "session__hours")
    found: dict[UUID, Hours] = {}
    for enrolment, form, hours in marks:
        part = no_hours()
        part[form] = hours  # type: ignore[literal-required]
        found[enrolment] = add([found.get(enrolment, no_hours()), part])
    return found
