"""A learner tries something out in a lab, or opens an external tool."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chorsu.flows import launching
from chorsu.kernel.clock import utc_now
from chorsu.labs.contract import ChoicesRefused, Reading, read
from chorsu.tools.queries import tool_for
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.outside import keep_try
from chorsu.training.rules.outline import PlacedUnit
from chorsu.web.learning.lab_page import lab_of, refused_page, seed
from chorsu.web.learning.marks import course_closed
from chorsu.web.learning.pages import Desk, desk_of, unit_context, unit_of
from chorsu.web.locales import page_language


@login_required
@require_POST
def run(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Reckon what comes of the choices and keep them; what cannot be is shown as it was typed.

    The score is the node's own: nothing a browser says of it is read.
    """
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    lab = lab_of(one)
    if one.kind != "lab" or lab is None:
        raise Http404
    here = page_language().tag
    typed = {name: str(value) for name, value in request.POST.items()}
    reading = read(lab.task(seed(desk.learner, one), here), typed)
    if reading.wrong:
        return _refused(request, desk, one, reading, dict.fromkeys(reading.wrong, ""))
    try:
        outcome = lab.run(seed(desk.learner, one), reading.choices, here)
        keep_try(
            learner=desk.learner, unit=one.key, choices=reading.choices, percent=outcome.percent,
            now=utc_now(),
        )  # fmt: skip
    except ChoicesRefused as refused:
        return _refused(request, desk, one, reading, refused.fields)
    except CourseClosed:
        messages.warning(request, course_closed())
    response = redirect("learning-unit", enrolment_id, one.key)
    response["Location"] += "#lab-result"
    return response


def _refused(
    request: HttpRequest, desk: Desk, one: PlacedUnit, reading: Reading, why: dict[str, str]
) -> HttpResponse:
    lab = lab_of(one)
    assert lab is not None  # noqa: S101 - as the caller found
    page = refused_page(desk.learner, one, lab, reading, why)
    context = unit_context(request, desk, one, lab=page)
    return render(request, "learning/unit.html", context, status=422)


@login_required
@require_safe
def open_tool(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Send the browser to the tool's login initiation; nothing changes here by that."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    tool = tool_for(one.unit["tool"]) if one.kind == "tool" else None
    if tool is None:
        raise Http404
    learner = desk.learner
    return HttpResponseRedirect(
        launching.begin(tool=tool, person_id=learner.person_id, at=learner.cohort_id, one=one)
    )
