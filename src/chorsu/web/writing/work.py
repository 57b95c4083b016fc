"""My work: what waits for this person, and where a new practice begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chorsu.institutions.models import Person
from chorsu.institutions.queries import institution, own_institutions
from chorsu.institutions.writing import may_translate
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.language.queries import requests
from chorsu.practices import actions, queries
from chorsu.practices.shapes import DraftLine, PracticeCard
from chorsu.practices.wire import KIND
from chorsu.records.viewer import Viewer
from chorsu.training.queries import courses
from chorsu.training.shapes.courses import CourseDraftLine
from chorsu.web.access import signed_in
from chorsu.web.cards import cards
from chorsu.web.course_editor.work import outdated_courses, waiting_courses
from chorsu.web.drafting.people import may_publish, places_to_write
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of
from chorsu.web.writing.guards import for_members


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in the list, with the name of its institution in the page's language. The pages of
    its kind are named `<prefix>-edit` and so on.
    """

    draft: DraftLine | CourseDraftLine
    institution: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that readers of this node lack: `reason` is `missing` or `stale`.

    `set_aside` as on a `Card`.
    """

    practice: PracticeCard
    language: str
    reason: str
    institution: str
    set_aside: str


@require_safe
@for_members
def index(request: HttpRequest) -> HttpResponse:
    """Drafts by whose turn it is, and translations that wait."""
    person = signed_in(request)
    drafts = _drafts(person)
    submitted = [row for row in drafts if row.draft.state == "submitted"]
    to_review = [row for row in submitted if may_publish(person, row.draft.institution_id)]
    translator = may_translate(person)
    context = {
        "outdated": outdated_courses(person),
        "to_review": to_review,
        "returned": [row for row in drafts if row.draft.state == "returned"],
        "writing": [row for row in drafts if row.draft.state == "writing"],
        "with_editors": [row for row in submitted if row not in to_review],
        "may_write": bool(places_to_write(person)),
        "may_translate": translator,
        "waiting": _waiting(viewer_of(request)) if translator else [],
        "waiting_courses": waiting_courses(viewer_of(request)) if translator else [],
    }
    return render(request, "writing/work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def new(request: HttpRequest) -> HttpResponse:
    """Begin a practice: for which institution, in which language."""
    person = signed_in(request)
    chosen, language = _chosen(request, person)
    if request.method == "POST" and language in TAGS and chosen:
        draft = actions.create_draft(
            by=person, institution_id=chosen, language=language, now=utc_now()
        )
        return redirect("draft-edit", draft_id=draft.id)
    status = 200
    if request.method == "POST":
        status = 422
        messages.error(request, _("Choose an institution and a language."))
    here = page_language().tag
    places = places_to_write(person)
    context = {
        "places": [(view.id, view.name(here)) for view in places],
        "languages": LANGUAGES,
        "chosen": chosen or (places[0].id if places else ""),
        "language": language or here,
    }
    return render(request, "writing/new.html", context, status=status)


def _chosen(request: HttpRequest, person: Person) -> tuple[str, str]:
    """(institution id, language tag) as posted; the id empty if it is none of this node."""
    wanted = request.POST.get("institution", "")
    known = wanted in {view.id for view in own_institutions()}
    return wanted if known else "", request.POST.get("language", "")


def _drafts(person: Person) -> list[DraftRow]:
    """Drafts of practices and of courses, last saved first."""
    rows = [_row(draft, "draft") for draft in queries.drafts_for(person)]
    rows += [_row(draft, "course-draft") for draft in courses.drafts_for(person)]
    return sorted(rows, key=lambda row: row.draft.saved_at, reverse=True)


def _row(draft: DraftLine | CourseDraftLine, prefix: str) -> DraftRow:
    return DraftRow(draft, institution(draft.institution_id).short(page_language().tag), prefix)


def _waiting(viewer: Viewer) -> Sequence[Waiting]:
    """Texts asked for in the person's languages, longest waiting first."""
    asked = [one for one in requests(viewer.languages, limit=50) if one.kind == KIND]
    found = queries.practices_by_id(list(dict.fromkeys(one.record_id for one in asked)), viewer)
    shown = {card.id: card for card in cards(list(found.values()))}
    return [
        Waiting(found[card.id], one.language, one.reason, card.institution, card.set_aside)
        for one in asked
        if (card := shown.get(one.record_id))
    ]
