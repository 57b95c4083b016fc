"""What stands before every page of cohorts: a signed-in person, and refusals told as pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.institutions.queries import InstitutionView
from chorsu.training.errors.cohorts import NoSuchCohort, NoSuchCourse, WrongCohortState
from chorsu.training.queries.cohorts import CohortView, cohort, manages, officer_at
from chorsu.web.access import signed_in
from chorsu.web.viewer import viewer_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_people(view: View[P]) -> View[P]:
    """Ask for a sign-in; turn what the packages below refuse into the page that explains it."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotAllowed:
            raise PermissionDenied from None
        except (NoSuchCohort, NoSuchCourse):
            raise Http404 from None
        except WrongCohortState:
            messages.error(request, _("This can't be done any more: it has moved on meanwhile."))
            return redirect("my-training")

    return login_required(guarded)


def run_cohort(request: HttpRequest, cohort_id: UUID) -> CohortView:
    """The cohort, for somebody who runs it; PermissionDenied otherwise."""
    if not manages(signed_in(request), cohort_id):
        raise PermissionDenied
    return shown_cohort(request, cohort_id)


def shown_cohort(request: HttpRequest, cohort_id: UUID) -> CohortView:
    """The cohort in the reader's languages; raises `NoSuchCohort`."""
    return cohort(cohort_id, viewer_of(request).languages)


def officer_place(request: HttpRequest) -> InstitutionView:
    """The institution that is asked for, or the first, for whose training the person answers."""
    places = officer_at(signed_in(request))
    asked = request.GET.get("institution") or request.POST.get("institution")
    for place in places:
        if place.id == asked or not asked:
            return place
    raise PermissionDenied


def person_of(person_id: int) -> Person:
    """Somebody of this node, or a page that says there is nobody."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        raise Http404
    return found


def today() -> date:
    """The day it is in the node's time zone."""
    return timezone.localdate()
