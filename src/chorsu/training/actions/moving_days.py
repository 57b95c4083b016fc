"""A cohort's new days and its sessions: none is left outside them, all may move along."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from chorsu.training.errors.cohorts import SessionsOutside
from chorsu.training.models import Attendance, Cohort, Session


def fit_sessions(
    cohort: Cohort, starts_on: date, ends_on: date, *, move: bool, now: datetime
) -> int:
    """See to it that the sessions of a cohort are within its new days; how many were moved.

    With `move`, those that nobody's attendance was noted for move by as many days as the first
    day does. Raises `SessionsOutside` where one would be outside; then nothing has changed.
    """
    if (starts_on, ends_on) == (cohort.starts_on, cohort.ends_on):
        return 0
    by = starts_on - cohort.starts_on
    rows = list(Session.objects.select_for_update().filter(cohort=cohort))
    held = set(Attendance.objects.filter(session__cohort=cohort).values_list("session", flat=True))
    movable = [row for row in rows if by and row.pk not in held]

    def outside(*, moved: bool) -> list[Session]:
        days = {row.pk: _day(row.starts_at) for row in rows}
        if moved:
            days |= {row.pk: days[row.pk] + by for row in movable}
        return [row for row in rows if not starts_on <= days[row.pk] <= ends_on]

    if wrong := outside(moved=move):
        raise SessionsOutside(
            [(row.title, timezone.localtime(row.starts_at)) for row in wrong],
            days=by.days,
            moves=0 if outside(moved=True) else len(movable),
        )
    if not move:
        return 0
    for row in movable:
        row.starts_at, row.ends_at = _later(row.starts_at, by), _later(row.ends_at, by)
        row.changes += 1
        row.changed_at = now
    Session.objects.bulk_update(movable, ["starts_at", "ends_at", "changes", "changed_at"])
    return len(movable)


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _later(moment: datetime, by: timedelta) -> datetime:
    """The same hour of the clock so many days later, also where clocks change between."""
    here = timezone.localtime(moment).replace(tzinfo=None) + by
    return timezone.make_aware(here)
