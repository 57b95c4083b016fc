"""Two texts in one, what went and what came marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chorsu.practices.diff import Op, diff_text

_KEPT = 90
"""Characters of unchanged text that stay around a change; what lies between is cut out."""
_BLANK_LINES = re.compile(r"\n{2,}")
_TAGS: Mapping[Op, str] = {"delete": "del", "insert": "ins"}


def marked(before: str, after: str) -> SafeString:
    """Safe HTML that leads from one text to the other with <ins> and <del>."""
    return to_html(diff_text(before, after))


def to_html(pieces: Sequence[tuple[Op, str]]) -> SafeString:
    """Both texts in one: what went in <del>, what came in <ins>, far unchanged text left out."""
    last = len(pieces) - 1
    return format_html_join(
        "",
        "{}",
        (
            (_tagged(op, _shortened(text, first=place == 0, last=place == last)),)
            if op == "same"
            else (_tagged(op, text),)
            for place, (op, text) in enumerate(pieces)
        ),
    )


def _tagged(op: Op, text: str) -> SafeString:
    tag = _TAGS.get(op)
    return format_html("<{}>{}</{}>", tag, text, tag) if tag else format_html("{}", text)


def _shortened(text: str, *, first: bool, last: bool) -> str:
    text = _BLANK_LINES.sub("\n", text)
    if len(text) <= 2 * _KEPT + 40:
        return text
    head = "" if first else text[:_KEPT].rsplit("\n", 1)[0]
    tail = "" if last else text[-_KEPT:].split("\n", 1)[-1]
    return f"{head} […] {tail}"
