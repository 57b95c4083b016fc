"""Results of a cohort: one by one, or as the course's own rule proposes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.kernel.clock import utc_now
from chorsu.kernel.transliteration import sort_key
from chorsu.training.actions import enrolling
from chorsu.training.actions.proposing import take_proposals
from chorsu.training.actions.submissions import MarkRefused
from chorsu.training.errors.cohorts import ProposalsChanged, ResultChanged
from chorsu.training.queries.cohorts import CohortView, State
from chorsu.training.queries.proposals import proposals, proposed, without_result
from chorsu.training.queries.rosters import RosterLine, roster
from chorsu.training.rules.proposals import fingerprint, has_rule
from chorsu.web.access import signed_in
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.cohorts.proposals import RuleView, rule_views
from chorsu.web.learning.marking import own_work
from chorsu.web.locales import format_number, page_language
from chorsu.web.paging import paged

DECIDED = ("passed", "failed")


@dataclass(frozen=True, slots=True)
class Said:
    """Percent and result of a learner as the page writes them, both empty where there is none."""

    percent: str
    result: str

    def __str__(self) -> str:
        return f"{self.percent}|{self.result}"


@dataclass(frozen=True, slots=True)
class Row:
    """A learner on the page. `was`: what was stored when the page was made; `meanwhile`: what
    somebody else has stored since, where the reader typed something else.
    """

    line: RosterLine
    typed: Said
    was: Said
    error: str
    meanwhile: Said | None
    rule: RuleView | None


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def results(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The results of everybody who holds a place."""
    view = run_cohort(request, cohort_id)
    naming = sort_key(page_language().tag)
    holding = [one for one in roster(cohort_id) if one.state in ("admitted", *DECIDED)]
    # By name alone: a result that is set moves nobody to another page.
    lines, pages = paged(
        request, sorted(holding, key=lambda one: (naming(one.person.name), one.id))
    )
    wrong: dict[UUID, str] = {}
    meanwhile: dict[UUID, Said] = {}
    if request.method == "POST":
        wrong, meanwhile = _save(request, lines)
        if not wrong and not meanwhile:
            messages.success(request, _("Saved."))
            return redirect(request.get_full_path())
    refused = wrong or meanwhile
    ruled = rule_views(request, view)
    rows = [
        Row(
            one,
            _typed(request, one) if refused else _stored(one),
            _was(request, one) if refused else _stored(one),
            wrong.get(one.id, ""),
            meanwhile.get(one.id),
            ruled.get(one.id),
        )
        for one in lines
    ]
    context = frame(request, view) | {
        "rows": rows,
        "refused": bool(refused),
        "pages": pages,
        "has_rule": has_rule(view.facts),
        "rule": _preview(request, view),
    }
    return render(request, "cohorts/results.html", context, status=400 if refused else 200)


@for_people
@require_POST
def propose(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Take what the course's rule proposes for all who have no result yet."""
    try:
        passed, failed = take_proposals(
            cohort_id=cohort_id,
            seen=request.POST.get("seen", ""),
            by=signed_in(request),
            now=utc_now(),
        )
    except ProposalsChanged:
        text = _("Nothing was taken: what the rule says has changed meanwhile. Look at it again.")
        messages.error(request, text)
    else:
        here = page_language().tag
        text = _("Taken by the rule of the course. Passed: %(passed)s. Not passed: %(failed)s.")
        counts = {"passed": format_number(passed, here), "failed": format_number(failed, here)}
        messages.success(request, text % counts)
    return redirect("cohort-results", cohort_id)


def _preview(request: HttpRequest, view: CohortView) -> Mapping[str, object] | None:
    """How many would pass and not pass by the rule; None where there is nothing to take."""
    if view.line.state != State.RUNNING:
        return None
    undecided = without_result(view.line.id, signed_in(request).pk)
    found = proposed(proposals(view.line.id, view.facts), undecided)
    if not found:
        return None
    passed = sum(found.values())
    return {
        "passed": passed,
        "failed": len(found) - passed,
        "left": len(undecided) - len(found),
        "seen": fingerprint(found),
    }


def _stored(one: RosterLine) -> Said:
    return _said(one.percent, one.state)


def _said(percent: Decimal | None, state: str) -> Said:
    shown = "" if percent is None else f"{percent.normalize():f}"
    return Said(shown, state if state in DECIDED else "")


def _typed(request: HttpRequest, one: RosterLine) -> Said:
    stored = _stored(one)
    return Said(
        request.POST.get(f"percent-{one.id}", stored.percent),
        request.POST.get(f"result-{one.id}", stored.result),
    )


def _was(request: HttpRequest, one: RosterLine) -> Said:
    percent, _bar, result = request.POST.get(f"was-{one.id}", str(_stored(one))).partition("|")
    return Said(percent, result)


def _save(
    request: HttpRequest, lines: Sequence[RosterLine]
) -> tuple[dict[UUID, str], dict[UUID, Said]]:
    """Set the results that the page changed: what is wrong, and what others stored meanwhile, by
    learner. Right ones are set anyhow; what others stored is overwritten only where that was told.
    """
    wrong: dict[UUID, str] = {}
    meanwhile: dict[UUID, Said] = {}
    for one in lines:
        stored, was, typed = _stored(one), _was(request, one), _typed(request, one)
        typed = Said(typed.percent.strip().replace(",", "."), typed.result)
        if typed in (was, stored):
            continue
        if was != stored and request.POST.get(f"over-{one.id}") != str(stored):
            meanwhile[one.id] = stored
            continue
        try:
            wrong[one.id] = _set(request, one, typed)
        except ResultChanged as changed:
            meanwhile[one.id] = _said(changed.percent, changed.state)
    return {key: said for key, said in wrong.items() if said}, meanwhile


def _set(request: HttpRequest, one: RosterLine, typed: Said) -> str:
    """Set one result; what is wrong with it. Raises `ResultChanged`."""
    if typed.result not in DECIDED:
        # What the node reckoned itself stands there without a result.
        return _("Choose a result too.") if typed.percent else ""
    try:
        percent = Decimal(typed.percent) if typed.percent else None
        if percent is not None and not percent.is_finite():
            raise InvalidOperation
        enrolling.set_result(
            enrolment_id=one.id,
            percent=percent,
            passed=typed.result == "passed",
            by=signed_in(request),
            now=utc_now(),
            seen=(one.percent, one.state),
        )
    except InvalidOperation:
        return _("Enter a number from 0 to 100.")
    except MarkRefused:
        return own_work()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
