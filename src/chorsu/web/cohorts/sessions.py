"""Sessions: adding and changing them, the list of who was there, the code on the screen."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.kernel.clock import utc_now
from chorsu.kernel.transliteration import sort_key
from chorsu.training.actions import sessions as actions
from chorsu.training.queries.cohorts import CohortView, SessionView, session
from chorsu.training.queries.imports import imports_of_session
from chorsu.training.queries.learning import NothingToTeach, cohort_in_hand
from chorsu.training.queries.rosters import (
    AttendanceSource,
    AttendanceState,
    groups_of,
    here_in,
    presence,
)
from chorsu.training.rules.cohort_fields import MOVES
from chorsu.training.rules.outline import placed
from chorsu.web.access import signed_in
from chorsu.web.cohorts.forms import SessionForm, UploadForm
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.cohorts.importing import keep_upload
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import page_language
from chorsu.web.paging import paged
from chorsu.web.viewer import viewer_of

FIRST_HOUR = time(9, 0)
USUAL_LENGTH = timedelta(minutes=90)


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Add a session; the form proposes what follows on the last one."""
    view = run_cohort(request, cohort_id)
    last = view.sessions[-1] if view.sessions else None
    begins = (
        timezone.localtime(last.starts_at) + timedelta(days=1)
        if last
        else datetime.combine(view.line.starts_on, FIRST_HOUR)
    )
    length = last.ends_at - last.starts_at if last else USUAL_LENGTH
    proposed: dict[str, object] = {
        "starts_at": begins,
        "ends_at": begins + length,
        "form": last.form if last else "in_person",
        "place": last.place if last else view.line.place,
        "link": last.link if last else view.link,
    }
    form = SessionForm(
        request.POST or None,
        groups=groups_of(cohort_id),
        units=_live_units(request, view),
        initial=proposed,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_session(
                cohort_id=cohort_id,
                fields=form.session_fields(),
                by=signed_in(request),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The session is added."))
            return redirect("cohort", cohort_id)
    context = frame(request, view) | {"form": form, "session": None}
    return render(request, "cohorts/session_edit.html", context, status=_status(form))


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Change a session, or remove it."""
    stored = session(session_id)
    view = run_cohort(request, stored.cohort_id)
    by, now = signed_in(request), utc_now()
    if request.method == "POST" and "remove" in request.POST:
        actions.remove_session(session_id=session_id, by=by, now=now)
        messages.success(request, _("The session is removed."))
        return redirect("cohort", stored.cohort_id)
    form = SessionForm(
        request.POST or None,
        groups=groups_of(stored.cohort_id),
        units=_live_units(request, view),
        # Not one that went with a revision: that would be refused.
        kept_unit=stored.unit if stored.unit in _live_keys(view) else "",
        stored=stored,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_session(
                session_id=session_id, fields=form.session_fields(), by=by, now=now
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("session", session_id)
    context = frame(request, view) | {"form": form, "session": stored}
    return render(request, "cohorts/session_edit.html", context, status=_status(form))


def _live_units(request: HttpRequest, view: CohortView) -> list[tuple[str, str]]:
    """(key, title) of the live units of the cohort's course; none if its words are gone."""
    keys = _live_keys(view)
    if not keys:
        return []
    try:
        course = cohort_in_hand(view.line.id, viewer_of(request).languages)
    except NothingToTeach:
        return []
    return [(key, course.word(f"units.{key}.title")[0]) for key in keys]


def _live_keys(view: CohortView) -> list[str]:
    return [one.key for one in placed(view.facts) if one.kind == "live"]


def _status(form: SessionForm) -> int:
    return 400 if form.errors else 200


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The list of a session; POST says who was there."""
    stored = session(session_id)
    run_cohort(request, stored.cohort_id)
    if request.method == "POST":
        lines, _pages = paged(request, presence(session_id, naming=sort_key(page_language().tag)))
        states = {}
        for one in lines:
            # Who came by the code since the page was made is not taken off the list by saving it.
            was = request.POST.get(f"was-{one.enrolment_id}", one.state)
            state = request.POST.get(f"state-{one.enrolment_id}", was)
            if state != was and state in ("", *AttendanceState.values):
                states[one.enrolment_id] = state
        actions.mark(session_id=session_id, states=states, by=signed_in(request), now=utc_now())
        messages.success(request, _("The list is saved."))
        return redirect(request.get_full_path())
    return _list(request, stored, UploadForm())


def _list(request: HttpRequest, stored: SessionView, upload: UploadForm) -> HttpResponse:
    view = run_cohort(request, stored.cohort_id)
    lines, pages = paged(request, presence(stored.id, naming=sort_key(page_language().tag)))
    context = frame(request, view) | {
        "session": stored,
        "lines": lines,
        "pages": pages,
        "states": [("", "—"), *AttendanceState.choices],
        "sources": dict(AttendanceSource.choices),
        "may_change": bool(MOVES[view.line.state]),
        "upload": upload,
        "imports": imports_of_session(stored.id),
    }
    return render(request, "cohorts/session.html", context, status=400 if upload.errors else 200)


@for_people
@require_POST
def take_list(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Choose a spreadsheet with the list of a session; it is looked at before it is taken in."""
    stored = session(session_id)
    run_cohort(request, stored.cohort_id)
    form = UploadForm(request.POST, request.FILES)
    made = keep_upload(request, form, ["email"], session_id=session_id) if form.is_valid() else None
    return redirect("import", made) if made else _list(request, stored, form)


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The code for the screen of the room, anew every minute; POST opens or closes it."""
    stored = session(session_id)
    view = run_cohort(request, stored.cohort_id)
    by, now = signed_in(request), utc_now()
    if request.method == "POST":
        if "close" in request.POST:
            actions.close_code(session_id=session_id, by=by)
        else:
            actions.open_code(session_id=session_id, by=by, now=now)
        return redirect("session-screen", session_id)
    code = actions.shown_code(session_id, now)
    context = frame(request, view) | {
        "session": stored,
        "code": f"{code[:3]} {code[3:]}" if code else "",
        "watching": bool(code),
        "here": here_in(session_id),
    }
    return page_or_part(request, "cohorts/screen.html", "cohorts/_code.html", context)
