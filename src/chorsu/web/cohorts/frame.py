"""What the pages of one cohort share: its tabs, and what the reader may do."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chorsu.training.queries.cohorts import CohortView, employers_of, manages
from chorsu.training.rules.outline import placed
from chorsu.web.access import signed_in
from chorsu.web.context import NavItem


def frame(request: HttpRequest, view: CohortView) -> dict[str, object]:
    """Context of a page of the cohort."""
    person = signed_in(request)
    runs = manages(person, view.line.id)
    nominates = bool(employers_of(person, view.line.institution_id))
    names = [("cohort", _("Overview"))]
    if runs or nominates:
        names.append(("cohort-roster", pgettext("cohort", "Learners")))
    if runs:
        names += [
            ("cohort-work", _("To be marked")),
            ("cohort-results", _("Results")),
            ("cohort-gradebook", _("Gradebook")),
            ("cohort-figures", _("Figures")),
            *([("cohort-surveys", _("Surveys"))] if _has_survey(view) else []),
            ("cohort-messages", _("Messages")),
            ("cohort-protocol", _("Protocol")),
            ("cohort-platforms", _("Learning systems")),
        ]
    here = request.resolver_match.view_name if request.resolver_match else ""
    tabs = [
        NavItem(reverse(name, args=[view.line.id]), label, name == here) for name, label in names
    ]
    return {
        "cohort": view,
        "line": view.line,
        "tabs": tabs if len(tabs) > 1 else [],
        "runs": runs,
        "nominates": nominates,
    }


def _has_survey(view: CohortView) -> bool:
    return any(one.kind == "survey" for one in placed(view.facts))
