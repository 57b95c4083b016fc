"""Passages that answer, as safe HTML: the words asked for marked, each text in its language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from chorsu.practices.rules import TEXT_FIELDS
from chorsu.search.inside import Spot
from chorsu.search.queries import Snippet
from chorsu.search.rules import excerpt
from chorsu.web.labels import FIELDS, label
from chorsu.web.locales import page_language
from chorsu.web.templatetags.chorsu import html_lang

SNIPPET_CHARS = 260
ANCHORED = frozenset(field.name for field in TEXT_FIELDS if field.markdown) | {"contacts"}
"""Fields that have a section of their own on the page of a practice."""


def marked(text: str, marks: Sequence[tuple[int, int]]) -> SafeString:
    """A text with its marks; (start, end) in order, none over another."""
    pieces: list[str | SafeString] = []
    end = 0
    for start, stop in marks:
        pieces += [text[end:start], format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    pieces.append(text[end:])
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def snippet_html(snippet: Snippet) -> SafeString:
    """The passage, its marks, and the field it stands in, each in its language."""
    words = marked(*excerpt(snippet.text, snippet.marks, SNIPPET_CHARS))
    body = format_html('<span lang="{}">{}</span>', html_lang(snippet.language), words)
    if snippet.field == "summary":
        return body
    here = page_language().html_lang
    field = label(FIELDS, snippet.field)
    return mark_safe(  # noqa: S308 - both parts were made by format_html
        format_html('<span class="card__field" lang="{}">{}</span> ', here, field) + body
    )


@dataclass(frozen=True, slots=True)
class SpotHtml:
    """A place of a practice that answers; `anchor` is the section it stands in, empty: none."""

    label: str
    anchor: str
    tag: str
    shown: SafeString
    original_tag: str
    original: SafeString
    by_words: bool


@dataclass(frozen=True, slots=True)
class InsideForm:
    """The box that searches one practice: what the address keeps, what was asked, what answers."""

    kept: Sequence[tuple[str, str]]
    asked: str = ""
    spots: Sequence[SpotHtml] = ()
    too_slow: bool = False


def spot_of(spot: Spot) -> SpotHtml:
    """A place as the page shows it."""
    shown, original = spot.shown, spot.original
    return SpotHtml(
        label(FIELDS, shown.field),
        shown.field if shown.field in ANCHORED else "",
        shown.language,
        _passage(shown),
        original.language if original else "",
        _passage(original) if original else SafeString(""),
        shown.by_words or bool(original and original.by_words),
    )


def _passage(snippet: Snippet) -> SafeString:
    return marked(*excerpt(snippet.text, snippet.marks, SNIPPET_CHARS))
