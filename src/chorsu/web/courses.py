"""Courses for every reader: the list, one course, one of its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.exchange.queries import peers_set_aside
from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.language.rules import best_by_language
from chorsu.records.cursors import InvalidCursor
from chorsu.records.themes import theme
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.queries import courses as queries
from chorsu.training.queries.learning import CourseInHand
from chorsu.training.rules.framework import framework, positions
from chorsu.training.rules.outline import find_unit, neighbours, placed
from chorsu.training.shapes.courses import CourseFilters, CourseView
from chorsu.web.cards import Link, course_cards
from chorsu.web.course_doors import course_doors, erase_url
from chorsu.web.course_labels import FORMS, SECTIONS, competence_name
from chorsu.web.erased import reason_erased
from chorsu.web.errors import gone
from chorsu.web.forked import Forked, forked_from
from chorsu.web.labels import label
from chorsu.web.learning.pages import figures_of, live_practice
from chorsu.web.learning.shown import Part, line, outline, unit_page
from chorsu.web.locales import html_lang, language_name, page_language
from chorsu.web.markdown import to_html
from chorsu.web.practice_filters import Option
from chorsu.web.practice_page import Asked, Origin, Section, TextLink
from chorsu.web.suppliers import credit_of, supplier_name
from chorsu.web.viewer import viewer_of

PER_PAGE = 20
THEMES = 3
FILTERS = ("theme", "language", "institution")


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter with the values that still find something."""

    name: str
    label: str
    options: list[Option]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All courses the reader may see, newest first, narrowed by what the address says."""
    viewer = viewer_of(request)
    asked = {name: _clean(request.GET.get(name, "")) for name in FILTERS}
    filters = CourseFilters(
        theme=asked["theme"], language=asked["language"], institution=asked["institution"]
    )
    after = request.GET.get("after", "")
    try:
        page = queries.courses(viewer, filters, after=after, limit=PER_PAGE)
    except InvalidCursor:
        raise Http404 from None
    counted = queries.counts(viewer, filters)
    kept = {name: value for name, value in asked.items() if value}
    context = {
        "cards": course_cards(page.items),
        "total": counted.total,
        "facets": _facets(
            kept,
            {
                "theme": counted.theme,
                "language": counted.language,
                "institution": counted.institution,
            },
        ),
        "first_url": f"?{urlencode(kept)}" if after else "",
        "next_url": f"?{urlencode({**kept, 'after': page.next_cursor})}"
        if page.next_cursor
        else "",
    }
    return render(request, "courses/index.html", context)


def _clean(text: str) -> str:
    return text and (normalise(text)[:60] or "?")


def _facets(kept: dict[str, str], counted: Mapping[str, Mapping[str, int]]) -> list[Facet]:
    labels = {"theme": _("Theme"), "language": _("Language"), "institution": _("Institution")}
    found = []
    for name, numbers in counted.items():
        options = _options(name, kept, numbers)
        if options:
            found.append(Facet(name, labels[name], options))
    return found


def _options(name: str, kept: dict[str, str], numbers: Mapping[str, int]) -> list[Option]:
    here = page_language().tag
    chosen = kept.get(name)
    rest = {key: value for key, value in kept.items() if key != name}
    if chosen is not None:
        url = f"?{urlencode(rest)}" if rest else "."
        named = _name_of(name, chosen, here)
        return [Option(chosen, named, numbers.get(chosen, 0), url, checked=True)]
    options = [
        Option(
            code, _name_of(name, code, here), count, f"?{urlencode({**rest, name: code})}",
            checked=False,
        )
        for code, count in numbers.items()
    ]  # fmt: skip
    return sorted(options, key=lambda one: (-one.count, one.label))


def _name_of(facet: str, code: str, here: str) -> str:
    if facet == "language":
        return language_name(code, here)
    if facet == "institution":
        return institution(code).short(here)
    named = theme(code)
    return named.name(here) if named else code


@dataclass(frozen=True, slots=True)
class Competence:
    """A competence a course brings to a level, in words."""

    name: str
    level: str


@dataclass(frozen=True, slots=True)
class CoursePage:
    """All that the page of a course shows, in the page's language."""

    url: str
    title: tuple[str, str]
    summary: tuple[str, str]
    original: tuple[str, str] | None
    original_summary: str
    sections: list[Section]
    origin: Origin
    languages: list[TextLink]
    parts: list[Part]
    hours: list[tuple[str, int]]
    total_hours: int
    competences: list[Competence]
    positions: list[str]
    themes: list[Link]
    before: list[Link]
    forked: Forked | None
    valid_months: int
    institution: str
    missing: str
    alone_url: str


@require_safe
def show(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """One course in the best text for the reader, or in the one they ask for (`?text=`)."""
    asked = Asked.read(request.GET)
    view = _view(request, course_id, asked)
    if isinstance(view, HttpResponse):
        return view
    context = {
        "course": view,
        "page": course_page(request, view, asked),
        "doors": course_doors(request.user, view),
        "set_aside": sorted(peers_set_aside([view.origin, view.text.supplied_by])),
    }
    return render(request, "courses/show.html", context)


@require_safe
def unit(request: HttpRequest, course_id: UUID, unit_key: str) -> HttpResponse:
    """One unit of a course for a reader who does not learn it: nothing is kept or counted."""
    asked = Asked.read(request.GET)
    view = _view(request, course_id, asked)
    if isinstance(view, HttpResponse):
        return view
    hand = in_hand(view)
    units = placed(view.facts)
    one = find_unit(units, unit_key)
    if one is None:
        raise Http404
    address = _unit_address(view.id)
    before, after = neighbours(units, one.key)
    context = {
        "course": view,
        "unit": unit_page(hand, one, figures_of(hand)),
        "total": len(units),
        "supplier": supplier_name(hand.supplied_by, view.origin, page_language().tag),
        "practice": live_practice(request, one),
        "before": line(hand, before, address, {}, {}) if before else None,
        "after": line(hand, after, address, {}, {}) if after else None,
    }
    return render(request, "courses/unit.html", context)


def in_hand(view: CourseView) -> CourseInHand:
    """The published course as the player reads it."""
    return CourseInHand(
        course_id=UUID(view.id),
        revision=view.revision,
        origin=view.origin,
        institution_id=view.institution_id,
        facts=view.facts,
        language=view.text.language,
        provenance=view.text.provenance,
        words=view.text.words,
        original_language=view.original_language,
        original=view.original.words,
        languages=list(dict.fromkeys(text.language for text in view.texts)),
        files=view.files,
        supplied_by=view.text.supplied_by,
        gives=view.text.revision,
    )


def _view(request: HttpRequest, course_id: UUID, asked: Asked) -> CourseView | HttpResponse:
    """The course, or the page that says it was withdrawn; Http404 if there is none."""
    viewer = viewer_of(request)
    wanted = (asked.text, *viewer.languages) if asked.text in TAGS else viewer.languages
    try:
        return queries.course(str(course_id), replace(viewer, languages=wanted))
    except NoSuchCourse:
        raise Http404 from None
    except CourseWithdrawn as withdrawn:
        return withdrawn_page(request, withdrawn)


def withdrawn_page(request: HttpRequest, withdrawn: CourseWithdrawn) -> HttpResponse:
    """That the course was taken back, by whom and why."""
    erased = None if withdrawn.reason else queries.erased_reason(withdrawn.course_id)
    return gone(
        request,
        _("This course has been withdrawn"),
        _("The institution that published it has taken it back. What it said is no longer shown."),
        reason=erased.words if erased else withdrawn.reason,
        reason_title=reason_erased(erased),
        reason_language=erased.language if erased else "",
        erase_url=erase_url(request.user, withdrawn.course_id),
        when=withdrawn.at,
        who=institution(withdrawn.institution_id).name(page_language().tag),
    )


def _unit_address(course_id: str) -> str:
    return reverse("course-unit", args=[course_id, "x"]).removesuffix("x/") + "{}/"


def course_page(request: HttpRequest, view: CourseView, asked: Asked) -> CoursePage:
    """The page of a course, published or as a draft would be."""
    here, hand, facts = page_language().tag, in_hand(view), view.facts
    address = reverse("course", args=[view.id])
    kept = {"text": asked.text} if asked.text else {}
    beside = asked.beside and view.text.language != view.original_language
    return CoursePage(
        url=f"{settings.NODE_ADDRESS}{address}",
        title=(view.text.title, view.text.language),
        summary=(view.text.summary, view.text.language),
        original=(view.original.title, view.original_language) if beside else None,
        original_summary=view.original.summary if beside else "",
        sections=_sections(view, beside=beside),
        origin=_origin(view, here, address, kept, beside=beside),
        languages=_languages(view, here, address),
        parts=outline(hand, _unit_address(view.id), {}, {}),
        hours=[
            (label(FORMS, form), number)
            for form, number in facts["hours"].items()
            if isinstance(number, int) and number
        ],
        total_hours=sum(n for n in facts["hours"].values() if isinstance(n, int)),
        competences=[
            Competence(competence_name(one["code"]), level_name(one["level"], here))
            for one in facts["competences"]
        ],
        positions=[
            meant.name(here) if (meant := positions().get(code)) else code
            for code in facts["positions"]
        ],
        themes=[
            Link(known.name(here), f"{reverse('courses')}?theme={code}")
            for code in facts["themes"]
            if (known := theme(code))
        ],
        before=_before(request, view),
        forked=forked_from(view.facts, viewer_of(request)),
        valid_months=facts["valid_months"],
        institution=institution(view.institution_id).name(here),
        missing=language_name(asked.text, here)
        if asked.text and asked.text != view.text.language
        else "",
        alone_url=address + (f"?{urlencode(kept)}" if kept else ""),
    )


def level_name(level: int, here: str) -> str:
    """What a level of a competence is called."""
    names = framework().levels.get(level, {})
    return names.get(here) or names.get("en") or str(level)


def _sections(view: CourseView, *, beside: bool) -> list[Section]:
    found = []
    for name in SECTIONS:
        text, original = view.text.words.get(name, ""), view.original.words.get(name, "")
        if text or (beside and original):
            other = to_html(original) if beside else SafeString("")
            found.append(Section(name, label(SECTIONS, name), to_html(text), other))
    return found


def _origin(
    view: CourseView, here: str, address: str, kept: dict[str, str], *, beside: bool
) -> Origin:
    text, translated = view.text, view.text.provenance != "original"
    credit = credit_of(text, view.origin, here)
    beside_url = f"{address}?{urlencode({**kept, 'beside': 'original'})}"
    return Origin(
        provenance=text.provenance,
        stale=text.stale,
        translator=credit.translator,
        supplier=credit.supplier,
        date=text.translated_on,
        revision=text.revision,
        current_revision=view.revision,
        original_language=language_name(view.original_language, here) if translated else "",
        original_url=f"{address}?text={view.original_language}" if translated else "",
        beside_url=beside_url if translated and not beside else "",
    )


def _languages(view: CourseView, here: str, address: str) -> list[TextLink]:
    by_tag = best_by_language(view.texts, view.original_language)
    return [
        TextLink(
            tag=tag,
            html_lang=html_lang(tag),
            name=language_name(tag, here),
            endonym=language_name(tag, tag),
            url=f"{address}?text={tag}",
            current=tag == view.text.language,
            provenance=by_tag[tag].provenance,
            stale=by_tag[tag].stale,
        )
        for tag in TAGS
        if tag in by_tag
    ]


def _before(request: HttpRequest, view: CourseView) -> list[Link]:
    """The courses to take first, as far as they are here."""
    wanted = view.facts["prerequisites"]
    if not wanted:
        return []
    found = queries.courses_by_id(wanted, viewer_of(request))
    return [Link(found[one].title, reverse("course", args=[one])) for one in wanted if one in found]
