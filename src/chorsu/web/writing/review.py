"""What an editor and a contributor tell each other about a draft, and what an editor decides."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.queries import institution
from chorsu.practices import actions, queries
from chorsu.practices.rules import (
    TEXT_FIELDS,
    FieldError,
    missing_for_publication,
    refusals,
)
from chorsu.practices.shapes import DraftView
from chorsu.web.access import signed_in
from chorsu.web.drafting import talking
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_discard, may_publish, may_save
from chorsu.web.drafting.talking import Item, Talk, open_and_done, thread
from chorsu.web.locales import page_language
from chorsu.web.markdown import to_html
from chorsu.web.writing.guards import for_members
from chorsu.web.writing.labels import LABELS, name_of
from chorsu.web.writing.preview import as_practice, draft_page

# What is remarked on besides the texts, in the order of the page.
_GROUPS = ("indicators", "themes", "sources", "contacts", "files")


@require_safe
@for_members
def show(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The draft, field by field, with the talk about each."""
    return review_page(request, str(draft_id))


def review_page(
    request: HttpRequest,
    draft_id: str,
    *,
    status: int = 200,
    typed: tuple[str, str] = ("", ""),
    error: str = "",
) -> HttpResponse:
    """The review page; `typed` is a remark (field, text) that could not be kept, with its error."""
    person = signed_in(request)
    draft = queries.draft(draft_id, person)
    missing = gaps_of(draft)
    view = as_practice(draft)
    context = {
        "draft": draft,
        "talk": _TALK.prefix,
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
    """Remark on a field."""
    return talking.comment(request, _TALK, draft_id)


@require_POST
@for_members
def resolve(request: HttpRequest, draft_id: UUID, comment_id: int) -> HttpResponse:
    """Mark a remark as dealt with."""
    return talking.resolve(request, _TALK, draft_id, comment_id)


@require_POST
@for_members
def submit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Hand the draft to the editors."""
    return talking.submit(request, _TALK, draft_id)


@require_POST
@for_members
def give_back(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Return a submitted draft to its writer."""
    return talking.give_back(request, _TALK, draft_id)


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
    waiting, done = open_and_done(thread(draft.comments, name))
    text = draft.words.get(name, "")
    is_markdown = any(field.name == name and field.markdown for field in TEXT_FIELDS)
    return Item(
        name=name,
        label=LABELS[name].name if name in LABELS else name_of(name),
        text=text,
        html=to_html(text, heading=3) if is_markdown else None,
        group=name in _GROUPS,
        open=waiting,
        done=done,
        is_missing=name in missing,
    )


_TALK = Talk(
    prefix="draft",
    comment=actions.comment,
    resolve=actions.resolve_comment,
    submit=actions.submit_draft,
    give_back=actions.return_draft,
    page=review_page,
    name_of=name_of,
    place_of=lambda field: field.split(".")[0] or "whole",
)
