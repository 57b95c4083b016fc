"""Publishing, discarding, withdrawing a course: each page says what follows."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.flows.teaching import publish_course, withdraw_course
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Role
from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions import courses as actions
from chorsu.training.errors.bank import NotShareable
from chorsu.training.errors.courses import CourseDraftConflict, NoSuchCourseDraft, NotOwnCourse
from chorsu.training.queries import courses as queries
from chorsu.training.queries.sharing import is_shared, questions_to_share
from chorsu.training.rules.fields import units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.readiness import gaps_of, told
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_discard, may_publish, number
from chorsu.web.drafting.talking import changed_meanwhile
from chorsu.web.labels import LICENCE_NAMES, label
from chorsu.web.locales import page_language
from chorsu.web.question_bank.sharing import why_not
from chorsu.web.viewer import viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def publish(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """What will be published, what is missing; a POST with `version` publishes."""
    person = signed_in(request)
    try:
        draft = queries.draft(str(draft_id), person)
    except NoSuchCourseDraft:
        return _published_already(request, str(draft_id))
    if not may_publish(person, draft.institution_id):
        raise NotAllowed(Role.EDITOR)
    if request.method != "POST":
        return _publish_page(request, draft, gaps_of(draft))
    try:
        published = publish_course(
            draft_id=draft.id,
            version=number(request.POST.get("version")),
            by=person,
            now=utc_now(),
            with_questions=bool(request.POST.get("questions")),
        )
    except InvalidRecord as invalid:
        return _publish_page(request, draft, invalid.errors, status=422)
    except NotShareable as refused:
        return _publish_page(request, draft, [], refused=why_not(refused.code), status=422)
    except CourseDraftConflict:
        return changed_meanwhile(request, "course-draft", draft_id)
    except NoSuchCourseDraft:
        # Another editor's publication was finished between the look above and this one.
        return _published_already(request, draft.id)
    messages.success(request, _("The course is published."))
    return redirect("course", course_id=published.id)


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Throw a draft away, after asking."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    if not may_discard(draft, person):
        raise NotAllowed(Role.EDITOR)
    if request.method != "POST":
        return render(request, "course_editor/discard.html", {"draft": draft})
    try:
        actions.discard_draft(
            draft_id=draft.id,
            version=number(request.POST.get("version")),
            by=person,
            now=utc_now(),
        )
    except CourseDraftConflict:
        return changed_meanwhile(request, "course-draft", draft_id)
    messages.success(request, _("The draft is discarded."))
    return redirect("work")


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def withdraw(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Take a published course back, for a `reason` that all readers see."""
    person = signed_in(request)
    view = queries.course(str(course_id), viewer_of(request))
    if not view.is_own:
        raise NotOwnCourse(view.id)
    if not may_publish(person, view.institution_id):
        raise NotAllowed(Role.EDITOR)
    reason, errors = request.POST.get("reason", ""), []
    if request.method == "POST":
        try:
            withdraw_course(course_id=view.id, reason=reason, by=person, now=utc_now())
        except InvalidRecord as invalid:
            errors = [_withdrawal_error(error) for error in invalid.errors]
        else:
            messages.success(request, _("The course is withdrawn."))
            return redirect("work")
    context = {"course": view, "reason": reason, "errors": errors}
    return render(request, "course_editor/withdraw.html", context, status=422 if errors else 200)


def _published_already(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The way to the course; raises `NoSuchCourse` if the draft was discarded instead."""
    queries.course(draft_id, viewer_of(request))
    messages.info(request, _("This draft has been published already."))
    return redirect("course", course_id=draft_id)


def _publish_page(
    request: HttpRequest,
    draft: CourseDraftView,
    errors: list[FieldError],
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """`refused`: why its questions can't go along."""
    shared = is_shared(draft.id)
    context = {
        "questions": len(questions_to_share(UUID(draft.id), draft.facts)),
        "shared": shared,
        "chosen": request.POST.get("questions") if request.method == "POST" else shared,
        "refused": refused,
        "draft": draft,
        "institution": institution(draft.institution_id).name(page_language().tag),
        "revision": draft.based_on + 1,
        "licence": label(LICENCE_NAMES, draft.licence),
        "units": sum(1 for _unit in units_of(draft.facts)),
        "gaps": told(draft, errors),
        "open_comments": sum(1 for one in draft.comments if one.resolved_at is None),
    }
    return render(request, "course_editor/publish.html", context, status=status)


def _withdrawal_error(error: FieldError) -> str:
    if error.code == "missing":
        return _("Say why: readers who cited the course need to know.")
    return message(error)
