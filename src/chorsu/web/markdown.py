"""Markdown of practices to safe HTML: CommonMark and tables, no HTML of the author's, no pictures.

Headings are moved below those of the page. Links leave with `rel`; only http, https, mailto and
tel are kept. `write` rewrites what is read (another script), never an address or code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "del", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LOWEST_HEADING = 6

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_parser.disable("image")


def to_html(
    text: str, *, write: Callable[[str], str] | None = None, heading: int = 3
) -> SafeString:
    """Safe HTML of a Markdown text; its highest heading becomes `<h{heading}>`."""
    tokens = _parser.parse(text)
    _move_headings(tokens, heading)
    if write is not None:
        _rewrite(tokens, write)
    html = _parser.renderer.render(tokens, _parser.options, {})
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has cleaned it


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
