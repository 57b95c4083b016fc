"""Search: one question, answers in every language; the address holds all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.flows.alerting import PARAMETERS
from chorsu.flows.finding import Findings, Found, FoundCourse, FoundForeign, find
from chorsu.flows.pacing import pace_search
from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.records.themes import theme
from chorsu.search.asking import Query, mark
from chorsu.search.errors import SearchTooSlow, TooManySearches
from chorsu.search.places import Place
from chorsu.search.queries import Snippet
from chorsu.search.rules import Filters
from chorsu.web.cards import Card, Link, card, course_card, foreign_card, set_aside_of
from chorsu.web.errors import too_many_searches
from chorsu.web.fragments import page_or_part
from chorsu.web.labels import FIELDS, LEVELS, RECORD_KINDS, label
from chorsu.web.locales import country_name, format_number, language_name, page_language
from chorsu.web.snippets import marked, snippet_html
from chorsu.web.templatetags.chorsu import html_lang
from chorsu.web.viewer import viewer_of

MOST_VALUES = 20
"""Values of one facet that an address may choose, and that are listed."""

FACETS = PARAMETERS


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet; `lang` is empty: labels are in the page's language."""

    value: str
    label: str
    count: str
    checked: bool
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet with the values that find something and those chosen."""

    name: str
    label: str
    open: bool
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Result:
    """One answer as a card; `snippet` is safe HTML, empty where the card's summary serves.

    `how` says of the snippet what its marks do not: found by meaning, or in another language.
    """

    card: Card
    snippet: SafeString | str
    how: str = ""


@dataclass(frozen=True, slots=True)
class PageLink:
    """One page of the answers; `number` is None for a gap."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The foot of the list."""

    previous_url: str
    next_url: str
    links: Sequence[PageLink]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Answers to `?q=`, narrowed by the facets of the address, page by page."""
    typed = normalise(request.GET.get("q", ""))
    filters = read_filters(request.GET)
    kept = {"q": typed[:500]} if typed else {}
    context: dict[str, object] = {
        "query": typed[:500],
        "kept": kept.items(),
        "clear_url": "?" + urlencode(kept) if filters.any else "",
    }
    number = _page_number(request.GET.get("page", ""))
    after = Place.read(request.GET.get("after", ""))
    try:
        pace_search(request)
        found = _found(request, typed, filters, number, after)
        # What came since the first page stands before it, on no page.
        last = max(1, -(-(found.total - found.newer) // _per_page()))
        if number > last:  # the address is older than the list: its last page
            number = last
            found = _found(request, typed, filters, last, after)
    except TooManySearches as error:
        return too_many_searches(request, error.seconds)
    except SearchTooSlow:
        return _answer(request, {**context, "too_slow": True}, status=503)
    aside = set_aside_of(one.card for one in found.answers if not isinstance(one, FoundForeign))
    context |= {
        "found": found,
        "nothing_to_search": bool(typed) and found.query.empty,
        "results": [_result(one, found.query, aside) for one in found.answers],
        "facets": facets(filters, found),
        "pages": _pages(request.GET, number, last, found.place),
        "instead": _instead(request.GET, found),
        "to_save": _to_save(kept, filters, found),
    }
    return _answer(request, context)


def _answer(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    return page_or_part(request, "search/search.html", "search/found.html", context, status=status)


def _found(
    request: HttpRequest, typed: str, filters: Filters, number: int, after: Place | None
) -> Findings:
    size = _per_page()
    viewer = viewer_of(request)
    offset = (number - 1) * size
    return find(
        typed, viewer, filters, offset=offset, limit=size, after=after, foreign=True, courses=True
    )


def read_filters(query: QueryDict) -> Filters:
    """Filters of an address; what makes no sense there narrows to nothing rather than to all."""
    texts = {
        name: tuple(normalise(one)[:60] for one in query.getlist(name)[:MOST_VALUES] if one)
        for name in FACETS
    }
    return Filters(
        themes=texts["theme"],
        countries=texts["country"],
        institutions=texts["institution"],
        levels=texts["level"],
        languages=texts["language"],
        years=tuple(_year(one) for one in texts["year"]),
        kinds=texts["kind"],
    )


def _year(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _page_number(text: str) -> int:
    known = text.isascii() and text.isdigit() and len(text) < 5
    return max(1, int(text)) if known else 1


def _per_page() -> int:
    return settings.NODE.number("search.results_per_page")


def facets(filters: Filters, found: Findings) -> list[Facet]:
    """The facets that leave a choice, or in which one is made."""
    made = [_facet(name, filters, found.facets[facet]) for name, facet in FACETS.items()]
    return [one for one in made if one.options]


def _facet(name: str, filters: Filters, counts: Mapping[str, int]) -> Facet:
    here = page_language().tag
    chosen = [str(value) for value in filters.values(FACETS[name])]
    others = [value for value in counts if value not in chosen]
    if name == "year":  # the latest, in order: most records ran in many of them
        others.sort(reverse=True)
    values = [*chosen, *others][:MOST_VALUES]
    if name == "year":
        values.sort(reverse=True)
    options = [
        Option(
            value,
            _NAMES[name](value),
            format_number(counts.get(value, 0), here),
            value in chosen,
        )
        for value in values
    ]
    is_open = bool(chosen) or name in {"kind", "theme", "country"}
    return Facet(name, label(FIELDS, name), is_open, options)


def _theme(code: str) -> str:
    known = theme(code)
    return known.name(page_language().tag) if known else code


_NAMES: Mapping[str, Callable[[str], str]] = {
    "kind": lambda code: label(RECORD_KINDS, code),
    "theme": _theme,
    "country": lambda code: country_name(code, page_language().tag),
    "institution": lambda one: institution(one).short(page_language().tag),
    "level": lambda code: label(LEVELS, code),
    "language": lambda tag: language_name(tag, page_language().tag) if tag in TAGS else tag,
    "year": lambda year: year,
}


def value_name(name: str, value: str) -> str:
    """What a value of the facet with this parameter is called in the page's language."""
    return _NAMES[name](value)


def _result(found: Found, query: Query, aside: Collection[str]) -> Result:
    if isinstance(found, FoundForeign):
        shown = foreign_card(found.record)
    elif isinstance(found, FoundCourse):
        shown = course_card(found.card, aside)
    else:
        shown = card(found.card, aside)
    if found.snippet is None:
        return Result(shown, "")
    titled = replace(shown, title=marked(shown.title, mark(shown.title, query)))
    return Result(titled, snippet_html(found.snippet), _how(found.snippet, shown))


def _how(snippet: Snippet, shown: Card) -> str:
    """What the marks do not say of why a record was found."""
    here = page_language().tag
    if not snippet.by_words:
        return _("Found by its meaning")
    if snippet.words_in and not snippet.marks and snippet.words_in != snippet.language:
        language = language_name(snippet.words_in, here)
        return _("The words stand in the text in this language: %(language)s") % {
            "language": language
        }
    if html_lang(snippet.language) != shown.html_lang:
        return language_name(snippet.language, here)
    return ""


def _to_save(
    kept: Mapping[str, str], filters: Filters, found: Findings
) -> list[tuple[str, str]] | None:
    """What a form sends to keep this search; None if there is nothing to keep."""
    if found.query.empty and (kept or not filters.any):
        return None
    chosen = [(name, str(one)) for name, facet in FACETS.items() for one in filters.values(facet)]
    return [*kept.items(), *chosen]


def _instead(query: QueryDict, found: Findings) -> Link | None:
    """The question as it was perhaps meant, asked under the same filters."""
    if found.instead is None:
        return None
    asked = query.copy()
    asked["q"] = found.instead.text
    for name in ("page", "after"):
        asked.pop(name, None)
    return Link(found.instead.text, "?" + asked.urlencode())


def _pages(query: QueryDict, number: int, last: int, place: Place | None) -> Pages:
    def url(page: int) -> str:
        asked = query.copy()
        for name in ("page", "after"):
            asked.pop(name, None)
        if page > 1:  # the first page begins anew
            asked["page"] = str(page)
            if place:
                asked["after"] = str(place)
        return "?" + asked.urlencode()

    shown = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    links: list[PageLink] = []
    for nth, page in enumerate(shown):
        if nth and page > shown[nth - 1] + 1:
            links.append(PageLink(None))
        links.append(PageLink(page, url(page), page == number))
    return Pages(
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < last else "",
        links=links,
    )
