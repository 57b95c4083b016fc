"""What the service worker needs: itself, lists of what to keep."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chorsu.training.queries.attempts import attempts
from chorsu.training.queries.learning import learning_in
from chorsu.web.access import signed_in
from chorsu.web.caching import mark_of
from chorsu.web.learning.pages import desk_of, unit_of

_WORKER = "chorsu/js/sw.js"


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root, so that it may answer for every page."""
    response = HttpResponse(_worker(), "text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _worker() -> bytes:
    found = finders.find(_WORKER)
    if not isinstance(found, str):
        raise Http404
    with open(found, "rb") as file:
        return file.read()


@login_required
@require_safe
def keep_course(request: HttpRequest, enrolment_id: UUID) -> JsonResponse:
    """The pages of a whole course, with the open attempts that no clock runs out of."""
    desk = desk_of(request, enrolment_id)
    units = [reverse("learning-unit", args=[enrolment_id, one.key]) for one in desk.units]
    return _pages(request, [*units, *_running(enrolment_id, "")], enrolment_id)


@login_required
@require_safe
def keep_unit(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> JsonResponse:
    """The pages of one unit, with its open attempt as `keep_course` has it."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    unit = reverse("learning-unit", args=[enrolment_id, one.key])
    return _pages(request, [unit, *_running(enrolment_id, one.key)], enrolment_id)


def _running(enrolment_id: UUID, unit: str) -> list[str]:
    """The pages of open attempts at a quiz, or at all, that no clock runs out of.

    Nothing is begun for keeping: an attempt counts, and the learner says when.
    """
    found = []
    for one in attempts(enrolment_id, unit):
        if one.handed_in_at is None and not one.due_at:
            address = reverse("attempt", args=[enrolment_id, one.id])
            sections = len({section for _item, _version, section in one.drawn})
            found += [address, *(f"{address}?section={n}" for n in range(1, sections + 1))]
    return found


def _pages(request: HttpRequest, addresses: list[str], enrolment_id: UUID) -> JsonResponse:
    # The application opens at the list of courses, without a line too.
    ways = [reverse("learning-offline"), reverse("learning")]
    frame = [*ways, reverse("learning-course", args=[enrolment_id])]
    found = {"pages": [*frame, *addresses], "reader": mark_of(signed_in(request))}
    return JsonResponse(found, headers={"Cache-Control": "private, no-store"})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown in the place of a page that is not kept, while there is no network.

    It names nobody: it stands on the device for whoever sits there.
    """
    request.user = AnonymousUser()
    return render(request, "learning/offline.html")


@login_required
@require_safe
def token(request: HttpRequest) -> JsonResponse:
    """The token that forms carry, for one that was kept with a page may be of an earlier sign-in;
    and who the person is (`mark_of`) and where they learn, for what is kept may be somebody else's.
    """
    person = signed_in(request)
    learns = [str(one) for one in learning_in(person.pk)]
    found = {"token": get_token(request), "reader": mark_of(person), "learns": learns}
    return JsonResponse(found, headers={"Cache-Control": "private, no-store"})
