"""One's own training: cohorts, next sessions, the ledger of hours, one's data."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.flows.disclosing import training_on
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import enrolling, own, sessions
from chorsu.training.errors.cohorts import WrongCode
from chorsu.training.queries import own_messages
from chorsu.training.queries.calendars import person_token
from chorsu.training.queries.cohorts import session
from chorsu.training.queries.ledger import ledger, nominates, own_enrolments, own_sessions
from chorsu.web.access import signed_in
from chorsu.web.atom import absolute
from chorsu.web.cohorts.forms import CodeForm, ReasonForm
from chorsu.web.cohorts.guards import for_people
from chorsu.web.paging import PAGE, page_of
from chorsu.web.personal_data import json_file
from chorsu.web.viewer import viewer_of

NEXT_SHOWN = 8
MESSAGES_SHOWN = 3


@for_people
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What one learns, what is next, and the hours one has."""
    person = signed_in(request)
    languages = viewer_of(request).languages
    now = utc_now()
    count, unread = own_messages.counted(person.pk)
    context = {
        "enrolments": own_enrolments(person, languages),
        "sessions": own_sessions(person, since=now)[:NEXT_SHOWN],
        "now": now,
        "ledger": ledger(person, node_institution_id(), languages),
        "calendar_url": absolute(reverse("training-calendar", args=[person_token(person)])),
        "nominates": nominates(person),
        "messages_here": own_messages.received(person.pk, most=MESSAGES_SHOWN),
        "message_count": count,
        "unread": unread,
    }
    return render(request, "cohorts/mine.html", context)


@for_people
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """The messages that teachers wrote to one, the newest first."""
    person = signed_in(request)
    count, unread = own_messages.counted(person.pk)
    first, pages = page_of(request, count)
    context = {
        "messages_here": own_messages.received(person.pk, first=first, most=PAGE),
        "unread": unread,
        "pages": pages,
    }
    return render(request, "cohorts/received.html", context)


@for_people
@require_safe
def message(request: HttpRequest, copy_id: int) -> HttpResponse:
    """One of them; who opens it has read it."""
    person = signed_in(request)
    try:
        found = own_messages.message(copy_id, person.pk)
    except own_messages.NoSuchMessage:
        raise Http404 from None
    if request.method == "GET":
        own.read_message(person=person, copy_id=copy_id, now=utc_now())
    return render(request, "cohorts/message.html", {"one": found})


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def attend(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Say by the code on the screen that one is here."""
    shown = session(session_id)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.attend_by_code(
                session_id=session_id,
                code=form.cleaned_data["code"],
                person=signed_in(request),
                now=utc_now(),
            )
        except WrongCode as wrong:
            form.add_error(
                "code",
                _("Too many wrong codes. Ask the teacher to put you on the list.")
                if wrong.too_often
                else _("This is not the code on the screen now."),
            )
        else:
            messages.success(request, _("You are on the list."))
            return redirect("my-training")
    context = {"session": shown, "form": form}
    return render(request, "cohorts/attend.html", context, status=400 if form.errors else 200)


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """Give up one's own place; asks first."""
    person = signed_in(request)
    mine_now = own_enrolments(person, viewer_of(request).languages)
    found = next((one for one in mine_now if one.id == enrolment_id), None)
    if found is None or found.state not in ("nominated", "waiting", "admitted"):
        return redirect("my-training")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            enrolling.leave(
                enrolment_id=enrolment_id,
                reason=form.cleaned_data["reason"],
                by=person,
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("You have given up your place."))
            return redirect("my-training")
    context = {"enrolment": found, "form": form}
    return render(request, "cohorts/leave.html", context, status=400 if form.errors else 200)


@for_people
@require_POST
def renew_calendar(request: HttpRequest) -> HttpResponse:
    """Give one's own calendar a new secret address."""
    own.renew_calendar(person=signed_in(request), now=utc_now())
    messages.success(request, _("The address is new; the old one leads nowhere any more."))
    return redirect("my-training")


@for_people
@require_safe
def my_data(request: HttpRequest) -> StreamingHttpResponse:
    """All that training keeps on oneself, as one JSON file."""
    return json_file(request, training_on(signed_in(request), now=utc_now()), "my-training")
