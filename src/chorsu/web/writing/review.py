"""What an editor and a contributor tell each other about a draft, and what an editor decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import DraftConflict, WrongState
from chorsu.practices.rules import (
    TEXT_FIELDS,
    FieldError,
    InvalidPractice,
    missing_for_publication,
    refusals,
)
from chorsu.practices.shapes import CommentView, DraftView
from chorsu.web.access import signed_in
from chorsu.web.drafting.controls import Text
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_publish, number
from chorsu.web.locales import page_language
from chorsu.web.markdown import to_html
from chorsu.web.writing.guards import for_members, may_discard, may_save
from chorsu.web.writing.labels import LABELS, name_of
from chorsu.web.writing.parts import thread
from chorsu.web.writing.preview import as_practice, draft_page

# What is remarked on besides the texts, in the order of the page.
_GROUPS = ("indicators", "themes", "sources", "contacts", "files")


@dataclass(frozen=True, slots=True)
class Item:
    """A field under review: its text as readers will see it, and the remarks on it."""

    name: str
    label: Text
    text: str
    html: SafeString | None
    group: bool
    open: Sequence[CommentView]
    done: Sequence[CommentView]
    is_missing: bool


@require_safe
@for_members
def show(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The draft, field by field, with the talk about each."""
    return review_page(request, queries.draft(str(draft_id), signed_in(request)))


def review_page(
    request: HttpRequest,
    draft: DraftView,
    *,
    status: int = 200,
    typed: tuple[str, str] = ("", ""),
    error: str = "",
) -> HttpResponse:
    """The review page; `typed` is a remark (field, text) that could not be kept, with its error."""
    person = signed_in(request)
    missing = gaps_of(draft)
    view = as_practice(draft)
    context = {
        "draft": draft,
        "practice": view,
        "page": draft_page(view),
        "institution": institution(draft.institution_id).name(page_language().tag),
        "items": _items(draft, {gap.field for gap in missing}),
        "whole": _item(draft, "", set()),
        "missing": [told(draft, gap) for gap in missing],
        "may_publish": may_publish(person, draft.institution_id),
        "may_save": may_save(draft, person),
        "may_discard": may_discard(draft, person),
        "typed_field": typed[0],
        "typed_text": typed[1],
        "error": error,
    }
    return render(request, "writing/review.html", context, status=status)


@require_POST
@for_members
def comment(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Remark on a field: `field` (empty: the whole draft), `text`."""
    person, field = signed_in(request), request.POST.get("field", "")
    text = request.POST.get("text", "")
    try:
        actions.comment(draft_id=str(draft_id), field=field, text=text, by=person, now=utc_now())
    except InvalidPractice as invalid:
        draft = queries.draft(str(draft_id), person)
        said = message(invalid.errors[0])
        if invalid.errors[0].code == "missing":
            said = _("Write something first.")
        return review_page(request, draft, status=422, typed=(field, text), error=said)
    return redirect(_anchor(draft_id, field))


@require_POST
@for_members
def resolve(request: HttpRequest, draft_id: UUID, comment_id: int) -> HttpResponse:
    """Mark a remark as dealt with."""
    done = actions.resolve_comment(comment_id=comment_id, by=signed_in(request), now=utc_now())
    if request.POST.get("back") == "edit":
        return redirect(f"{reverse('draft-edit', args=[draft_id])}#u-{done.field.split('.')[0]}")
    return redirect(_anchor(draft_id, done.field))


@require_POST
@for_members
def submit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Hand the draft, as it is saved, to the editors."""
    person = signed_in(request)
    try:
        actions.submit_draft(
            draft_id=str(draft_id), version=_version(request), by=person, now=utc_now()
        )
    except InvalidPractice as invalid:
        for error in invalid.errors:
            messages.error(request, f"{name_of(error.field)}: {message(error)}")
        return redirect("draft-edit", draft_id=draft_id)
    except (DraftConflict, WrongState):
        return changed_meanwhile(request, draft_id)
    messages.success(request, _("The draft is with the editors now."))
    return redirect("work")


@require_POST
@for_members
def give_back(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Return a submitted draft to its writer, with a remark on the whole (`text`)."""
    person, text = signed_in(request), request.POST.get("text", "")
    try:
        actions.return_draft(
            draft_id=str(draft_id), version=_version(request), text=text, by=person, now=utc_now()
        )
    except InvalidPractice as invalid:
        draft = queries.draft(str(draft_id), person)
        said = message(invalid.errors[0])
        return review_page(request, draft, status=422, typed=("return", text), error=said)
    except (DraftConflict, WrongState):
        draft = queries.draft(str(draft_id), person)
        said = _("Somebody changed this draft meanwhile. Look at it again, then decide.")
        return review_page(request, draft, status=409, typed=("return", text), error=said)
    messages.success(request, _("The draft went back to its writer."))
    return redirect("work")


def changed_meanwhile(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Back to the draft as it is now, with a word on why nothing was done."""
    messages.warning(
        request, _("Somebody changed this draft meanwhile. Look at it again, then decide.")
    )
    return redirect("draft-review", draft_id=draft_id)


def gaps_of(draft: DraftView) -> list[FieldError]:
    """What stands between a draft and its publication."""
    refused = refusals(draft.words, draft.facts, draft.refused)
    return missing_for_publication(draft.words, draft.facts, refused)


def told(draft: DraftView, error: FieldError) -> tuple[str, str, str]:
    """(anchor on the review page, name of the field, sentence) of an error."""
    unit = error.field.split(".")[0]
    anchor = unit if unit in (*FIELD_NAMES, *_GROUPS) else "facts"
    return f"r-{anchor}", str(name_of(error.field)), message(error)


FIELD_NAMES = tuple(field.name for field in TEXT_FIELDS)


def _items(draft: DraftView, missing: set[str]) -> list[Item]:
    return [_item(draft, name, missing) for name in (*FIELD_NAMES, *_GROUPS)]


def _item(draft: DraftView, name: str, missing: set[str]) -> Item:
    talk = thread(draft.comments, name)
    text = draft.words.get(name, "")
    is_markdown = any(field.name == name and field.markdown for field in TEXT_FIELDS)
    return Item(
        name=name,
        label=LABELS[name].name if name in LABELS else name_of(name),
        text=text,
        html=to_html(text, heading=3) if is_markdown else None,
        group=name in _GROUPS,
        open=[one for one in talk if one.resolved_at is None],
        done=[one for one in talk if one.resolved_at is not None],
        is_missing=name in missing,
    )


def _version(request: HttpRequest) -> int:
    return number(request.POST.get("version"))


def _anchor(draft_id: UUID, field: str) -> str:
    return f"{reverse('draft-review', args=[draft_id])}#r-{field.split('.')[0] or 'whole'}"
