"""What a file of questions gave: questions to be looked at before they are kept, and troubles.

A question is either read as it was meant or named with the place that could not be read; nothing
is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from chorsu.records.fields import FieldError, Words
from chorsu.training.items import (
    PICTURE_WORDS,
    Facts,
    InvalidItem,
    clean_facts,
    clean_words,
    missing,
)

MAX_ITEMS = 2000
# Code -> what it says, with the parameters in braces. What a person sees is translated by the page.
TROUBLES: Mapping[str, str] = {
    "unreadable": "the file or question is not what its name says: {detail}",
    "too_large": "more than there may be: {detail}",
    "unsupported": "{detail} is not supported",
    "scoring": "how answers earn points could not be carried over: {detail}",
    "invalid": "{detail}",
    "other_language": "does not agree with the same question in another language",
    "left_out": "cannot be said in this format: {detail}",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be read or written: where (file, question), a code of `TROUBLES`, detail."""

    place: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A question that was read: clean facts, clean words by language, the first the original."""

    place: str
    facts: Facts
    texts: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Report:
    """What a file gave; `pictures`: SHA-256 -> bytes of those that its questions show."""

    found: tuple[Found, ...]
    troubles: tuple[Trouble, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


class NotReadable(ValueError):  # noqa: N818 - says what is wrong
    """A question or file can't be read; `code` is one of `TROUBLES`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail[:300]


def found(place: str, facts: Mapping[str, object], texts: Mapping[str, Mapping[str, str]]) -> Found:
    """The question, cleaned and whole; raises `NotReadable`.

    What a picture shows may have been left unsaid: that can be mended, and is told (`undescribed`).
    """
    try:
        clean = clean_facts(facts)
        words = {language: clean_words(clean, raw) for language, raw in texts.items()}
    except InvalidItem as invalid:
        raise NotReadable("invalid", _say(invalid.errors)) from invalid
    lacking = [
        error
        for one in words.values()
        for error in missing(clean, one)
        if error.code != PICTURE_WORDS
    ]
    if lacking:
        raise NotReadable("invalid", _say(lacking))
    return Found(place, clean, words)


def percent(share: Fraction) -> str:
    """A share as the decimal of a credit, to six places."""
    value = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return plain(value.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))


def plain(value: Decimal) -> str:
    """A decimal without exponent or noughts at its end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


class Keys:
    """Keys of rows from the names a file gives them, each once."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The key of a name, the same each time."""
        if name not in self._taken:
            flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
            base = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:30].strip("-") or "k"
            key, number = base, 1
            while key in self._taken.values():
                number += 1
                key = f"{base}-{number}"
            self._taken[name] = key
        return self._taken[name]


def _say(errors: Iterable[FieldError]) -> str:
    return ", ".join(f"{error.field}: {error.code}" for error in list(errors)[:5])
