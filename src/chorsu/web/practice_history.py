"""What changed between two revisions, so that a person can read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chorsu.practices.rules import FIELDS_BY_NAME, Words, order_words
from chorsu.practices.shapes import RevisionView
from chorsu.records.themes import theme
from chorsu.web.labels import COSTS, DURATIONS, FIELDS, LEVELS, STATUSES, Labels, label
from chorsu.web.locales import page_language

# What is compared as one: a word, a Han character (words have no gaps there), a line end, a sign.
_PIECE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|\w+|\n|[^\S\n]+|.", re.DOTALL)
_CODES: Mapping[str, Labels] = {
    "level": LEVELS,
    "status": STATUSES,
    "cost": COSTS,
    "duration": DURATIONS,
}
_KEPT = 160
"""Characters of unchanged text that stay around a change; what lies between is cut out."""

DELETED, EQUAL, INSERTED = -1, 0, 1


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: safe HTML with <ins> and <del>."""

    name: str
    label: str
    html: SafeString
    own_words: bool  # in the language of the practice, not of the page


def changes(before: RevisionView, after: RevisionView) -> list[Change]:
    """The fields whose words or facts differ, in the order a reader meets them."""
    names = [name for name, _text in order_words(_merged(before.words, after.words))]
    found = [
        Change(name, _label(name), to_html(old, new), own_words=True)
        for name in names
        if (old := before.words.get(name, "")) != (new := after.words.get(name, ""))
    ]
    for name in after.facts:
        old_fact, new_fact = before.facts.get(name), after.facts.get(name)
        if old_fact != new_fact:
            html = to_html(_shown(name, old_fact), _shown(name, new_fact))
            found.append(Change(name, _label(name), html, own_words=False))
    return found


def to_html(old: str, new: str) -> SafeString:
    """Both texts in one: what went in <del>, what came in <ins>, far unchanged text left out."""
    parts = pieces(old, new)
    shown = []
    for place, (kind, text) in enumerate(parts):
        if kind == EQUAL:
            text = _shortened(text, first=place == 0, last=place == len(parts) - 1)
        shown.append((_TAGS[kind], text))
    return format_html_join("", "{}", ((_tagged(tag, text),) for tag, text in shown))


_TAGS = {DELETED: "del", EQUAL: "", INSERTED: "ins"}


def _tagged(tag: str, text: str) -> SafeString:
    if not tag:
        return format_html("{}", text)
    return format_html("<{}>{}</{}>", tag, text, tag)


def pieces(old: str, new: str) -> list[tuple[int, str]]:
    """(DELETED | EQUAL | INSERTED, text) in order, in whole words.

    Every piece becomes one character for the library, which compares characters.
    """
    known: dict[str, str] = {}
    spelled: list[str] = []

    def code(text: str) -> str:
        letters = []
        for piece in _PIECE.findall(text):
            if piece not in known:
                # Past the surrogates there is room for a million different pieces.
                known[piece] = chr(0x10000 + len(spelled))
                spelled.append(piece)
            letters.append(known[piece])
        return "".join(letters)

    tool = diff_match_patch()
    tool.Diff_Timeout = 1.0
    found = tool.diff_main(code(old), code(new), False)  # noqa: FBT003 - the library's signature
    tool.diff_cleanupSemantic(found)
    return [
        (int(kind), "".join(spelled[ord(letter) - 0x10000] for letter in text))
        for kind, text in found
    ]


def _shortened(text: str, *, first: bool, last: bool) -> str:
    if len(text) <= 2 * _KEPT + 40:
        return text
    head = "" if first else text[:_KEPT].rsplit("\n", 1)[0]
    tail = "" if last else text[-_KEPT:].split("\n", 1)[-1]
    return f"{head} […] {tail}"


def _merged(before: Words, after: Words) -> Words:
    return {**before, **after}


def _label(name: str) -> str:
    return label(FIELDS, name if name in FIELDS_BY_NAME else name.split(".")[0])


def _shown(name: str, value: object) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return "\n".join(_row(name, one) for one in value)
    return label(_CODES.get(name, {}), str(value))


def _row(name: str, value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(str(part) for key, part in value.items() if part and key != "key")
    if name == "themes" and (known := theme(str(value))):
        return known.name(page_language().tag)
    return str(value)
