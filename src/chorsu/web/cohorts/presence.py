"""Attendance by session and hours by form of one cohort: as pictures and as rows."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chorsu.training.queries.attendance import CohortAttendance
from chorsu.training.queries.cohorts import FORM_LABELS, CohortView
from chorsu.training.queries.rosters import AttendanceState
from chorsu.training.rules.fields import FORMS
from chorsu.web.cohorts.charts import Chart, chart, short
from chorsu.web.cohorts.csvs import Table
from chorsu.web.locales import format_moment, format_number, page_language

_STATES = (AttendanceState.PRESENT, AttendanceState.EXCUSED, AttendanceState.ABSENT)


def attendance_chart(there: CohortAttendance) -> Chart:
    """A bar for each session: present, excused, absent; at its end the percent present."""
    here = page_language().tag
    rows = [
        (short(one.title), [one.present, one.excused, one.absent],
         f"{format_number(one.percent, here)} %")
        for one in there.sessions
    ]  # fmt: skip
    return chart(rows, [str(state.label) for state in _STATES])


def attendance_table(there: CohortAttendance) -> Table:
    """Head and rows for a spreadsheet."""
    here = page_language().tag
    head = [
        _("Session"), _("Begins"), _("Form of teaching"), _("Group"), _("Hours held"),
        *(state.label for state in _STATES), _("Percent"),
    ]  # fmt: skip
    rows = [
        (
            one.title, format_moment(one.starts_at, here), FORM_LABELS[one.form], one.group,
            one.hours, one.present, one.excused, one.absent, one.percent,
        )
        for one in there.sessions
    ]  # fmt: skip
    return head, rows


def hours_rows(there: CohortAttendance, view: CohortView) -> list[tuple[str, int, int, float]]:
    """(form, hours of the course, learners' hours, mean of those who hold a place) of each form
    that the course has hours of or learners got hours in; none at all while nothing is counted.
    """
    if not any(there.hours.values()):
        return []
    planned: dict[str, int] = {form: view.hours[form] for form in FORMS}  # type: ignore[literal-required]
    return [
        (
            str(FORM_LABELS[form]), planned[form], there.hours[form],
            round(there.hours[form] / max(1, view.line.taken), 1),
        )
        for form in FORMS
        if planned[form] or there.hours[form]
    ]  # fmt: skip


def hours_head() -> list[str]:
    """What the columns of `hours_rows` are called."""
    return [
        _("Form of teaching"), _("Hours of the course"), _("Learners' hours"),
        _("Mean of a learner"),
    ]  # fmt: skip


def hours_chart(there: CohortAttendance, view: CohortView) -> Chart:
    """A bar for each form: learners' hours added up."""
    here = page_language().tag
    rows = [
        (short(form), [total], format_number(total, here))
        for form, _planned, total, _mean in hours_rows(there, view)
    ]
    return chart(rows, [_("Learners' hours")])
