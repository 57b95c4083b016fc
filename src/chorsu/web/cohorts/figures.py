"""A cohort in figures, for those who run it: progress, attendance, hours by form, competences, what
is remembered, certificates due to expire; each drawn, listed, as CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chorsu.kernel.clock import utc_now
from chorsu.kernel.transliteration import sort_key
from chorsu.labs.contract import Chart as Lines
from chorsu.labs.contract import Series
from chorsu.training.queries.attendance import attendance
from chorsu.training.queries.cohorts import CohortView
from chorsu.training.queries.competences import CompetenceResult, by_competence
from chorsu.training.queries.expiring import expiring_in
from chorsu.training.queries.progress import LearnerProgress, Progress, learners, progress
from chorsu.training.queries.remembering import Retention, Stretch, retention
from chorsu.training.rules.framework import framework
from chorsu.training.rules.progress import BEHIND
from chorsu.training.rules.results import DEFAULT_PASS
from chorsu.web.cohorts.charts import Chart, chart, short
from chorsu.web.cohorts.csvs import Table, table
from chorsu.web.cohorts.expiring import by_what, expiring_chart, stretch_names
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort, today
from chorsu.web.cohorts.presence import (
    attendance_chart,
    attendance_table,
    hours_chart,
    hours_head,
    hours_rows,
)
from chorsu.web.learning.line_charts import LineChart, line_chart
from chorsu.web.locales import format_moment, format_number, page_language
from chorsu.web.paging import PAGE, page_of


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The figures of one cohort today."""
    view = run_cohort(request, cohort_id)
    found = progress(cohort_id, today())
    first, pages = page_of(request, found.behind)
    naming = sort_key(page_language().tag)
    late = learners(
        cohort_id, found, first=first, most=min(PAGE, found.behind - first), naming=naming
    )
    results = by_competence([cohort_id], pass_mark(view))
    kept = retention(cohort_id)
    there = attendance(cohort_id)
    ending = by_what(expiring_in(cohort_id, utc_now()), "body")
    context = frame(request, view) | {
        "progress": found,
        "late": late,
        "pages": pages,
        "allowed": BEHIND,
        "progress_chart": _progress_chart(found),
        "steps": [
            (_step(start, end), on_time, late) for start, end, on_time, late in found.steps()
        ],
        "sessions": there.sessions,
        "attendance_chart": attendance_chart(there),
        "hours": hours_rows(there, view),
        "hours_chart": hours_chart(there, view),
        "competences": named(results),
        "competences_chart": competences_chart(results),
        "pass_mark": pass_mark(view),
        "expiring": ending,
        "expiring_chart": expiring_chart(ending),
        "retention": kept,
        "retention_chart": _retention_chart(kept),
    }
    return render(request, "cohorts/figures.html", context)


@for_people
@require_safe
def export(request: HttpRequest, cohort_id: UUID, what: str) -> HttpResponse:
    """The table behind a picture, one of `_TABLES`."""
    view = run_cohort(request, cohort_id)
    if what not in _TABLES:
        raise Http404
    return table(what, *_TABLES[what](view))


def _progress_table(view: CohortView) -> Table:
    return _progress_head(), _progress_rows(view.line.id)


def _attendance_table(view: CohortView) -> Table:
    return attendance_table(attendance(view.line.id))


def _hours_table(view: CohortView) -> Table:
    return hours_head(), hours_rows(attendance(view.line.id), view)


def _competences_table(view: CohortView) -> Table:
    return competences_table(by_competence([view.line.id], pass_mark(view)))


def _remembered_table(view: CohortView) -> Table:
    kept = retention(view.line.id)
    head = [_("Up to days"), _("Reviews"), _("Remembered"), _("Percent"), _("Mean of the quizzes")]
    return head, [
        (_days(one), one.reviews, one.remembered, one.percent, kept.quiz_percent)
        for one in kept.stretches
    ]


def _expiring_table(view: CohortView) -> Table:
    ending = by_what(expiring_in(view.line.id, utc_now()), "body")
    return [_("Employing body"), *stretch_names()], [(name, *counts) for name, counts in ending]


_TABLES: Mapping[str, Callable[[CohortView], Table]] = {
    "progress": _progress_table,
    "attendance": _attendance_table,
    "hours": _hours_table,
    "competences": _competences_table,
    "remembered": _remembered_table,
    "expiring": _expiring_table,
}


def pass_mark(view: CohortView) -> int:
    """Percent to reach in the cohort's course."""
    return view.facts["assessment"]["pass_percent"] or DEFAULT_PASS


def named(results: Sequence[CompetenceResult]) -> list[tuple[str, CompetenceResult]]:
    """Each with its name in the page's language; a code nobody knows stays a code."""
    here, known = page_language().tag, framework().competences
    return [(known[one.code].name(here) if one.code in known else one.code, one) for one in results]


def competences_chart(results: Sequence[CompetenceResult]) -> Chart:
    """Mean percent by competence, the weakest first."""
    here = page_language().tag
    rows = [
        (short(name), [round(one.percent)], f"{format_number(round(one.percent), here)} %")
        for name, one in named(results)
    ]
    return chart(rows, [_("Mean percent")], most=100)


def competences_table(results: Sequence[CompetenceResult]) -> Table:
    """Head and rows for a spreadsheet."""
    head = [_("Competence"), _("Learners assessed"), _("Mean percent"), _("Below the pass mark")]
    return head, [(name, one.learners, one.percent, one.weak) for name, one in named(results)]


def _progress_chart(found: Progress) -> Chart:
    here = page_language().tag
    rows = [
        (_step(start, end), [on_time, late], format_number(on_time + late, here))
        for start, end, on_time, late in found.steps()
    ]
    return chart(rows, [pgettext("learners", "On time"), pgettext("learners", "Falling behind")])


def _step(start: int, end: int) -> str:
    return f"{start}–{end} %"


def _progress_head() -> list[str]:
    return [
        _("Full name"), _("Group"), _("Units done"), _("Units of the course"), _("Percent"),
        _("Expected percent"), _("Falling behind"), _("Last opened"), _("Hours attended"),
        _("Hours held"),
    ]  # fmt: skip


def _progress_rows(cohort_id: UUID) -> list[tuple[object, ...]]:
    found = progress(cohort_id, today())
    naming = sort_key(page_language().tag)
    return [_progress_row(found, one) for one in learners(cohort_id, found, naming=naming)]


def _progress_row(found: Progress, one: LearnerProgress) -> tuple[object, ...]:
    here = page_language().tag
    return (
        one.name, one.group, one.done, found.units, one.percent, found.expected,
        _("yes") if one.behind else _("no"),
        format_moment(one.seen_at, here) if one.seen_at else "", one.attended, one.held,
    )  # fmt: skip


def _days(one: Stretch) -> str:
    """Up to how many days lay before: `64`, or `more than 64`."""
    days = format_number(one.days, page_language().tag)
    return _("more than %(days)s") % {"days": days} if one.is_open else days


def _retention_chart(kept: Retention) -> LineChart | None:
    """Percent remembered by days gone by, beside the quizzes' mean; None: nothing was reviewed."""
    told = [(one, one.percent) for one in kept.stretches if one.percent is not None]
    if not told:
        return None
    series = [Series(_("Remembered in reviews"), [float(percent) for _one, percent in told])]
    if kept.quiz_percent is not None:
        series.append(Series(_("Mean of the quizzes"), [float(kept.quiz_percent)] * len(told)))
    # Below a line there is no room for words.
    steps = [
        f"{'> ' if one.is_open else ''}{format_number(one.days, page_language().tag)}"
        for one, _percent in told
    ]
    return line_chart(Lines(_("What is remembered, in percent, by days"), steps, series))
