"""Who is in a cohort: nominating, admitting, groups, declining and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.institutions.queries import person_by_email
from chorsu.kernel.clock import utc_now
from chorsu.kernel.transliteration import sort_key
from chorsu.records.fields import InvalidRecord
from chorsu.training.actions import enrolling
from chorsu.training.errors.cohorts import NotEligible
from chorsu.training.queries.cohorts import CohortView, employers_of, manages
from chorsu.training.queries.imports import imports_of_cohort
from chorsu.training.queries.ledger import may_see_ledger
from chorsu.training.queries.nominations import nomination_files
from chorsu.training.queries.rosters import (
    LET_GO,
    RosterLine,
    found_enrolment,
    learners_to_choose,
    roster,
)
from chorsu.web.access import signed_in
from chorsu.web.cohorts.attempts import quizzes_tried
from chorsu.web.cohorts.forms import NominationForm, ReasonForm, UploadForm
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort, shown_cohort, today
from chorsu.web.cohorts.nominations import chosen_files, sentences
from chorsu.web.cohorts.sentences import refusal
from chorsu.web.cohorts.titles import prerequisite_titles
from chorsu.web.locales import page_language
from chorsu.web.paging import paged


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The roster for those who run the cohort; for a nominating officer those of their bodies.

    POST nominates one person.
    """
    view = shown_cohort(request, cohort_id)
    person = signed_in(request)
    bodies = employers_of(person, view.line.institution_id)
    runs = manages(person, cohort_id)
    if not runs and not bodies:
        raise PermissionDenied
    form = NominationForm(request.POST or None, request.FILES or None, employers=bodies)
    if request.method == "POST" and form.is_valid() and _nominated(request, view, form):
        text = _("%(email)s is nominated and gets a mail.")
        nominated = person_by_email(form.cleaned_data["email"])
        if nominated is not None and not nominated.mailbox:
            text = _("%(email)s is nominated, and sees it at the next sign-in.")
        messages.success(request, text % {"email": form.cleaned_data["email"]})
        return redirect("cohort-roster", cohort_id)
    everybody = roster(
        cohort_id,
        None if runs else [key for key, _name in bodies],
        naming=sort_key(page_language().tag),
    )
    lines, pages = paged(request, everybody)
    context = frame(request, view) | {
        "lines": lines,
        "pages": pages,
        "required": view.facts["assessment"]["attendance_percent"],
        "behind": _behind(view, lines),
        "undecided": any(one.state == "nominated" for one in everybody),
        "choosable": sum(one.state not in LET_GO for one in everybody) if pages["links"] else 0,
        "form": form if bodies else None,
        "upload": UploadForm(),
        "imports": imports_of_cohort(cohort_id) if runs else [],
    }
    return render(request, "cohorts/roster.html", context, status=400 if form.errors else 200)


def _behind(view: CohortView, lines: Sequence[RosterLine]) -> set[UUID]:
    """Who was in too few of the hours that were marked, by the course's own rule."""
    needed = view.facts["assessment"]["attendance_percent"]
    return {
        one.id
        for one in lines
        if one.state == "admitted" and 100 * one.attended < needed * one.held
    }


def _nominated(request: HttpRequest, view: CohortView, form: NominationForm) -> bool:
    """Nominate the person of a valid form, or put what is wrong on the form."""
    files, unfit = chosen_files(request)
    if unfit:
        for said in unfit:
            form.add_error("documents", said)
        return False
    try:
        enrolling.nominate(
            cohort_id=view.line.id,
            nomination=form.nomination(),
            by=signed_in(request),
            today=today(),
            now=utc_now(),
            files=files,
        )
    except NotEligible as refused:
        titles = prerequisite_titles(request, view)
        for one in refused.refusals:
            form.add_error(None, refusal(one, view.rules, titles))
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    except InvalidRecord as invalid:
        form.add_error("documents", sentences(invalid.errors))
        return False
    return True


@for_people
@require_POST
def act(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Admit the chosen ones, or put them into a group."""
    chosen = [UUID(one) for one in request.POST.getlist("learner") if _is_uuid(one)]
    by, now = signed_in(request), utc_now()
    everybody = request.POST.get("all", "")
    if everybody:
        chosen = learners_to_choose(cohort_id)
    if everybody and everybody != str(len(chosen)):
        text = _("Nothing was done: somebody has come or left meanwhile. Choose again.")
        messages.error(request, text)
    elif not chosen:
        messages.error(request, _("Choose somebody first."))
    elif request.POST.get("act") == "admit":
        done = enrolling.admit(cohort_id=cohort_id, enrolment_ids=chosen, by=by, now=now)
        text = _("Admitted: %(admitted)s. Put on the waiting list: %(waiting)s.")
        messages.success(request, text % {"admitted": done[0], "waiting": done[1]})
    else:
        _grouped(request, cohort_id, chosen)
    return redirect("cohort-roster", cohort_id)


def _grouped(request: HttpRequest, cohort_id: UUID, chosen: list[UUID]) -> None:
    try:
        count = enrolling.set_group(
            cohort_id=cohort_id,
            enrolment_ids=chosen,
            group=request.POST.get("group", ""),
            by=signed_in(request),
            now=utc_now(),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        text = ngettext(
            "%(number)s learner is in that group now.",
            "%(number)s learners are in that group now.",
            count,
        )
        messages.success(request, text % {"number": count})


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def learner(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """One learner of a cohort: turning down, giving up the place."""
    row = found_enrolment(enrolment_id)
    view = run_cohort(request, row.cohort_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        end = enrolling.decline if request.POST.get("act") == "decline" else enrolling.leave
        try:
            end(
                enrolment_id=enrolment_id,
                reason=form.cleaned_data["reason"],
                by=signed_in(request),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("cohort-roster", row.cohort_id)
    line = next(one for one in roster(row.cohort_id) if one.id == enrolment_id)
    context = frame(request, view) | {
        "learner": line,
        "files": nomination_files(enrolment_id),
        "quizzes": quizzes_tried(request, view, line),
        "form": form,
        "may_decline": line.state in ("nominated", "waiting"),
        "may_see_ledger": may_see_ledger(signed_in(request), row.person),
        "may_leave": line.state in ("nominated", "waiting", "admitted"),
    }
    return render(request, "cohorts/learner.html", context, status=400 if form.errors else 200)
