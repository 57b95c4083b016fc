"""A draft of a course before it is published: what is missing, what changed, in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.training.actions import courses as actions
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import hours_of, units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.bank import shortages
from chorsu.web.course_editor.changes import Change, Said, changes
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.labels import name_of
from chorsu.web.course_editor.moved import moved_on
from chorsu.web.course_editor.readiness import gaps_of, told
from chorsu.web.course_editor.remarks import items_of, place_of
from chorsu.web.course_editor.text_parts import COURSE
from chorsu.web.drafting import talking
from chorsu.web.drafting.people import may_discard, may_publish, may_save
from chorsu.web.drafting.talking import Talk
from chorsu.web.forked import forked_from
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """What becomes of a language when the draft is published: fields that will be there, missing
    or to be looked at again. `fields` is 0 where there is no text yet.
    """

    language: str
    is_original: bool
    provenance: str
    fields: int
    missing: int
    outdated: int
    url: str


@require_safe
@for_authors
def show(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """All that an editor asks before publication, and the talk about each part."""
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
    lines, gaps = _languages(draft), gaps_of(draft)
    items, whole = items_of(draft, gaps)
    context = {
        "draft": draft,
        "talk": _TALK.prefix,
        "institution": institution(draft.institution_id).name(page_language().tag),
        "gaps": told(draft, gaps),
        "shortages": shortages(draft),
        "moved_on": moved_on(draft),
        "forked": forked_from(draft.facts, viewer_of(request)),
        "languages": lines,
        "brings_texts": not draft.based_on and sum(bool(one.provenance) for one in lines) > 1,
        "changes": _changes(draft),
        "modules": len(draft.facts["modules"]),
        "units": sum(1 for _unit in units_of(draft.facts)),
        "hours": hours_of(draft.facts),
        "items": items,
        "whole": whole,
        "may_publish": may_publish(person, draft.institution_id),
        "may_save": may_save(draft, person),
        "may_discard": may_discard(draft, person),
        "typed_field": typed[0],
        "typed_text": typed[1],
        "error": error,
    }
    return render(request, "course_editor/review.html", context, status=status)


@require_POST
@for_authors
def comment(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Remark on a part."""
    return talking.comment(request, _TALK, draft_id)


@require_POST
@for_authors
def resolve(request: HttpRequest, draft_id: UUID, comment_id: int) -> HttpResponse:
    """Mark a remark as dealt with."""
    return talking.resolve(request, _TALK, draft_id, comment_id)


@require_POST
@for_authors
def submit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Hand the draft to the editors."""
    return talking.submit(request, _TALK, draft_id)


@require_POST
@for_authors
def give_back(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Return a submitted draft to its writer."""
    return talking.give_back(request, _TALK, draft_id)


def _changes(draft: CourseDraftView) -> Sequence[Change]:
    """What the draft changes in what is published; nothing if nothing is."""
    if not draft.based_on:
        return []
    found = queries.taught(draft.id, draft.based_on)
    return changes(Said(found.original.words, found.facts), draft)


def _languages(draft: CourseDraftView) -> list[LanguageLine]:
    """All eight: what learners will lack in each once this is published."""
    there = queries.texts_beside(draft)
    before = there[draft.language].words if there else {}
    touched = {name for name, text in draft.words.items() if before.get(name) != text}
    found = []
    for tag in TAGS:
        text = there.get(tag)
        words = draft.words if tag == draft.language else text.words if text else {}
        mine = tag == draft.language
        found.append(
            LanguageLine(
                language=tag,
                is_original=mine,
                provenance="original" if mine else text.provenance if text else "",
                fields=len(words),
                missing=sum(1 for name in draft.words if not words.get(name)),
                outdated=0 if mine else sum(1 for name in touched if words.get(name)),
                url=reverse("course-translate", args=[draft.id, tag, COURSE])
                if draft.based_on and not mine
                else "",
            )
        )
    return found


_TALK = Talk(
    prefix="course-draft",
    comment=actions.comment,
    resolve=actions.resolve_comment,
    submit=actions.submit_draft,
    give_back=actions.return_draft,
    page=review_page,
    name_of=name_of,
    place_of=place_of,
)
