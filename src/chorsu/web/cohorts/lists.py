"""The list of cohorts; beginning one, changing it, moving it on."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.institutions.errors import EditConflict
from chorsu.institutions.queries import chain
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import cohorts as actions
from chorsu.training.actions.taking import take_questions
from chorsu.training.errors.cohorts import NotEligible, ResultsMissing, SessionsOutside
from chorsu.training.queries import cohorts as queries
from chorsu.training.queries.calendars import cohort_token
from chorsu.training.queries.cohorts import CohortView, State
from chorsu.training.queries.ledger import own_enrolments
from chorsu.training.queries.shared_banks import taken_by
from chorsu.training.rules.cohort_fields import MOVES
from chorsu.training.rules.programmes import programmes
from chorsu.web.access import signed_in
from chorsu.web.atom import absolute
from chorsu.web.cohorts.forms import CohortForm, FinishForm
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort, shown_cohort
from chorsu.web.cohorts.sentences import refusal
from chorsu.web.cohorts.tools import tools_of
from chorsu.web.context import NavItem
from chorsu.web.locales import format_number, page_language
from chorsu.web.viewer import viewer_of


@for_people
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Cohorts that are planned, open or running; or those of one state."""
    person = signed_in(request)
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    url = reverse("cohorts")
    ended = [(one.value, one.label) for one in (State.FINISHED, State.CANCELLED)]
    tabs = [("", _("Now")), *ended]
    context = {
        "lines": queries.cohorts(person, viewer_of(request), state=state),
        "tabs": [
            NavItem(f"{url}?state={code}" if code else url, str(name), code == state)
            for code, name in tabs
        ],
        "may_open": bool(queries.places_to_teach(person)),
        "officer": bool(queries.officer_at(person)),
    }
    return render(request, "cohorts/index.html", context)


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan a run of a course."""
    person = signed_in(request)
    places = queries.places_to_teach(person)
    if not places:
        raise PermissionDenied
    courses = queries.teachable(viewer_of(request))
    form = CohortForm(
        request.POST or None,
        programmes=programmes(chain(places[0].id)),
        courses=courses,
        places=places,
        course=request.GET.get("course", ""),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_cohort(
                course_id=UUID(form.cleaned_data["course"]),
                institution_id=form.cleaned_data["institution"],
                fields=form.cohort_fields(),
                by=person,
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The cohort is planned. Add its sessions, then open it."))
            return redirect("cohort", made)
    context = {"form": form, "courses": courses}
    return render(request, "cohorts/new.html", context, status=400 if form.errors else 200)


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Change what is said of a cohort, and who teaches it."""
    view = run_cohort(request, cohort_id)
    place = view.line.institution_id
    posted = request.POST if request.method == "POST" and "version" in request.POST else None
    form = CohortForm(posted, programmes=programmes(chain(place)), stored=view)
    outside: SessionsOutside | None = None
    if posted is not None and form.is_valid():
        version = posted["version"]
        try:
            actions.edit_cohort(
                cohort_id=cohort_id,
                fields=form.cohort_fields(),
                version=int(version) if version.isdecimal() else 0,
                by=signed_in(request),
                now=utc_now(),
                move_sessions="move_sessions" in posted,
            )
        except ValidationError as error:
            form.add_error(None, error)
        except SessionsOutside as refused:
            outside = refused
            form.add_error("starts_on", _sessions_outside(refused))
        except EditConflict:
            form.add_error(
                None,
                _("Somebody else saved meanwhile. Look at what they wrote, then save yours again."),
            )
        else:
            messages.success(request, _("Saved."))
            return redirect("cohort", cohort_id)
    teachers = {one.id for one in view.teachers}
    choices = {one.id: one for one in (*view.teachers, *queries.teachers_to_choose(place))}
    context = frame(request, view) | {
        "form": form,
        "choices": [(one, one.id in teachers) for one in choices.values()],
        "outside": outside,
    }
    return render(request, "cohorts/edit.html", context, status=400 if form.errors else 200)


def _sessions_outside(refused: SessionsOutside) -> str:
    count = len(refused.sessions)
    text = ngettext(
        "%(number)s session would be outside these days.",
        "%(number)s sessions would be outside these days.",
        count,
    )
    return text % {"number": format_number(count, page_language().tag)}


@for_people
@require_POST
def teachers(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Say who teaches a cohort."""
    chosen = [int(one) for one in request.POST.getlist("teacher") if one.isdecimal()]
    try:
        actions.set_teachers(
            cohort_id=cohort_id, person_ids=chosen, by=signed_in(request), now=utc_now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect("cohort", cohort_id)


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """One cohort: what, when, where, by whom, its sessions; for those who run it, what is next."""
    if not queries.sees(signed_in(request), cohort_id, viewer_of(request)):
        raise Http404
    view = shown_cohort(request, cohort_id)
    return _shown(request, view, FinishForm())


def _shown(
    request: HttpRequest, view: CohortView, finish: FinishForm, status: int = 200
) -> HttpResponse:
    person = signed_in(request)
    own = [
        one
        for one in own_enrolments(person, viewer_of(request).languages)
        if one.cohort_id == view.line.id
    ]
    context = frame(request, view)
    holds = context["runs"] or any(one.state in ("admitted", "passed", "failed") for one in own)
    token = cohort_token(view.line.id, view.calendar_generation)
    context |= {
        "moves": [(code, _MOVES[code]()) for code in MOVES[view.line.state] if code != "finished"],
        "may_finish": "finished" in MOVES[view.line.state],
        "finish": finish,
        "own": own[0] if own else None,
        "calendar_url": absolute(reverse("training-calendar", args=[token])) if holds else "",
        "may_change": bool(MOVES[view.line.state]),
        "newer": view.newest_revision > view.revision,
        "banks": taken_by(view.line.id) if context["runs"] else [],
        "tools": tools_of(request, view) if context["runs"] else [],
    }
    return render(request, "cohorts/show.html", context, status=status)


_MOVES = {
    "open": lambda: _("Open for nominations"),
    "running": lambda: _("Begin teaching"),
    "cancelled": lambda: _("Cancel the cohort"),
}


@for_people
@require_POST
def move(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Move a cohort on to the state that is asked for."""
    view = run_cohort(request, cohort_id)
    finish = FinishForm(request.POST if request.POST.get("to") == "finished" else None)
    try:
        actions.move_cohort(
            cohort_id=cohort_id,
            to=request.POST.get("to", ""),
            by=signed_in(request),
            now=utc_now(),
            protocol_number=request.POST.get("protocol_number", ""),
        )
    except NotEligible as refused:
        said = [refusal(one, view.rules) for one in refused.refusals]
        messages.error(request, " ".join(said))
    except ResultsMissing as missing:
        text = _("Results are still missing: %(number)s. Enter them first.")
        messages.error(request, text % {"number": missing.count})
        return redirect("cohort-results", cohort_id)
    except ValidationError as error:
        finish.is_valid()
        for name in error.message_dict:
            if not finish.has_error(name):
                finish.add_error(name, error.message_dict[name])
        return _shown(request, view, finish, status=400)
    else:
        messages.success(request, _("Saved."))
    return redirect("cohort", cohort_id)


@for_people
@require_POST
def revision(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Have the cohort go on by the newest revision of its course."""
    asked = request.POST.get("revision", "")
    try:
        actions.take_revision(
            cohort_id=cohort_id,
            revision=int(asked) if asked.isdecimal() else 0,
            by=signed_in(request),
            now=utc_now(),
        )
    except EditConflict:
        messages.error(request, _("A newer revision has come meanwhile. Look at it first."))
    else:
        messages.success(request, _("The cohort goes on by the newest revision."))
    return redirect("cohort", cohort_id)


@for_people
@require_POST
def questions(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Have the cohort draw from the newest questions of other academies."""
    take_questions(cohort_id=cohort_id, by=signed_in(request), now=utc_now())
    messages.success(request, _("The cohort draws from the newest questions."))
    return redirect("cohort", cohort_id)


@for_people
@require_POST
def renew_calendar(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Give the cohort's calendar a new secret address."""
    actions.renew_calendar(cohort_id=cohort_id, by=signed_in(request), now=utc_now())
    messages.success(request, _("The address is new; the old one leads nowhere any more."))
    return redirect("cohort", cohort_id)
