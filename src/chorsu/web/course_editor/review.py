"""A draft of a course before it is published: what is missing, what changed, in which languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import hours_of, units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.bank import shortages
from chorsu.web.course_editor.changes import Change, Said, changes
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.moved import forked_from, moved_on
from chorsu.web.course_editor.readiness import gaps_of, told
from chorsu.web.course_editor.text_parts import COURSE
from chorsu.web.drafting.people import may_publish
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
    """All that an editor asks before publication."""
    person, viewer = signed_in(request), viewer_of(request)
    draft = queries.draft(str(draft_id), person)
    publishes = may_publish(person, draft.institution_id)
    context = {
        "draft": draft,
        "institution": institution(draft.institution_id).name(page_language().tag),
        "gaps": told(draft, gaps_of(draft)),
        "shortages": shortages(draft),
        "moved_on": moved_on(draft),
        "forked": forked_from(draft, viewer),
        "languages": _languages(draft),
        "changes": _changes(draft),
        "modules": len(draft.facts["modules"]),
        "units": sum(1 for _unit in units_of(draft.facts)),
        "hours": hours_of(draft.facts),
        "may_publish": publishes,
        "may_discard": publishes or draft.created_by == str(person),
    }
    return render(request, "course_editor/review.html", context)


def _changes(draft: CourseDraftView) -> Sequence[Change]:
    """What the draft changes in what is published; nothing if nothing is."""
    if not draft.based_on:
        return []
    found = queries.taught(draft.id, draft.based_on)
    return changes(Said(found.original.words, found.facts), draft)


def _languages(draft: CourseDraftView) -> list[LanguageLine]:
    """All eight: what learners will lack in each once this is published."""
    there = queries.taught(draft.id, draft.based_on).texts if draft.based_on else {}
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
