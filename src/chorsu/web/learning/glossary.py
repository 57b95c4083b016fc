"""Terms of a course on tap: their first mention in a text opens their meaning.

The meaning is a native popover, so that nothing is scripted; the list of a unit's terms below its
text says the same to whom a popover does not reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Letters that no text holds (`kernel.text.normalise` leaves them, no font shows them).
_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_CLOSE}]*){_CLOSE}")
_IN_LINK = re.compile(r"<a\b[^>]*>.*?</a>|<h[1-6]>.*?</h[1-6]>", re.DOTALL)
# Endings of the languages here: `өкілеттік`, `өкілеттіктерге`.
_ENDING = r"\w{0,8}"
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the course's glossary; `language` is that of its words."""

    key: str
    name: str
    meaning: str
    language: str


class Terms:
    """Marks the first mention of each term in a text, then makes buttons of the marks."""

    def __init__(self, terms: Sequence[Term]) -> None:
        named = [term for term in terms if term.name and term.meaning]
        # Longer names first: "public service centre" before "public service".
        self._left = sorted(named, key=lambda term: -len(term.name))
        self.found: list[Term] = []

    @property
    def write(self) -> Callable[[str], str]:
        """What marks a piece of text; given to `to_html`."""
        return self._mark

    def _mark(self, text: str) -> str:
        for term in list(self._left):
            match = _pattern(term.name).search(text)
            if match is None or _inside_mark(text, match.start()):
                continue
            marked = f"{_OPEN}{term.key}{_MIDDLE}{match[0]}{_CLOSE}"
            text = text[: match.start()] + marked + text[match.end() :]
            self._left.remove(term)
            self.found.append(term)
        return text

    def buttons(self, html: SafeString) -> SafeString:
        """The HTML with its marks made buttons; in a link or a heading the word alone stays."""
        plain = _IN_LINK.sub(lambda match: _MARK.sub(r"\2", match[0]), html)
        # Safe: the HTML is clean, and a mark holds a key of ours and words that are escaped in it.
        return mark_safe(_MARK.sub(_button, plain))  # noqa: S308


def _button(match: re.Match[str]) -> str:
    key, word = escape(match[1]), match[2]
    return f'<button type="button" class="term" popovertarget="term-{key}">{word}</button>'


def _pattern(name: str) -> re.Pattern[str]:
    if _HAN.search(name):
        return re.compile(re.escape(name))
    return re.compile(rf"(?<!\w){re.escape(name)}{_ENDING}(?!\w)", re.IGNORECASE)


def _inside_mark(text: str, place: int) -> bool:
    return text.rfind(_OPEN, 0, place) > text.rfind(_CLOSE, 0, place)
