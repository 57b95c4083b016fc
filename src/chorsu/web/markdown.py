"""Markdown of records to safe HTML: CommonMark and tables, no HTML of the author's.

Headings are moved below those of the page. Links leave with `rel`; only http, https, mailto and
tel are kept. `write` rewrites what is read (another script), never an address or code. Pictures
are only those that `figures` names; the address of any other is left out and its words are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "del", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LOWEST_HEADING = 6
_KEPT_CHARS = 20_000
"""Of a text whose HTML is kept in the process; 256 of the longest are 25 MB."""

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")
_with_figures = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture that a text may show: an address of this node, what it shows, and its size."""

    url: str
    description: str
    width: int | None
    height: int | None


def to_html(
    text: str,
    *,
    write: Callable[[str], str] | None = None,
    heading: int = 3,
    figures: Mapping[str, Figure] | None = None,
) -> SafeString:
    """Safe HTML of a Markdown text; its highest heading becomes `<h{heading}>`.

    `figures`: what `![words](name)` shows, by name; without it no picture is read as one.
    """
    if write is None and not figures and len(text) <= _KEPT_CHARS:
        return _plain(text, heading, pictures=figures is not None)
    return _made(text, write, heading, figures)


@lru_cache(maxsize=256)
def _plain(text: str, heading: int, *, pictures: bool) -> SafeString:
    """What hangs on the text alone is made once: a page is read far more often than written."""
    return _made(text, None, heading, {} if pictures else None)


def _made(
    text: str,
    write: Callable[[str], str] | None,
    heading: int,
    figures: Mapping[str, Figure] | None,
) -> SafeString:
    parser = _parser if figures is None else _with_figures
    tokens = parser.parse(text)
    _move_headings(tokens, heading)
    if write is not None:
        _rewrite(tokens, write)
    if figures is not None:
        _place(tokens, figures)
    html = parser.renderer.render(tokens, parser.options, {})
    pictures = set() if figures is None else {"img"}
    cleaned = nh3.clean(
        html,
        tags=_TAGS | pictures,
        attributes={
            "a": {"href", "title"},
            "ol": {"start"},
            "img": {"src", "alt", "width", "height", "loading"},
        },
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has cleaned it


def inline_html(text: str, figures: Mapping[str, Figure] | None = None) -> SafeString:
    """As `to_html`, of one line without the paragraph around it."""
    html = to_html(text, figures=figures).strip()
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        html = html[3:-4]
    return mark_safe(html)  # noqa: S308 - as of to_html


def _place(tokens: Sequence[Token], figures: Mapping[str, Figure]) -> None:
    """Give each picture the address of its figure; of one that is not there the words stay."""
    for token in tokens:
        _place(token.children or [], figures)
        if token.type != "image":
            continue
        figure = figures.get(unquote(str(token.attrs.get("src", ""))))
        if figure is None:
            token.type, token.tag, token.children = "text", "", None
            continue
        token.attrs = {"src": figure.url, "alt": "", "loading": "lazy"}
        if figure.width and figure.height:
            token.attrs |= {"width": figure.width, "height": figure.height}
        if not token.content and figure.description:
            token.children = [Token("text", "", 0, content=figure.description)]


def _move_headings(tokens: Sequence[Token], lowest: int) -> None:
    used = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    by = lowest - min(used, default=lowest)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + by, _LOWEST_HEADING)}"


def _rewrite(tokens: Sequence[Token], write: Callable[[str], str]) -> None:
    for token in tokens:
        if token.type == "text":
            token.content = write(token.content)
        if token.children:
            _rewrite(token.children, write)
