"""Hours that were attended, and those alone with a course that count with its result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, Sum

from chorsu.training.models import Attendance, Enrolment
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


def hours_alone(cohorts: Q) -> dict[tuple[UUID, date], int]:
    """(cohort, its last day) -> learners' hours of self-study that count because they passed.

    They are written down when the cohort is finished, as the ledger and the certificate have them.
    Hours of sessions of self-study are not among them: those are attended. `cohorts` is asked of
    enrolments (`cohort=...`). Two queries.
    """
    passed = Enrolment.objects.filter(cohorts, state=Enrolment.State.PASSED)
    passed = passed.exclude(self_study=None)
    written = (
        passed.order_by()
        .values("cohort", "cohort__ends_on")
        .annotate(total=Sum("self_study"))
        .values_list("cohort", "cohort__ends_on", "total")
    )
    attended = dict(
        Attendance.objects.filter(
            enrolment__in=passed, state=Attendance.State.PRESENT, session__form="self_study"
        )
        .order_by()
        .values("session__cohort")
        .annotate(total=Sum("session__hours"))
        .values_list("session__cohort", "total")
    )
    # What was attended may be deleted by now, or changed after the hours were written down.
    return {
        (cohort, day): max(0, total - attended.get(cohort, 0)) for cohort, day, total in written
    }
