"""The final protocol of a cohort: on paper, and as CSV."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import institution
from chorsu.training.queries.cohorts import EnrolmentState
from chorsu.training.queries.rosters import RosterLine, roster
from chorsu.training.rules.programmes import category_name
from chorsu.web.cohorts.csvs import table
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.locales import page_language


def _lines(cohort_id: UUID) -> list[RosterLine]:
    """Those who hold a place, in the order of the protocol."""
    listed = [one for one in roster(cohort_id) if one.state in ("admitted", "passed", "failed")]
    return sorted(listed, key=lambda one: one.person.name.casefold())


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The protocol as it is printed; before the cohort is finished, as a draft."""
    view = run_cohort(request, cohort_id)
    context = frame(request, view) | {
        "lines": _lines(cohort_id),
        "institution": institution(view.line.institution_id).name(page_language().tag),
    }
    return render(request, "cohorts/protocol.html", context)


@for_people
@require_safe
def export(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The protocol as CSV."""
    run_cohort(request, cohort_id)
    here = page_language().tag
    states = dict(EnrolmentState.choices)
    head = (
        pgettext("protocol", "No."), _("Full name"), _("Employing body"),
        _("Number of the order"), _("Category of the position"), _("Group"),
        _("Percent"), _("Result"), _("Number of the document"),
    )  # fmt: skip
    rows = (
        (
            number, one.person.name, one.employer, one.document,
            category_name(one.category, here), one.group, one.percent, states[one.state],
            one.result_document,
        )
        for number, one in enumerate(_lines(cohort_id), 1)
    )  # fmt: skip
    return table("protocol", head, rows)
