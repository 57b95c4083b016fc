"""The player: the courses a person learns, one course, one unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chorsu.kernel.clock import utc_now
from chorsu.practices import queries as practices
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.shapes import PracticeView
from chorsu.training.actions.learning import see
from chorsu.training.queries import learning
from chorsu.training.queries.learning import (
    CourseInHand,
    LearnerView,
    NotEnrolled,
    NothingToTeach,
    StateView,
)
from chorsu.training.queries.remembering import due_cards
from chorsu.training.rules.outline import (
    PlacedUnit,
    find_unit,
    minutes_left,
    neighbours,
    next_unit,
    placed,
)
from chorsu.web.access import signed_in
from chorsu.web.exchange import private_blob
from chorsu.web.learning.kinds import Work, kind_context
from chorsu.web.learning.shown import Film, Line, line, outline, unit_page
from chorsu.web.locales import page_language
from chorsu.web.markdown import Figure
from chorsu.web.practice_page import Section, revision_sections
from chorsu.web.suppliers import supplier_name
from chorsu.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class Desk:
    """A learner with the course in hand and how far they are in it."""

    learner: LearnerView
    course: CourseInHand
    units: list[PlacedUnit]
    states: dict[str, StateView]

    @property
    def done(self) -> set[str]:
        return {key for key, state in self.states.items() if state.done_at is not None}

    @property
    def address(self) -> str:
        """A unit's address with `{}` for its key."""
        return unit_address(self.learner.id)


def unit_address(enrolment_id: UUID) -> str:
    """A unit's address with `{}` for its key."""
    return reverse("learning-unit", args=[enrolment_id, "x"]).removesuffix("x/") + "{}/"


def learner_of(request: HttpRequest, enrolment_id: UUID) -> LearnerView:
    """The signed-in person as a learner there; Http404 if they are none."""
    try:
        return learning.learner(enrolment_id, signed_in(request).pk)
    except NotEnrolled:
        raise Http404 from None


def desk_of(request: HttpRequest, enrolment_id: UUID) -> Desk:
    """The learner with their course: two queries, five more while it is not kept; or Http404."""
    found = learner_of(request, enrolment_id)
    course = _course_of(request, found)
    return Desk(found, course, placed(course.facts), learning.states(found.id))


def _course_of(request: HttpRequest, learner: LearnerView) -> CourseInHand:
    try:
        return learning.course_in_hand(learner, viewer_of(request).languages)
    except NothingToTeach:
        raise Http404 from None


def unit_of(desk: Desk, key: str) -> PlacedUnit:
    """The unit of this key; Http404 if the course has none."""
    found = find_unit(desk.units, key)
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The courses a person learns, the newest first, and what is to be remembered today."""
    person = signed_in(request)
    found = learning.my_courses(person.pk, viewer_of(request).languages)
    due = len(due_cards(person.pk, utc_now()))
    return render(request, "learning/mine.html", {"courses": found, "due": due})


@login_required
@require_safe
def course(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """Where the learner is, what is next, how long it takes, what came of it."""
    desk = desk_of(request, enrolment_id)
    work = Work.of(desk.learner.id)
    following = next_unit(desk.units, desk.done, _last_seen(desk))
    parts = outline(desk.course, desk.address, desk.states, work.percents)
    lines = {one.key: one for part in parts for one in part.lines}
    context = {
        "learner": desk.learner,
        "course": desk.course,
        "supplier": _supplier(desk.course),
        "title": desk.course.word("title"),
        "parts": parts,
        "done": len(desk.done & lines.keys()),
        "total": len(desk.units),
        "quizzes": any(one.kind == "quiz" for one in desk.units),
        "minutes": minutes_left(desk.units, desk.done),
        "next": lines[following.key] if following else None,
        "bookmarks": [one for one in lines.values() if one.bookmarked],
        "notes": [
            (lines[key], state.note)
            for key, state in desk.states.items()
            if state.note and key in lines
        ],
        "advice": work.advice(desk.course, desk.units, desk.address, desk.states),
    }
    return render(request, "learning/course.html", context)


def _supplier(course: CourseInHand) -> str:
    """Who translated what the learner reads, if another node than the course's origin did."""
    return supplier_name(course.supplied_by, course.origin, page_language().tag)


def _last_seen(desk: Desk) -> str:
    """The unit to go on after: the one before that opened last, or none, so that it is next."""
    opened = [
        (state.seen_at, key) for key, state in desk.states.items() if state.seen_at is not None
    ]
    last = find_unit(desk.units, max(opened)[1]) if opened else None
    if last is None or last.key in desk.done:
        return last.key if last else ""
    before, _ = neighbours(desk.units, last.key)
    return before.key if before else ""


@login_required
@require_safe
def unit(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """One unit of the course."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    if request.method == "GET":
        see(learner=desk.learner, unit=one.key, now=utc_now())
    context = unit_context(request, desk, one)
    return render(request, "learning/unit.html", context)


@login_required
@require_safe
def file(request: HttpRequest, enrolment_id: UUID, sha256: str) -> HttpResponseBase:
    """A file of the course for who learns it, a guest too, whoever else may read its blob."""
    course = _course_of(request, learner_of(request, enrolment_id))
    if all(one.sha256 != sha256 for one in course.files):
        raise Http404
    return private_blob(request, sha256)


def unit_context(
    request: HttpRequest, desk: Desk, one: PlacedUnit, **more: object
) -> dict[str, object]:
    """All that the page of a unit shows; `more` is what a form on it says anew."""
    before, after = neighbours(desk.units, one.key)
    following = next_unit(desk.units, desk.done | {one.key}, one.key)

    def own(sha256: str) -> str:
        return reverse("learning-file", args=[desk.learner.id, sha256])

    shown = unit_page(desk.course, one, figures_at(desk.course, own), _variant(request))
    return {
        "learner": desk.learner,
        "course": desk.course,
        "supplier": _supplier(desk.course),
        "course_title": desk.course.word("title"),
        "unit": replace(shown, film=film_at(shown.film, own)),
        "state": desk.states.get(one.key, StateView()),
        "total": len(desk.units),
        "before": _line(desk, before),
        "after": _line(desk, after),
        "next": _line(desk, following),
        "practice": live_practice(request, one),
        "keep_name": f"{desk.learner.id}-{one.key}",
        **kind_context(desk.learner, one, desk.course),
        **more,
    }


def _line(desk: Desk, one: PlacedUnit | None) -> Line | None:
    return line(desk.course, one, desk.address, desk.states, {}) if one else None


def _variant(request: HttpRequest) -> int:
    asked = request.GET.get("variant", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 0


@dataclass(frozen=True, slots=True)
class LivePractice:
    """A practice that a unit shows, as it stands now; `view` is None when it is not here."""

    view: PracticeView | None
    withdrawn: bool
    sections: Sequence[Section] = ()


def live_practice(request: HttpRequest, one: PlacedUnit) -> LivePractice | None:
    """The practice a unit shows, from its record; None if the unit shows none."""
    if not one.unit["practice"]:
        return None
    try:
        view = practices.practice(one.unit["practice"], viewer_of(request))
    except NoSuchPractice:
        return LivePractice(None, withdrawn=False)
    except PracticeWithdrawn:
        return LivePractice(None, withdrawn=True)
    sections = revision_sections(view.text.words)
    return LivePractice(view, withdrawn=False, sections=sections)


def figures_of(course: CourseInHand) -> dict[str, Figure]:
    """The pictures of a course by name and by hash."""
    found: dict[str, Figure] = {}
    for one in course.files:
        if one.is_image:
            described, _ = course.word(f"files.{one.sha256}.description")
            figure = Figure(reverse("blob", args=[one.sha256]), described, one.width, one.height)
            found[one.sha256] = found[one.name] = figure
    return found


def figures_at(course: CourseInHand, address: Callable[[str], str]) -> dict[str, Figure]:
    """As `figures_of`, at addresses for those who may not read the blobs; by hash."""
    hashes = {one.name: one.sha256 for one in course.files}
    return {
        name: replace(figure, url=address(hashes.get(name, name)))
        for name, figure in figures_of(course).items()
    }


def film_at(film: Film | None, address: Callable[[str], str]) -> Film | None:
    """A video with its variants and captions at such addresses."""
    if film is None:
        return None

    def own(url: str) -> str:
        return address(url.rstrip("/").rsplit("/", 1)[-1])

    return Film(
        url=own(film.url),
        variants=[replace(one, url=own(one.url)) for one in film.variants],
        tracks=[replace(one, url=own(one.url)) for one in film.tracks],
        keep=film.keep and replace(film.keep, files=[own(url) for url in film.keep.files]),
    )
