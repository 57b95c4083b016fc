"""What a file of questions gave: questions to be looked at before they are kept, and troubles.

A question is either read as it was meant or named with the place that could not be read; nothing
is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from chorsu.kernel.text import printable
from chorsu.records.fields import FieldError, Words
from chorsu.training.formats.questions.troubles import Code, Param
from chorsu.training.items import (
    PICTURE_WORDS,
    Facts,
    InvalidItem,
    clean_facts,
    clean_words,
    missing,
)

MAX_ITEMS = 2000
_MAX_ERRORS = 5
_MAX_PARAM = 300


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be read or written: where (file, question), what, and its parameters.

    `errors`: of `invalid`, what is wrong with which fields.
    """

    place: str
    code: Code
    params: Mapping[str, Param] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()


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
    """A question or file can't be read or written; the parameters are those of `PARAMS`."""

    def __init__(self, code: Code, *, errors: Sequence[FieldError] = (), **params: Param) -> None:
        super().__init__(f"{code}: {params or errors}")
        self.code: Code = code
        self.params = cut(params)
        self.errors = tuple(errors[:_MAX_ERRORS])

    def at(self, place: str) -> Trouble:
        """What is told of the question or file at this place."""
        return Trouble(place, self.code, self.params, self.errors)


def cut(params: Mapping[str, Param]) -> dict[str, Param]:
    """Parameters as a line of a report: what a stranger wrote may be long and unprintable."""
    return {
        name: printable(value)[:_MAX_PARAM] or "?" if isinstance(value, str) else value
        for name, value in params.items()
    }


def found(place: str, facts: Mapping[str, object], texts: Mapping[str, Mapping[str, str]]) -> Found:
    """The question, cleaned and whole; raises `NotReadable`.

    What a picture shows may have been left unsaid: that can be mended, and is told (`undescribed`).
    """
    try:
        clean = clean_facts(facts)
        words = {language: clean_words(clean, raw) for language, raw in texts.items()}
    except InvalidItem as invalid:
        raise NotReadable("invalid", errors=invalid.errors) from invalid
    lacking = [
        error
        for one in words.values()
        for error in missing(clean, one)
        if error.code != PICTURE_WORDS
    ]
    if lacking:
        raise NotReadable("invalid", errors=lacking)
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
