"""Search: one question, answers in every language; the address holds all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from chorsu.flows.finding import Findings, FoundForeign, FoundPractice, find
from chorsu.flows.pacing import pace_search
from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.records.themes import theme
from chorsu.search.errors import SearchTooSlow, TooManySearches
from chorsu.search.queries import Snippet
from chorsu.search.rules import Filters, excerpt
from chorsu.web.cards import Card, card, foreign_card, set_aside_of
from chorsu.web.errors import too_many_searches
from chorsu.web.fragments import page_or_part
from chorsu.web.labels import FIELDS, LEVELS, label
from chorsu.web.locales import country_name, format_number, language_name, page_language
from chorsu.web.templatetags.chorsu import html_lang
from chorsu.web.viewer import viewer_of

SNIPPET_CHARS = 260
MOST_VALUES = 20
"""Values of one facet that an address may choose, and that are listed."""

# Parameter of the address -> facet of search; in the order shown.
FACETS: Mapping[str, str] = {
    "theme": "themes",
    "country": "countries",
    "institution": "institutions",
    "level": "levels",
    "language": "languages",
    "year": "years",
}


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
    """One answer as a card; `snippet` is safe HTML, empty where the card's summary serves."""

    card: Card
    snippet: SafeString | str


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
    try:
        pace_search(request)
        found = _found(request, typed, filters, number)
        last = max(1, -(-found.total // _per_page()))
        if number > last:  # the address is older than the list: its last page
            number = last
            found = _found(request, typed, filters, last)
    except TooManySearches as error:
        return too_many_searches(request, error.seconds)
    except SearchTooSlow:
        return _answer(request, {**context, "too_slow": True}, status=503)
    aside = set_aside_of([one.card for one in found.practices])
    context |= {
        "found": found,
        "nothing_to_search": bool(typed) and found.query.empty,
        "results": [_result(one, aside) for one in found.answers],
        "facets": facets(filters, found),
        "pages": _pages(request.GET, number, last),
    }
    return _answer(request, context)


def _answer(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    return page_or_part(request, "search/search.html", "search/found.html", context, status=status)


def _found(request: HttpRequest, typed: str, filters: Filters, number: int) -> Findings:
    size = _per_page()
    viewer = viewer_of(request)
    return find(typed, viewer, filters, offset=(number - 1) * size, limit=size, foreign=True)


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
    is_open = bool(chosen) or name in {"theme", "country"}
    return Facet(name, label(FIELDS, name), is_open, options)


def _theme(code: str) -> str:
    known = theme(code)
    return known.name(page_language().tag) if known else code


_NAMES: Mapping[str, Callable[[str], str]] = {
    "theme": _theme,
    "country": lambda code: country_name(code, page_language().tag),
    "institution": lambda one: institution(one).short(page_language().tag),
    "level": lambda code: label(LEVELS, code),
    "language": lambda tag: language_name(tag, page_language().tag) if tag in TAGS else tag,
    "year": lambda year: year,
}


def _result(found: FoundPractice | FoundForeign, aside: Collection[str]) -> Result:
    if isinstance(found, FoundForeign):
        shown = foreign_card(found.record)
    else:
        shown = card(found.card, aside)
    if found.snippet is None:
        return Result(shown, "")
    return Result(shown, _snippet(found.snippet))


def _snippet(snippet: Snippet) -> SafeString:
    """The passage, its marks, and the field it stands in, each in its language."""
    text, marks = excerpt(snippet.text, snippet.marks, SNIPPET_CHARS)
    pieces: list[str | SafeString] = []
    end = 0
    for start, stop in marks:
        pieces += [text[end:start], format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    pieces.append(text[end:])
    words = format_html_join("", "{}", ((piece,) for piece in pieces))
    body = format_html('<span lang="{}">{}</span>', html_lang(snippet.language), words)
    if snippet.field == "summary":
        return body
    here = page_language().html_lang
    field = label(FIELDS, snippet.field)
    return mark_safe(  # noqa: S308 - both parts were made by format_html
        format_html('<span class="card__field" lang="{}">{}</span> ', here, field) + body
    )


def _pages(query: QueryDict, number: int, last: int) -> Pages:
    def url(page: int) -> str:
        asked = query.copy()
        asked["page"] = str(page)
        if page == 1:
            del asked["page"]
        return "?" + asked.urlencode()

    shown = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    links: list[PageLink] = []
    for place, page in enumerate(shown):
        if place and page > shown[place - 1] + 1:
            links.append(PageLink(None))
        links.append(PageLink(page, url(page), page == number))
    return Pages(
        previous_url=url(number - 1) if number > 1 else "",
        next_url=url(number + 1) if number < last else "",
        links=links,
    )
