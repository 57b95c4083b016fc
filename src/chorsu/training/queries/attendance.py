"""Attendance of one cohort and its learners' hours by form, for those who run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from chorsu.training.models import Attendance, Session
from chorsu.training.queries.cohorts import HOLDING
from chorsu.training.queries.hours import hours_alone
from chorsu.training.rules.fields import FORMS

_STATES = (Attendance.State.PRESENT, Attendance.State.EXCUSED, Attendance.State.ABSENT)


@dataclass(frozen=True, slots=True)
class SessionPresence:
    """A session of whose learners something was said: of how many what; `hours` of each."""

    id: UUID
    title: str
    starts_at: datetime
    form: str
    group: str
    hours: int
    present: int
    excused: int
    absent: int

    @property
    def marked(self) -> int:
        return self.present + self.excused + self.absent

    @property
    def percent(self) -> int:
        """Of those of whom something was said, how many were there."""
        return round(100 * self.present / self.marked)


@dataclass(frozen=True, slots=True)
class CohortAttendance:
    """`sessions` that were marked, in order; `hours` by form: learners' hours added up."""

    sessions: Sequence[SessionPresence]
    hours: Mapping[str, int]


def attendance(cohort_id: UUID) -> CohortAttendance:
    """Of one cohort and those who hold a place in it. Four queries.

    Hours are those of sessions in which learners were present, and of self-study those that count
    with a result.
    """
    marks: dict[UUID, dict[str, int]] = {}
    said = (
        Attendance.objects.filter(session__cohort=cohort_id, enrolment__state__in=HOLDING)
        .order_by()
        .values("session", "state")
        .annotate(count=Count("pk"))
        .values_list("session", "state", "count")
    )
    for session, state, count in said:
        marks.setdefault(session, {})[state] = count
    rows = Session.objects.filter(cohort=cohort_id, pk__in=marks).order_by("starts_at", "id")
    found = [
        SessionPresence(
            row.pk, row.title, row.starts_at, row.form, row.group, row.hours,
            *(marks[row.pk].get(state, 0) for state in _STATES),
        )
        for row in rows
    ]  # fmt: skip
    hours = dict.fromkeys(FORMS, 0)
    for one in found:
        hours[one.form] += one.present * one.hours
    hours["self_study"] += sum(hours_alone(Q(cohort=cohort_id)).values())
    return CohortAttendance(found, hours)
