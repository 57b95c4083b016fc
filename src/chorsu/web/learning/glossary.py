"""Terms of a course on tap: their first mention in a text opens their meaning.

The meaning is a native popover, so that nothing is scripted; the list of a unit's terms below its
text says the same to whom a popover does not reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# Letters that no text holds (`kernel.text.normalise` leaves them, no font shows them).
_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_CLOSE}]*){_CLOSE}")
_IN_LINK = re.compile(r"<a\b[^>]*>.*?</a>|<h[1-6]>.*?</h[1-6]>", re.DOTALL)
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff]")
# Turkic languages put one ending upon the other (`өкілеттік`, `өкілеттіктеріңізден`), other words
# than the term too: upon a short one only a few letters.
_STACKING = ("kk", "ky", "uz", "tk")
_LONG_STEM = 4
# Elsewhere the endings are few, and other letters make another word: `acts`, not `activities`;
# `актами`, not `актив`.
_ENDINGS = {
    "en": "s es d ed ing 's ’s",
    "ru": "а я ы и у ю е о й ь ом ем ём ой ей ёй ою ею ью ам ям ами ями ах ях ов ев ёв ый ий ая яя "
    "ое ее ые ие ого его ому ему ым им ых их ую юю ыми ими ию ии ия ием иям иях иями",
    "tg": "и ю е ро у ам ат аш амон атон ашон ҳо ҳои ҳоро ҳое ҳоям ҳоят ҳояш ҳоямон ҳоятон ҳояшон "
    "он они онро гон гони гонро ён ёни ёнро",
}


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
            match = _pattern(term.name, term.language).search(text)
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


@lru_cache(maxsize=1024)
def _pattern(name: str, language: str) -> re.Pattern[str]:
    if language == "zh-Hans" or _HAN.search(name):
        return re.compile(re.escape(name), re.IGNORECASE)
    *words, last = name.split()
    # In Russian the words before the last one change with it: `государственной услуги`.
    before = [_forms(one, language) if language == "ru" else re.escape(one) for one in words]
    said = r"\s+".join([*before, _forms(last, language)])
    return re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)


def _forms(word: str, language: str) -> str:
    """A word as a text may have it."""
    if language in _STACKING:
        return rf"{re.escape(word)}\w{{0,{8 if len(word) >= _LONG_STEM else 3}}}"
    known = sorted(_ENDINGS.get(language, "").split(), key=len, reverse=True)
    ending = f"(?:{'|'.join(map(re.escape, known))})?"
    if language == "ru":
        own = next((one for one in known if word.endswith(one) and len(word) - len(one) > 2), "")
        return re.escape(word.removesuffix(own)) + ending
    if language == "tg" and word.endswith("ӣ"):
        return rf"{re.escape(word[:-1])}(?:ӣ|и{ending})"
    if language == "en" and re.search("[^aeiou]y$", word):
        return rf"{re.escape(word[:-1])}(?:y{ending}|ies|ied)"
    return re.escape(word) + ending


def _inside_mark(text: str, place: int) -> bool:
    return text.rfind(_OPEN, 0, place) > text.rfind(_CLOSE, 0, place)
