"""The filters of the list of practices: read from the address, shown as links with counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.practices.shapes import Counts, Filters
from chorsu.records.themes import goal, theme
from chorsu.web.labels import FIELDS, LEVELS, STATUSES, label
from chorsu.web.locales import country_name, language_name, page_language

# In the order they are shown. A year is taken from the address but not offered: a practice runs
# in many years, so counts by year would not add up.
NAMES = ("theme", "country", "institution", "level", "language", "status", "goal", "year")
OFFERED = NAMES[:-1]
FIRST_OPTIONS = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet; `url` chooses it, or takes it away if it is `checked`."""

    value: str
    label: str
    count: int
    url: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet with the values that still find something."""

    name: str
    label: str
    open: bool
    options: list[Option]
    more: list[Option] = field(default_factory=list)  # those that few practices have


def read_filters(query: Mapping[str, str]) -> Filters:
    """Filters of an address; what makes no sense there narrows to nothing rather than to all."""
    texts = {name: _clean(query.get(name, "")) for name in NAMES}
    return Filters(
        theme=texts["theme"],
        goal=_number(texts["goal"]),
        country=texts["country"],
        institution=texts["institution"],
        level=texts["level"],
        language=texts["language"],
        year=_number(texts["year"]),
        status=texts["status"],
    )


def _clean(text: str) -> str:
    return text and (normalise(text)[:60] or "?")


def _number(text: str) -> int | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def facets(filters: Filters, counts: Counts) -> list[Facet]:
    """Facets that still leave a choice, or in which one is made."""
    here = chosen(filters)
    shown = [name for name in NAMES if name in OFFERED or name in here]
    made = [_facet(name, here, getattr(counts, name)) for name in shown]
    return [one for one in made if one.options]


def chosen(filters: Filters) -> dict[str, str]:
    """The filters in force, by name, as the address has them."""
    values = {name: getattr(filters, name) for name in NAMES}
    return {name: str(value) for name, value in values.items() if value not in ("", None)}


def _facet(name: str, here: Mapping[str, str], found: Mapping[str, int]) -> Facet:
    named = _NAMES[name]
    value = here.get(name)
    if value is not None:
        rest = {key: text for key, text in here.items() if key != name}
        taken = Option(value, named(value), found.get(value, 0), _address(rest), checked=True)
        return Facet(name, label(FIELDS, name), open=True, options=[taken])
    options = [
        Option(key, named(key), count, _address({**here, name: key}), checked=False)
        for key, count in found.items()
    ]
    options.sort(key=lambda option: (-option.count, option.label))
    first = len(options) if len(options) <= FIRST_OPTIONS + 2 else FIRST_OPTIONS
    return Facet(name, label(FIELDS, name), name in NAMES[:3], options[:first], options[first:])


def _address(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else "."


def _theme(code: str) -> str:
    known = theme(code)
    return known.name(page_language().tag) if known else code


def _goal(number: str) -> str:
    known = goal(int(number))
    return f"{number}. {known.name(page_language().tag)}" if known else number


_NAMES: Mapping[str, Callable[[str], str]] = {
    "theme": _theme,
    "goal": _goal,
    "country": lambda code: country_name(code, page_language().tag),
    "institution": lambda one: institution(one).short(page_language().tag),
    "level": lambda code: label(LEVELS, code),
    "language": lambda tag: language_name(tag, page_language().tag) if tag in TAGS else tag,
    "year": lambda year: year,
    "status": lambda code: label(STATUSES, code),
}
