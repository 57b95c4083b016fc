"""Attendance of one cohort and its learners' hours by form, for those who run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from chorsu.training.models import Attendance, Session
from chorsu.training.queries.hours import hours_alone
from chorsu.training.rules.fields import FORMS

_State = Attendance.State


@dataclass(frozen=True, slots=True)
class SessionPresence:
    """A session in numbers: learners of whom each was said; `hours` academic hours of each."""

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
        return round(100 * self.present / self.marked) if self.marked else 0


@dataclass(frozen=True, slots=True)
class CohortAttendance:
    """`sessions` that were marked, in order; `hours` by form: learners' hours added up."""

    sessions: Sequence[SessionPresence]
    hours: Mapping[str, int]


def attendance(cohort_id: UUID) -> CohortAttendance:
    """Of one cohort. Three queries.

    Hours are those of sessions in which learners were present, and of self-study those that count
    with a result.
    """

    def said(state: str) -> Count:
        return Count("attendance", filter=Q(attendance__state=state))

    rows = (
        Session.objects.filter(cohort=cohort_id)
        .annotate(
            present=said(_State.PRESENT), excused=said(_State.EXCUSED), absent=said(_State.ABSENT)
        )
        .order_by("starts_at", "id")
    )
    found = [
        SessionPresence(
            row.pk, row.title, row.starts_at, row.form, row.group, row.hours, row.present,
            row.excused, row.absent,
        )
        for row in rows
    ]  # fmt: skip
    hours = dict.fromkeys(FORMS, 0)
    for one in found:
        hours[one.form] += one.present * one.hours
    hours["self_study"] += sum(hours_alone(Q(cohort=cohort_id)).values())
    return CohortAttendance([one for one in found if one.marked], hours)
