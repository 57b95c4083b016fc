"""A draft of a course as its learners will see it, in any language that it has.

In a language that is not the draft's, the published translation stands where it gives a field, and
the draft's own words where it does not, as it will be for learners until the translation follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.records.shapes import TextView
from chorsu.tools.queries import tool_for
from chorsu.training.queries import courses as queries
from chorsu.training.rules.outline import find_unit, neighbours, placed
from chorsu.training.shapes.courses import CourseDraftView, CourseView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.courses import course_page, in_hand
from chorsu.web.exchange import private_blob
from chorsu.web.learning.pages import figures_at, film_at, live_practice
from chorsu.web.learning.shown import line, outline, unit_page
from chorsu.web.practice_page import Asked


@require_safe
@for_authors
def course(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The course's own page; `?text=ru` in another language."""
    draft = queries.draft(str(draft_id), signed_in(request))
    asked = Asked(Asked.read(request.GET).text)
    view = as_course(draft, asked.text)
    page = course_page(request, view, asked)
    hand, query = in_hand(view), f"?text={asked.text}" if asked.text else ""
    context = {
        "draft": draft,
        "course": view,
        "page": replace(
            page,
            parts=outline(hand, _unit_address(draft.id) + query, {}, {}),
            languages=[replace(one, url=f"?text={one.tag}") for one in page.languages],
        ),
    }
    return render(request, "course_editor/preview.html", context)


@require_safe
@for_authors
def unit(request: HttpRequest, draft_id: UUID, key: str) -> HttpResponse:
    """One unit; `?text=ru` in another language."""
    draft = queries.draft(str(draft_id), signed_in(request))
    asked = Asked.read(request.GET).text
    view = as_course(draft, asked)
    hand, units = in_hand(view), placed(view.facts)
    one = find_unit(units, key)
    if one is None:
        raise Http404
    own = partial(_file_address, draft.id)
    shown = unit_page(hand, one, figures_at(hand, own))
    film = film_at(shown.film, own)
    before, after = neighbours(units, one.key)
    address = _unit_address(draft.id) + (f"?text={asked}" if asked else "")
    context = {
        "draft": draft,
        "course": view,
        "unit": replace(shown, film=film and replace(film, variants=[])),
        "total": len(units),
        "practice": live_practice(request, one),
        "before": line(hand, before, address, {}, {}) if before else None,
        "after": line(hand, after, address, {}, {}) if after else None,
        "languages": view.texts,
        "asked": asked,
        "by_lti": tool_for(one.unit["tool"]) if one.unit["tool"] else None,
    }
    return render(request, "course_editor/preview_unit.html", context)


@require_safe
@for_authors
def file(request: HttpRequest, draft_id: UUID, sha256: str) -> HttpResponseBase:
    """A file of the draft, for those who may read the draft; its blob is nobody else's yet."""
    draft = queries.draft(str(draft_id), signed_in(request))
    if all(one.sha256 != sha256 for one in draft.files):
        raise Http404
    return private_blob(request, sha256)


def as_course(draft: CourseDraftView, language: str) -> CourseView:
    """The course that the draft would become, read in a language if it has it."""
    words = {**_names(draft), **draft.words}
    original = TextView(
        language=draft.language,
        provenance="original",
        revision=draft.based_on + 1,
        translated_by="",
        translated_on=None,
        supplied_by=settings.NODE_NAME,
        stale=False,
        title=words.get("title", ""),
        summary=words.get("summary", ""),
        words=words,
    )
    texts: Mapping[str, TextView] = {**queries.texts_beside(draft), draft.language: original}
    return CourseView(
        id=draft.id,
        origin=settings.NODE_NAME,
        is_own=True,
        institution_id=draft.institution_id,
        revision=draft.based_on + 1,
        audience=draft.audience,
        licence=draft.licence,
        original_language=draft.language,
        published_at=draft.saved_at,
        updated_at=draft.saved_at,
        arrived_at=draft.saved_at,
        facts=draft.facts,
        text=texts.get(language, original),
        original=original,
        texts=list(texts.values()),
        files=draft.files,
        blob="",
    )


def _names(draft: CourseDraftView) -> dict[str, str]:
    """What modules and units are called while they have no title: a line must lead somewhere."""
    modules = {
        f"modules.{module['key']}.title": _("Module %(number)s") % {"number": number}
        for number, module in enumerate(draft.facts["modules"], 1)
    }
    return modules | {f"units.{key}.title": name for key, name in unit_titles(draft).items()}


def _unit_address(draft_id: str) -> str:
    return reverse("course-draft-preview-unit", args=[draft_id, "x"]).removesuffix("x/") + "{}/"


def _file_address(draft_id: str, sha256: str) -> str:
    """The draft's own address of a file: nobody else may read its blob yet."""
    return reverse("course-draft-file", args=[draft_id, sha256])
