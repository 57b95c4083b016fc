"""Training of a year in figures: hours by form, results, attendance, progress, competences, and the
certificates due to expire; each drawn, listed, as CSV.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import InstitutionView
from chorsu.kernel.clock import utc_now
from chorsu.training.queries.cohorts import FORM_LABELS, officer_at
from chorsu.training.queries.competences import by_competence, cohorts_of
from chorsu.training.queries.dashboard import CohortFigures, Figures, figures, years
from chorsu.training.queries.expiring import expiring_by_cohort
from chorsu.training.queries.progress import CohortProgress, progress_of
from chorsu.training.rules.fields import FORMS
from chorsu.training.rules.progress import BEHIND
from chorsu.training.rules.results import DEFAULT_PASS
from chorsu.web.access import signed_in
from chorsu.web.cohorts.charts import Chart, chart, short
from chorsu.web.cohorts.csvs import table
from chorsu.web.cohorts.expiring import by_what, expiring_chart, stretch_names
from chorsu.web.cohorts.figures import competences_chart, competences_table, named
from chorsu.web.cohorts.guards import for_people, officer_place, today
from chorsu.web.cohorts.retention import kept_lines
from chorsu.web.context import NavItem
from chorsu.web.locales import format_number, locale, page_language


@for_people
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The figures of one year at one institution."""
    place = officer_place(request)
    known, year = _year(request, place)
    found = figures(place.id, year)
    late = progress_of(place.id, year, today())
    results = by_competence(cohorts_of(place.id, year), DEFAULT_PASS)
    ending = expiring_by_cohort(place.id, utc_now())
    here = page_language().tag
    base = f"{reverse('training-dashboard')}?institution={place.id}"
    context = {
        "place": place,
        "place_name": place.name(here),
        "year": year,
        "tabs": [NavItem(f"{base}&year={one}", str(one), one == year) for one in known],
        "places": [
            NavItem(f"{reverse('training-dashboard')}?institution={one.id}", one.short(here),
                    one.id == place.id)
            for one in officer_at(signed_in(request))
        ],
        "figures": found,
        "months": [(month_name(month), by_form, sum(by_form.values()))
                   for month, by_form in found.hours.items() if sum(by_form.values())],
        "forms": [str(FORM_LABELS[form]) for form in FORMS],
        "hours_chart": _hours_chart(found),
        "results_chart": _results_chart(found.cohorts),
        "attendance_chart": _attendance_chart(found.cohorts),
        "progress": late,
        "progress_chart": _progress_chart(late),
        "allowed": BEHIND,
        "competences": named(results),
        "competences_chart": competences_chart(results),
        "pass_mark": DEFAULT_PASS,
        "expiring": by_what(ending, "cohort"),
        "expiring_by_body": by_what(ending, "body"),
        "expiring_chart": expiring_chart(by_what(ending, "cohort")),
        "expiring_body_chart": expiring_chart(by_what(ending, "body")),
        "same": f"?institution={place.id}&year={year}",
        "kept": kept_lines(place.id),
    }  # fmt: skip
    return render(request, "cohorts/dashboard.html", context)


def _year(request: HttpRequest, place: InstitutionView) -> tuple[list[int], int]:
    """The years there are, this one among them, and the one asked for."""
    known = sorted({*years(place.id), today().year}, reverse=True)
    asked = request.GET.get("year", "")
    return known, int(asked) if asked in {str(one) for one in known} else today().year


def month_name(month: int) -> str:
    """The month standing alone, in the page's language."""
    name = str(locale(page_language().tag).months["stand-alone"]["wide"][month])
    return name[:1].upper() + name[1:]


def _hours_chart(found: Figures) -> Chart:
    here = page_language().tag
    rows = [
        (month_name(month), [by_form[form] for form in FORMS],
         format_number(sum(by_form.values()), here))
        for month, by_form in found.hours.items()
        if sum(by_form.values())
    ]  # fmt: skip
    return chart(rows, [str(FORM_LABELS[form]) for form in FORMS])


def _results_chart(cohorts: tuple[CohortFigures, ...]) -> Chart:
    here = page_language().tag
    rows = [
        (short(one.name), [one.passed, one.failed, one.learning, one.left],
         format_number(one.passed + one.failed + one.learning + one.left, here))
        for one in cohorts
    ]  # fmt: skip
    return chart(rows, _result_names())


def _result_names() -> list[str]:
    return [
        pgettext("learners", "Passed"),
        pgettext("learners", "Not passed"),
        pgettext("learners", "Learning"),
        pgettext("learners", "Left"),
    ]


def _attendance_chart(cohorts: tuple[CohortFigures, ...]) -> Chart:
    rows = [
        (short(one.name), [one.attendance], f"{one.attendance} %")
        for one in cohorts
        if one.attendance is not None
    ]
    return chart(rows, [_("Attendance")], most=100)


def _progress_chart(cohorts: Sequence[CohortProgress]) -> Chart:
    here = page_language().tag
    rows = [
        (short(one.name), [one.on_time, one.behind], format_number(one.on_time + one.behind, here))
        for one in cohorts
    ]
    return chart(rows, [pgettext("learners", "On time"), pgettext("learners", "Falling behind")])


def _progress_table(
    cohorts: Sequence[CohortProgress],
) -> tuple[list[str], list[tuple[object, ...]]]:
    head = [
        _("Cohort"),
        _("Expected percent"),
        pgettext("learners", "On time"),
        pgettext("learners", "Falling behind"),
    ]
    return head, [(one.name, one.expected, one.on_time, one.behind) for one in cohorts]


@for_people
@require_safe
def export(request: HttpRequest, what: str) -> HttpResponse:
    """The table behind a picture: `hours`, `cohorts`, `progress`, `competences`, `expiring`."""
    place = officer_place(request)
    _known, year = _year(request, place)
    if what == "expiring":
        ends = (
            (one.cohort, one.body, *one.counts) for one in expiring_by_cohort(place.id, utc_now())
        )
        return table(what, [_("Cohort"), _("Employing body"), *stretch_names()], ends)
    if what == "competences":
        results = by_competence(cohorts_of(place.id, year), DEFAULT_PASS)
        return table(f"{what}-{year}", *competences_table(results))
    if what == "progress":
        late = progress_of(place.id, year, today())
        return table(f"{what}-{year}", *_progress_table(late))
    found = figures(place.id, year)
    if what == "hours":
        head = [_("Month"), *(FORM_LABELS[form] for form in FORMS)]
        hours = (
            [month, *(by_form[form] for form in FORMS)] for month, by_form in found.hours.items()
        )
        return table(f"hours-{year}", head, hours)
    if what != "cohorts":
        raise Http404
    names = [_("Cohort"), *_result_names(), _("Attendance, percent")]
    rows = (
        (one.name, one.passed, one.failed, one.learning, one.left, one.attendance)
        for one in found.cohorts
    )
    return table(f"cohorts-{year}", names, rows)
