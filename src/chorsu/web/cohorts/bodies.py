"""For those who answer for training: employing bodies, recognition, the ledger of a person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.flows.disclosing import disclose_training
from chorsu.institutions.models import Person
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import employers as actions
from chorsu.training.queries.bodies import employers as employers_of_place
from chorsu.training.queries.bodies import recognitions as rules_of_place
from chorsu.training.queries.cohorts import teachable
from chorsu.training.queries.ledger import (
    ledger,
    may_see_ledger,
    may_take_data,
    own_enrolments,
)
from chorsu.web.access import signed_in
from chorsu.web.cohorts.forms import (
    AchievementForm,
    EmployerForm,
    OfficerForm,
    RecognitionForm,
)
from chorsu.web.cohorts.guards import for_people, officer_place, person_of, today
from chorsu.web.locales import page_language
from chorsu.web.personal_data import json_file
from chorsu.web.viewer import viewer_of


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def employers(request: HttpRequest) -> HttpResponse:
    """The bodies that nominate, and their officers; POST adds a body."""
    place = officer_place(request)
    form = EmployerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_employer(
                institution_id=place.id,
                name=form.cleaned_data["name"],
                by=signed_in(request),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('employers')}?institution={place.id}")
    context = {
        "place": place,
        "place_name": place.name(page_language().tag),
        "bodies": employers_of_place(place.id),
        "form": form,
        "officer_form": OfficerForm(auto_id=False),
    }
    return render(request, "cohorts/employers.html", context, status=400 if form.errors else 200)


@for_people
@require_POST
def officer(request: HttpRequest, employer_id: int) -> HttpResponse:
    """Let somebody nominate for a body, or no longer."""
    by, now = signed_in(request), utc_now()
    gone = request.POST.get("remove", "")
    try:
        if gone:
            actions.remove_officer(
                employer_id=employer_id, person_id=int(gone) if gone.isdecimal() else 0, by=by,
                now=now,
            )  # fmt: skip
        else:
            actions.add_officer(
                employer_id=employer_id, email=request.POST.get("email", ""), by=by, now=now
            )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Saved."))
    place = request.POST.get("institution", "")
    return redirect(f"{reverse('employers')}?institution={place}" if place else "employers")


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def recognition(request: HttpRequest) -> HttpResponse:
    """Which training of whom counts here; POST adds a rule."""
    place = officer_place(request)
    form = RecognitionForm(request.POST or None, courses=teachable(viewer_of(request)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_recognition(
                institution_id=place.id,
                fields=form.recognition_fields(),
                by=signed_in(request),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('recognition')}?institution={place.id}")
    context = {
        "place": place,
        "place_name": place.name(page_language().tag),
        "rules": rules_of_place(place.id),
        "form": form,
    }
    return render(request, "cohorts/recognition.html", context, status=400 if form.errors else 200)


@for_people
@require_POST
def recognition_remove(request: HttpRequest, recognition_id: int) -> HttpResponse:
    """Take a rule back."""
    actions.remove_recognition(recognition_id=recognition_id, by=signed_in(request), now=utc_now())
    messages.success(request, _("The rule is removed; its hours count no longer."))
    return redirect("recognition")


def _known_person(request: HttpRequest, person_id: int) -> Person:
    person = person_of(person_id)
    if not may_see_ledger(signed_in(request), person):
        raise PermissionDenied
    return person


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """The training of one person, from every academy; POST enters a document from elsewhere."""
    shown = _known_person(request, person_id)
    viewer = viewer_of(request)
    form = AchievementForm(request.POST or None, courses=teachable(viewer))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_achievement(
                person=shown,
                fields=form.achievement_fields(),
                by=signed_in(request),
                today=today(),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("training-person", person_id)
    context = {
        "person": shown,
        "ledger": ledger(shown, node_institution_id(), viewer.languages),
        "enrolments": own_enrolments(shown, viewer.languages),
        "may_take_data": may_take_data(signed_in(request), shown),
        "form": form,
    }
    return render(request, "cohorts/person.html", context, status=400 if form.errors else 200)


@for_people
@require_POST
def achievement_remove(request: HttpRequest, achievement_id: UUID) -> HttpResponse:
    """Take out a document that was entered by mistake."""
    person_id = actions.remove_achievement(
        achievement_id=achievement_id, by=signed_in(request), now=utc_now()
    )
    messages.success(request, _("Saved."))
    return redirect("training-person", person_id)


@for_people
@require_POST
def person_data(request: HttpRequest, person_id: int) -> StreamingHttpResponse:
    """All that training keeps on a person, as one JSON file; the audit log says so."""
    shown = _known_person(request, person_id)
    told = disclose_training(person=shown, by=signed_in(request), now=utc_now())
    return json_file(request, told, f"training-{shown.pk}")
