"""Template tags and filters of all pages: dates, numbers and names in the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from chorsu.web import locales
from chorsu.web.context import LanguageLink, NavItem
from chorsu.web.erased import ground_label
from chorsu.web.markdown import to_html

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """`24 November 2026`; empty for None."""
    return locales.format_day(value, locales.page_language().tag) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """`24 November 2026, 14:05`, in the node's time zone; empty for None."""
    return locales.format_moment(value, locales.page_language().tag) if value else ""


@register.filter
def moment_in_zone(value: datetime) -> str:
    """As `moment`, with the zone said: `24 November 2026, 14:05 (UTC+05:00)`."""
    return locales.format_moment_in_zone(value, locales.page_language().tag)


@register.filter
def span(value: timedelta) -> str:
    """`1 hr 20 min` of a length of time."""
    return locales.format_span(value, locales.page_language().tag)


@register.filter
def partial_date(value: str) -> str:
    """`2024`, `June 2024` or `30 June 2024` of `2024`, `2024-06` or `2024-06-30`."""
    return locales.format_partial(value, locales.page_language().tag)


@register.filter
def number(value: int | float | Decimal | str | None) -> str:
    """A number with the page language's marks; a decimal text such as `12.180` keeps its digits."""
    return "" if value is None else locales.format_number(value, locales.page_language().tag)


@register.filter
def file_size(value: int) -> str:
    """`1.2 MB` of a number of bytes."""
    return locales.format_size(value, locales.page_language().tag)


@register.filter
def language_label(tag: str) -> str:
    """What a language is called in the page's language (`language_name` is Django's, and not)."""
    return locales.language_name(tag, locales.page_language().tag)


@register.filter
def country_name(code: str) -> str:
    """What a country (ISO 3166 alpha-2) is called in the page's language."""
    return locales.country_name(code, locales.page_language().tag)


@register.filter
def erasure_ground(code: str) -> str:
    """On what ground something was erased, in words."""
    return ground_label(code)


@register.filter
def html_lang(tag: str) -> str:
    """What `lang=""` takes for a language tag: `uz` is `uz-Latn`, all else is itself."""
    return locales.html_lang(tag)


@register.filter
def breakable(name: str) -> SafeString:
    """A host's name that may break after its dots, and nowhere in a word."""
    return format_html_join(mark_safe(".<wbr>"), "{}", ((part,) for part in name.split(".")))


@register.filter
def markdown(text: str) -> SafeString:
    """Safe HTML of a Markdown text; its highest heading becomes `<h3>`."""
    return to_html(text)


@register.simple_tag
def colon() -> str:
    """`: ` as the page's language writes it, between a label and what it labels."""
    return locales.colon(locales.page_language().tag)


@register.simple_tag
def page_tag() -> str:
    """The tag of the page's language, as the interface for programs takes it."""
    return locales.page_language().tag


@register.simple_tag
def language_items(links: Sequence[LanguageLink], css: str = "") -> SafeString:
    """The items of a list of languages. (On every page twice: a loop of the template's takes a
    tenth of what a page takes.)
    """
    return format_html_join(
        "\n",
        '<li><a{} href="{}" lang="{}" hreflang="{}"{}>{}</a></li>',
        (
            (_css(css), one.url, one.html_lang, one.html_lang, _mark(one.current, "true"),
             one.endonym)
            for one in links
        ),
    )  # fmt: skip


@register.simple_tag
def nav_items(items: Sequence[NavItem], css: str) -> SafeString:
    """The items of a list of the navigation."""
    return format_html_join(
        "\n",
        '<li><a{} href="{}"{}>{}</a></li>',
        ((_css(css), one.url, _mark(one.current, "page"), one.label) for one in items),
    )


def _css(name: str) -> SafeString:
    return format_html(' class="{}"', name) if name else SafeString("")


def _mark(current: bool, sort: str) -> SafeString:  # noqa: FBT001 - of one item
    return format_html(' aria-current="{}"', sort) if current else SafeString("")


@register.simple_tag
def stylesheets() -> SafeString:
    """The style sheets of every page."""
    return _stylesheets()


@cache
def _stylesheets() -> SafeString:
    # The addresses of a release's files do not change while it runs.
    return mark_safe(render_to_string("components/stylesheets.html"))  # noqa: S308 - our own


@register.simple_tag
def search_box(box_id: str, box_class: str = "", query: str = "") -> SafeString:
    """The box to search from any page; `box_id` is unique on the page.

    An empty one is on every page, twice, and the same for everybody who reads in a language.
    """
    here = locales.page_language().tag
    if query:
        return _search_box.__wrapped__(here, box_id, box_class, query)
    return _search_box(here, box_id, box_class)


@lru_cache(maxsize=128)
def _search_box(_language: str, box_id: str, box_class: str, query: str = "") -> SafeString:
    context = {"box_id": box_id, "box_class": box_class, "query": query}
    return mark_safe(render_to_string("components/search_box.html", context))  # noqa: S308 - our own


@register.simple_tag
def lang_attrs(tag: str, script: str = "") -> SafeString:
    """` lang="…"` for a text in another language, or another script, than the page's; else nothing.

    Written right after the element's name: `<p{% lang_attrs text.language %}>`.
    """
    lang = f"{tag}-{script}" if script else html_lang(tag)
    if not tag or lang == locales.page_language().html_lang:
        return SafeString("")
    return format_html(' lang="{}"', lang)
