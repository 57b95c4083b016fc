"""What a learner leaves at a unit: done, a bookmark, a note, how far they read, answers, work."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chorsu.kernel.clock import utc_now
from chorsu.training.actions import learning as actions
from chorsu.training.actions.learning import CourseClosed, NoteMoved
from chorsu.training.actions.private_files import MAX_FILE
from chorsu.training.actions.submissions import WorkRefused, save_work
from chorsu.training.remembering import points
from chorsu.training.rules.outline import next_unit
from chorsu.training.rules.surveys import NotAnswered
from chorsu.web.learning.pages import desk_of, unit_context, unit_of


@login_required
@require_POST
def done(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Mark a unit done and lead on to the next, or (`undo`) mark it not done after all."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    if one.kind in ("quiz", "assignment", "survey", "lab"):
        raise Http404
    undo = "undo" in request.POST
    try:
        said = desk.course.original.get(f"units.{one.key}.key_points", "")
        actions.set_done(
            learner=desk.learner, unit=one.key, done=not undo, points=points(said), now=utc_now(),
        )  # fmt: skip
    except CourseClosed:
        messages.warning(request, course_closed())
    following = None if undo else next_unit(desk.units, desk.done | {one.key}, one.key)
    if undo:
        return redirect("learning-unit", enrolment_id, one.key)
    if following is None:
        return redirect("learning-course", enrolment_id)
    return redirect("learning-unit", enrolment_id, following.key)


@login_required
@require_POST
def bookmark(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Set a bookmark at a unit, or take it away."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    on = request.POST.get("on") == "1"
    actions.set_bookmark(learner=desk.learner, unit=one.key, on=on, now=utc_now())
    return redirect("learning-unit", enrolment_id, one.key)


@login_required
@require_POST
def note(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Keep the learner's note at a unit; what was changed elsewhere meanwhile is shown beside it.

    A script (`Accept: application/json`) is told the version, or by 409 what stands.
    """
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    text, version = request.POST.get("note", ""), _number(request.POST.get("version", ""))
    scripted = request.headers.get("Accept") == "application/json"
    try:
        version = actions.write_note(
            learner=desk.learner, unit=one.key, version=version, text=text, now=utc_now()
        )
    except NoteMoved as moved:
        words = _("Your note was changed on another device meanwhile.")
        if scripted:
            told = {"state": words, "version": moved.version, "note": moved.text}
            return JsonResponse(told, status=409)
        context = unit_context(request, desk, one, moved=moved, typed=text)
        return render(request, "learning/unit.html", context, status=409)
    if scripted:
        return JsonResponse({"state": _("Saved"), "version": version})
    response = redirect("learning-unit", enrolment_id, one.key)
    response["Location"] += "#note"
    return response


@login_required
@require_POST
def position(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Keep how far a unit was read, in thousandths; from a script that asks for no answer."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    place = _number(request.POST.get("position", ""))
    actions.read_to(learner=desk.learner, unit=one.key, position=place, now=utc_now())
    return HttpResponse(status=204)


@login_required
@require_POST
def survey(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Keep what a learner answered to a survey."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    questions = one.unit["survey"]
    if questions is None:
        raise Http404
    given = {row["key"]: request.POST.get(f"s.{row['key']}", "") for row in questions}
    words = {**desk.course.original, **desk.course.words}
    try:
        actions.answer_survey(
            learner=desk.learner, unit=one.key, questions=questions, words=words, given=given,
            now=utc_now(),
        )  # fmt: skip
    except CourseClosed:
        messages.warning(request, course_closed())
    except NotAnswered as refused:
        trouble = _("Answer at least one question.")
        context = unit_context(
            request, desk, one, answered=given, survey_trouble=trouble, survey_wrong=refused.keys
        )
        return render(request, "learning/unit.html", context, status=422)
    else:
        messages.success(request, _("Thank you. Your answers are saved."))
    return redirect("learning-unit", enrolment_id, one.key)


@login_required
@require_POST
def work(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Keep work for an assignment, or hand it in (`hand_in`)."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    assignment = one.unit["assignment"]
    if assignment is None:
        raise Http404
    text, upload = request.POST.get("text", ""), request.FILES.get("file")
    hand_in = "hand_in" in request.POST
    try:
        save_work(
            learner=desk.learner, unit=one.key, assignment=assignment, text=text,
            file=_read(upload), hand_in=hand_in, now=utc_now(),
        )  # fmt: skip
    except CourseClosed:
        messages.warning(request, course_closed())
    except WorkRefused as refused:
        context = unit_context(request, desk, one, typed_work=text, work_trouble=_refusal(refused))
        return render(request, "learning/unit.html", context, status=422)
    else:
        said = _("Your work is handed in.") if hand_in else _("Your work is saved.")
        messages.success(request, said)
    return redirect("learning-unit", enrolment_id, one.key)


def _read(upload: UploadedFile[bytes] | None) -> tuple[str, bytes] | None:
    """Name and bytes; of a file that is too large no more than shows that it is."""
    if upload is None:
        return None
    return upload.name or "", upload.read(MAX_FILE + 1)


def _refusal(refused: WorkRefused) -> str:
    if refused.code == "file-too-large":
        return _("The file is too large: at most %(number)s MB.") % {"number": MAX_FILE // 1024**2}
    if refused.code == "marked":
        return _("This work is being marked and can no longer be changed.")
    if refused.code == "form":
        return _("This assignment does not take this form of work.")
    return _("There is nothing to hand in yet.")


def course_closed() -> str:
    """What is said when a result is there already."""
    return _("You have the result of this course: nothing more is counted.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
