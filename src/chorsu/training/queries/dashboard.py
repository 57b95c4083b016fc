"""Figures of training for those who answer for it; each by one query over all of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractMonth

from chorsu.training.models import Attendance, Cohort, Enrolment, Session
from chorsu.training.queries.hours import hours_alone
from chorsu.training.rules.fields import FORMS

State = Enrolment.State


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """A cohort in numbers. `present` and `marked` count learners' academic hours in sessions."""

    id: UUID
    name: str
    learning: int
    passed: int
    failed: int
    left: int
    present: int
    marked: int

    @property
    def attendance(self) -> int | None:
        """Percent of marked hours in which learners were there; None: nothing was marked."""
        return round(100 * self.present / self.marked) if self.marked else None


@dataclass(frozen=True, slots=True)
class Figures:
    """A year: `hours` maps month (1 to 12) to learners' hours by form."""

    cohorts: tuple[CohortFigures, ...]
    hours: Mapping[int, Mapping[str, int]]


def years(institution_id: str) -> list[int]:
    """The years in which cohorts of the institution began, the newest first. One query."""
    found = Cohort.objects.filter(institution=institution_id).dates("starts_on", "year", "DESC")
    return [day.year for day in found]


def figures(institution_id: str, year: int) -> Figures:
    """The cohorts of an institution that began in a year, and hours given in it. Three queries."""
    cohorts = Cohort.objects.filter(institution=institution_id, starts_on__year=year).exclude(
        state=Cohort.State.CANCELLED
    )

    def count(*states: State) -> Count:
        return Count("enrolments", filter=Q(enrolments__state__in=states))

    counted = cohorts.order_by("starts_on", "id").annotate(
        learning=count(State.ADMITTED),
        passed=count(State.PASSED),
        failed=count(State.FAILED),
        left=count(State.LEFT),
    )
    marks = {
        cohort: (present or 0, marked)
        for cohort, present, marked in Attendance.objects.filter(session__cohort__in=cohorts)
        .order_by()
        .values("session__cohort")
        .annotate(
            present=Sum("session__hours", filter=Q(state=Attendance.State.PRESENT)),
            marked=Sum("session__hours"),
        )
        .values_list("session__cohort", "present", "marked")
    }
    rows = []
    for row in counted:
        present, marked = marks.get(row.pk, (0, 0))
        rows.append(
            CohortFigures(
                row.pk, row.name, row.learning, row.passed, row.failed, row.left, present, marked
            )
        )
    return Figures(tuple(rows), _hours(institution_id, year))


def _hours(institution_id: str, year: int) -> dict[int, dict[str, int]]:
    """Of sessions in their month; alone with a course in the month its cohort ended."""
    sessions = Session.objects.filter(
        cohort__institution=institution_id,
        starts_at__year=year,
        attendance__state=Attendance.State.PRESENT,
    )
    summed = (
        sessions.order_by()
        .annotate(month=ExtractMonth("starts_at"))
        .values("month", "form")
        .annotate(total=Sum("hours"))
        .values_list("month", "form", "total")
    )
    found = {month: dict.fromkeys(FORMS, 0) for month in range(1, 13)}
    for month, form, total in summed:
        found[month][form] = total
    alone = hours_alone(Q(cohort__institution=institution_id, cohort__ends_on__year=year))
    for (_cohort, ends_on), total in alone.items():
        found[ends_on.month]["self_study"] += total
    return found
