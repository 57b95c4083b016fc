"""Publishing, revising, beginning anew, withdrawing, discarding: each page says what follows."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.flows.publishing import publish_draft
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution
from chorsu.institutions.writing import may_edit
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import (
    DraftConflict,
    NoSuchDraft,
    NotOwnPractice,
)
from chorsu.practices.rules import FieldError, InvalidPractice
from chorsu.practices.shapes import DraftView, PracticeView
from chorsu.web.access import signed_in
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_discard, may_publish, number
from chorsu.web.drafting.talking import changed_meanwhile
from chorsu.web.labels import LICENCE_NAMES, label
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of
from chorsu.web.writing.guards import for_members
from chorsu.web.writing.labels import name_of
from chorsu.web.writing.review import gaps_of


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def publish(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """What will be published, what is missing; a POST with `version` publishes."""
    person = signed_in(request)
    draft = _draft_or_published(request, str(draft_id))
    if isinstance(draft, HttpResponse):
        return draft
    if not may_publish(person, draft.institution_id):
        raise NotAllowed(Role.EDITOR)
    if request.method != "POST":
        return _publish_page(request, draft, gaps_of(draft))
    try:
        published = publish_draft(
            draft_id=draft.id,
            version=number(request.POST.get("version")),
            by=person,
            now=utc_now(),
        )
    except InvalidPractice as invalid:
        return _publish_page(request, draft, invalid.errors, status=422)
    except DraftConflict:
        return changed_meanwhile(request, "draft", draft_id)
    except NoSuchDraft:
        # Another editor's publication was finished between the look above and this one.
        return _published_already(request, draft.id)
    messages.success(request, _("The practice is published."))
    return redirect("practice", practice_id=published.id)


def _draft_or_published(request: HttpRequest, draft_id: str) -> DraftView | HttpResponse:
    """The draft; if somebody has published it meanwhile, the way to the practice."""
    try:
        return queries.draft(draft_id, signed_in(request))
    except NoSuchDraft:
        return _published_already(request, draft_id)


def _published_already(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The way to the practice; raises `NoSuchPractice` if the draft was discarded instead."""
    queries.practice(draft_id, viewer_of(request))
    messages.info(request, _("This draft has been published already."))
    return redirect("practice", practice_id=draft_id)


def _publish_page(
    request: HttpRequest, draft: DraftView, errors: list[FieldError], *, status: int = 200
) -> HttpResponse:
    here = page_language().tag
    context = {
        "draft": draft,
        "institution": institution(draft.institution_id).name(here),
        "revision": draft.based_on + 1,
        "licence": label(LICENCE_NAMES, draft.licence),
        "gaps": [(str(name_of(one.field)) if one.field else "", message(one)) for one in errors],
        "open_comments": sum(1 for one in draft.comments if one.resolved_at is None),
    }
    return render(request, "writing/publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Throw a draft away, after asking."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    if not may_discard(draft, person):
        raise NotAllowed(Role.EDITOR)
    if request.method == "POST":
        try:
            actions.discard_draft(
                draft_id=draft.id,
                version=number(request.POST.get("version")),
                by=person,
                now=utc_now(),
            )
        except DraftConflict:
            return changed_meanwhile(request, "draft", draft_id)
        messages.success(request, _("The draft is discarded."))
        return redirect("work")
    return render(request, "writing/discard.html", {"draft": draft})


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def revise(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Begin a new revision of a published practice, or go on with the one begun."""
    person = signed_in(request)
    view = _own(request, practice_id)
    if not may_edit(person, view.institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)
    if request.method == "POST":
        draft = actions.revise(practice_id=view.id, by=person, now=utc_now())
        return redirect("draft-edit", draft_id=draft.id)
    try:
        queries.draft(view.id, person)
    except NoSuchDraft:
        return render(request, "writing/revise.html", {"practice": view, "next": view.revision + 1})
    return redirect("draft-edit", draft_id=view.id)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def withdraw(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Take a published practice back, for a `reason` that all readers see."""
    person = signed_in(request)
    view = _own(request, practice_id)
    if not may_publish(person, view.institution_id):
        raise NotAllowed(Role.EDITOR)
    reason, errors = request.POST.get("reason", ""), []
    has_draft = _has_draft(view.id, person)
    if request.method == "POST":
        try:
            withdraw_practice(practice_id=view.id, reason=reason, by=person, now=utc_now())
        except InvalidPractice as invalid:
            errors = [_withdrawal_error(error) for error in invalid.errors]
        else:
            said = _("The practice is withdrawn.")
            if has_draft:
                said = _(
                    "The practice is withdrawn. "
                    "The draft of its next revision is kept as the draft of a new practice."
                )
            messages.success(request, said)
            return redirect("work")
    context = {"practice": view, "reason": reason, "errors": errors, "has_draft": has_draft}
    return render(request, "writing/withdraw.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def begin(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Begin a new practice with the text of one of this node, be it published or withdrawn."""
    person = signed_in(request)
    source = queries.beginning(str(practice_id), person)
    if request.method == "POST":
        draft = actions.begin_from(practice_id=source.practice_id, by=person, now=utc_now())
        return redirect("draft-edit", draft_id=draft.id)
    return render(request, "writing/begin.html", {"source": source})


def _has_draft(practice_id: str, person: Person) -> bool:
    try:
        return bool(queries.draft(practice_id, person))
    except NoSuchDraft:
        return False


def _withdrawal_error(error: FieldError) -> str:
    if error.code == "missing":
        return _("Say why: readers who cited the practice need to know.")
    return message(error)


def _own(request: HttpRequest, practice_id: UUID) -> PracticeView:
    """The practice, if this node published it."""
    view = queries.practice(str(practice_id), viewer_of(request))
    if not view.is_own:
        raise NotOwnPractice(view.id)
    return view
