"""Practices: the list, one practice, its history."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.exchange.queries import peers_set_aside
from chorsu.flows.finding import alike, find_inside
from chorsu.flows.pacing import pace_search
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution, is_member, may, own_institutions
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.practices import queries
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.shapes import PracticeView, RevisionLine
from chorsu.records.cursors import InvalidCursor
from chorsu.records.viewer import Viewer
from chorsu.search.errors import SearchTooSlow, TooManySearches
from chorsu.web.beginning import begin_url, erase_url, may_begin
from chorsu.web.cards import Link, cards
from chorsu.web.course_doors import teach_url
from chorsu.web.erased import ground_label, reason_erased
from chorsu.web.errors import gone, too_many_searches
from chorsu.web.fragments import page_or_part
from chorsu.web.jsonld import json_ld
from chorsu.web.locales import page_language
from chorsu.web.practice_filters import facets, read_filters
from chorsu.web.practice_history import changes
from chorsu.web.practice_page import Asked, page_of, revision_sections
from chorsu.web.snippets import InsideForm, spot_of
from chorsu.web.viewer import viewer_of

PER_PAGE = 20
MORE_LIKE_THIS = 4
KEPT = ("text", "script")
"""Parameters that a search inside a practice leaves as they are."""
MOST_PLACES = 8
"""Places of one practice that are shown for a question."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All practices the reader may see, newest first, narrowed by what the address says."""
    viewer = viewer_of(request)
    filters = read_filters(request.GET)
    after = request.GET.get("after", "")
    try:
        page = queries.practices(viewer, filters, after=after, limit=PER_PAGE)
    except InvalidCursor:
        raise Http404 from None
    counted = queries.counts(viewer, filters)
    context = {
        "cards": cards(page.items),
        "total": counted.total,
        "facets": facets(filters, counted),
        "pages": _pages(request, after, page.next_cursor),
    }
    return page_or_part(request, "practices/index.html", "practices/found.html", context)


def _pages(request: HttpRequest, after: str, following: str) -> dict[str, str]:
    """Addresses for the foot of a list; a cursor only goes on, so back is back to the start."""
    query = request.GET.copy()
    query.pop("after", None)
    first = f"?{query.urlencode()}" if after else ""
    query["after"] = following
    return {"first_url": first, "next_url": f"?{query.urlencode()}" if following else ""}


@require_safe
def show(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """One practice in the best text for the reader, or in the one they ask for.

    `?text=ru` asks for a language, `?script=Cyrl` for another script of it, `?beside=original` for
    the original beside it.
    """
    viewer = viewer_of(request)
    asked = Asked.read(request.GET)
    try:
        view = _practice(str(practice_id), viewer, asked)
    except NoSuchPractice:
        raise Http404 from None
    except PracticeWithdrawn as withdrawn:
        return withdrawn_page(request, withdrawn)
    try:
        answers = _inside(request, view, viewer)
    except TooManySearches as error:
        return too_many_searches(request, error.seconds)
    page = page_of(view, asked, page_language().tag)
    aside = peers_set_aside([view.origin, view.text.supplied_by])
    near = alike(view.id, viewer, limit=MORE_LIKE_THIS)
    context = {
        "practice": view,
        "page": page,
        "json_ld": json_ld(view, page.url, set_aside=view.origin in aside),
        "deeds": _deeds(request.user, view),
        "set_aside": sorted(aside),
        "inside": answers,
        "alike": None if near is None else cards(near),
    }
    return render(request, "practices/show.html", context)


def _inside(request: HttpRequest, view: PracticeView, viewer: Viewer) -> InsideForm:
    """What `?find=` asks of this practice, and the places that answer. Raises `TooManySearches`."""
    asked = normalise(request.GET.get("find", ""))[:500]
    kept = [(name, value) for name, value in request.GET.dict().items() if name in KEPT]
    if not asked:
        return InsideForm(kept)
    pace_search(request)
    try:
        found = find_inside(asked, view, viewer, limit=MOST_PLACES)
    except SearchTooSlow:
        return InsideForm(kept, asked, too_slow=True)
    return InsideForm(kept, asked, [spot_of(one) for one in found.spots])


def _deeds(person: Person | AnonymousUser, view: PracticeView) -> list[Link]:
    """What this person may do with the practice: the pages that lead there."""
    if not is_member(person):
        return []
    found = []
    if any(may(person, Role.TRANSLATOR, one.id) for one in own_institutions()):
        found.append(Link(_("Translate"), reverse("translate", args=[view.id])))
    if teach := teach_url(person, view.id):
        found.append(Link(_("Teach this"), teach))
    if view.is_own and may_begin(person, view.institution_id):
        found.append(Link(_("Revise"), reverse("practice-revise", args=[view.id])))
        begin = _("Begin a new practice from this text")
        found.append(Link(begin, reverse("practice-begin", args=[view.id])))
    if view.is_own and may(person, Role.EDITOR, view.institution_id):
        found.append(Link(_("Withdraw"), reverse("practice-withdraw", args=[view.id])))
    if view.is_own and (erase := erase_url(person, UUID(view.id))):
        found.append(Link(_("Erase content"), erase))
    return found


def _practice(practice_id: str, viewer: Viewer, asked: Asked) -> PracticeView:
    """The practice; a language in which it has no text leaves the choice as it would be."""
    wanted = (asked.text, *viewer.languages) if asked.text in TAGS else viewer.languages
    return queries.practice(practice_id, replace(viewer, languages=wanted))


def withdrawn_page(request: HttpRequest, withdrawn: PracticeWithdrawn) -> HttpResponse:
    """That the practice was taken back, by whom and why."""
    from_whom = institution(withdrawn.institution_id)
    erased = None if withdrawn.reason else queries.erased_reason(withdrawn.practice_id)
    return gone(
        request,
        _("This practice has been withdrawn"),
        _("The institution that published it has taken it back. What it said is no longer shown."),
        reason=erased.words if erased else withdrawn.reason,
        reason_title=reason_erased(erased),
        reason_language=erased.language if erased else "",
        erase_url=erase_url(request.user, UUID(withdrawn.practice_id)),
        when=withdrawn.at,
        who=from_whom.name(page_language().tag),
        begin_url=_begin_url(request.user, withdrawn),
    )


def _begin_url(person: Person | AnonymousUser, withdrawn: PracticeWithdrawn) -> str:
    """Where a new practice is begun from the text; empty too if that was erased."""
    url = begin_url(person, withdrawn)
    title, _language = queries.original_title(UUID(withdrawn.practice_id)) if url else ("", "")
    return url if title else ""


@require_safe
def history(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The revisions of a practice and what changed between two of them, `?from=1&to=3`."""
    viewer = viewer_of(request)
    try:
        lines = queries.history(str(practice_id), viewer)
        old, new = _compared(request, lines)
        before = queries.revision(str(practice_id), old, viewer) if old else None
        after = queries.revision(str(practice_id), new, viewer) if new else None
    except NoSuchPractice:
        raise Http404 from None
    except PracticeWithdrawn as withdrawn:
        return withdrawn_page(request, withdrawn)
    context = {
        "practice_id": practice_id,
        "lines": lines,
        "set_aside": _set_aside(practice_id),
        "erase_url": erase_url(request.user, practice_id),
        "comparable": [line.revision for line in reversed(lines) if line.is_here],
        "before": before,
        "after": after,
        "changes": changes(before, after) if before and after else [],
    }
    return render(request, "practices/history.html", context)


def _set_aside(practice_id: UUID) -> list[str]:
    """The practice's origin, if it is set aside."""
    return sorted(peers_set_aside([queries.origin_of(practice_id)]))


def _compared(request: HttpRequest, lines: list[RevisionLine]) -> tuple[int, int]:
    """The two revisions to compare, (0, 0) if there are not two; unless asked the newest two."""
    here = [line.revision for line in lines if line.is_here]
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    numbers = [int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 7]
    if len(numbers) == 2 and set(numbers) <= set(here):
        return min(numbers), max(numbers)
    return (here[1], here[0]) if len(here) > 1 else (0, 0)


@require_safe
def revision(request: HttpRequest, practice_id: UUID, number: int) -> HttpResponse:
    """What the original said in one revision."""
    try:
        view = queries.revision(str(practice_id), number, viewer_of(request))
    except NoSuchPractice:
        return _erased_revision(request, practice_id, number)
    except PracticeWithdrawn as withdrawn:
        return withdrawn_page(request, withdrawn)
    context = {
        "practice_id": practice_id,
        "set_aside": _set_aside(practice_id),
        "revision": view,
        "sections": revision_sections(view.words),
    }
    return render(request, "practices/revision.html", context)


def _erased_revision(request: HttpRequest, practice_id: UUID, number: int) -> HttpResponse:
    """410 for a revision whose words were erased; Http404 for one that is not here."""
    try:
        lines = queries.history(str(practice_id), viewer_of(request))
    except NoSuchPractice:
        raise Http404 from None
    erased = next((one.erased for one in lines if one.revision == number), None)
    if erased is None:
        raise Http404
    return gone(
        request,
        _("The words of this revision were erased"),
        _("That it was published stays on record; what it said is gone for good."),
        reason=erased.words,
        reason_title=ground_label(erased.ground),
        reason_language=erased.language,
        when=erased.at,
        who=erased.origin,
        back_url=reverse("practice-history", args=[practice_id]),
        back_label=_("Back to the history"),
    )
