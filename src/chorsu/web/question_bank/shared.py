"""The questions that a course has in the log of its academy, to be read by those who teach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from chorsu.training.items import Item, text_in
from chorsu.training.items.showing import GAP
from chorsu.training.queries import shared_banks
from chorsu.training.queries.cohorts import places_to_teach
from chorsu.web.access import signed_in
from chorsu.web.course_labels import competence_name
from chorsu.web.drafting.people import places_to_write
from chorsu.web.markdown import to_html
from chorsu.web.paging import paged
from chorsu.web.question_bank.foreseen import answers_of
from chorsu.web.question_bank.labels import TYPES
from chorsu.web.question_pictures import figures_of
from chorsu.web.viewer import viewer_of

_GAP = r"\\_\\_\\_\\_"
"""A gap in a stem, in Markdown; doubled, for it replaces by a pattern."""


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A question as a list shows it, with what is right."""

    type: str | Promise
    competence: str | Promise
    points: str
    stem: SafeString
    language: str
    provenance: str
    answers: Sequence[tuple[SafeString, bool]]
    languages: Sequence[str]


@login_required
@require_safe
def index(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """The questions, `?page=2`, with what is right: for who teaches or writes here, and never for
    somebody who learns where they are asked.
    """
    person, viewer = signed_in(request), viewer_of(request)
    if not (places_to_teach(person) or places_to_write(person)):
        raise PermissionDenied
    if shared_banks.learns_from(person.pk, course_id):
        raise PermissionDenied
    bank = shared_banks.published_for(course_id)
    if bank is None:
        raise Http404
    items, pages = paged(request, shared_banks.questions_in(course_id))
    context = {
        "bank": bank,
        "rows": [_row(item, viewer.languages, person.pk) for item in items],
        "pages": pages,
    }
    return render(request, "questions/shared.html", context)


def _row(item: Item, languages: Sequence[str], reader_id: int) -> SharedRow:
    figures = figures_of(item, reader_id)
    best = next((tag for tag in languages if tag in item.texts), item.original_language)
    language, text = text_in(item, best)
    code = item.facts["competence"]
    return SharedRow(
        type=TYPES[item.facts["type"]],
        competence=competence_name(code) if code else "",
        points=item.facts["points"],
        stem=to_html(GAP.sub(_GAP, text.words.get("stem", "")), figures=figures),
        language=language,
        provenance=text.provenance,
        answers=answers_of(item.facts, text.words, figures),
        languages=list(item.texts),
    )
