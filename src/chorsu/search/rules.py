"""What search is given and what it answers: plain values, no database."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from chorsu.search.asking import HAN

PASSAGE_CHARS = 700
"""Longest passage: about what the encoder reads whole (512 tokens, Cyrillic and Chinese alike)."""
LEAST_MEANING_CHARS = 40
"""A shorter passage is found by its words alone."""
HAN_CHARS = 2.5
"""So many letters of other scripts say what one Chinese character says."""
FIELDS_OF_NAMES = frozenset({"place", "contacts", "term"})
"""Names of places, offices and terms are near to any short question: found by their words alone."""
_TERM = re.compile(r"terms\.[^.]+\.name")


@dataclass(frozen=True, slots=True)
class TextToIndex:
    """A text: its language, its title and its sections as (field name, plain text), in order."""

    language: str
    title: str
    sections: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DocumentToIndex:
    """A record as search takes it in; the facets are codes, never words of a language.

    `languages` are those there is a text in, the original's first. `year_to` None: still going.
    """

    kind: str
    record_id: str
    audience: str
    origin: str
    institution_id: str
    country: str
    level: str
    themes: Sequence[str]
    languages: Sequence[str]
    year_from: int | None
    year_to: int | None
    updated_at: datetime
    texts: Sequence[TextToIndex] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be stored; `hash` tells whether an earlier vector still serves."""

    language: str
    field: str
    position: int
    text: str

    @property
    def has_meaning(self) -> bool:
        """Whether it gets a vector: names and scraps are near to any short question."""
        if self.field in FIELDS_OF_NAMES:
            return False
        han = sum(len(run) for run in HAN.findall(self.text))
        length = len(self.text) + (HAN_CHARS - 1) * han
        return self.field == "title" or length >= LEAST_MEANING_CHARS

    @property
    def hash(self) -> str:
        """SHA-256 of all that its vector depends on."""
        return hashlib.sha256(f"{self.language}\n{self.text}".encode()).hexdigest()


_FULL_WIDTH_ENDS = ("。", "！", "？", "；", "：")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")


def split_passages(text: TextToIndex) -> list[NewPassage]:
    """Cut a text into passages of whole sentences, at most PASSAGE_CHARS long; title first.

    Fields of one group (`indicators.speed.name`, `indicators.speed.unit`) are read together, under
    the group's name: a unit alone answers no question. What a term of a glossary is called stands
    by itself as well (`term`), to be offered while typing.
    """
    sections: dict[str, str] = {}
    for name, content in text.sections:
        group, dot, _ = name.partition(".")
        before = sections.get(group, "")
        sections[group] = f"{before}\n{content}" if before and dot else content
    passages = [NewPassage(text.language, "title", 0, text.title)]
    for group, content in sections.items():
        for piece in _pieces(content):
            passages.append(NewPassage(text.language, group, len(passages), piece))
    for name, content in text.sections:
        if _TERM.fullmatch(name) and content:
            passages.append(NewPassage(text.language, "term", len(passages), content))
    return passages


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for raw in _SENTENCE_END.split(words):
        sentence = raw.strip()
        while len(sentence) > PASSAGE_CHARS:
            cut = sentence.rfind(" ", PASSAGE_CHARS // 2, PASSAGE_CHARS)
            cut = cut if cut > 0 else PASSAGE_CHARS
            pieces.extend(filter(None, [piece, sentence[:cut].strip()]))
            piece, sentence = "", sentence[cut:].strip()
        if not sentence:
            continue
        if piece and len(piece) + len(sentence) + 1 > PASSAGE_CHARS:
            pieces.append(piece)
            piece = sentence
        else:
            piece += ("" if piece.endswith(_FULL_WIDTH_ENDS) else " ") + sentence
            piece = piece.strip()
    return [*pieces, piece] if piece else pieces


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; an empty tuple does not narrow. Codes, not words.

    `years`: it ran in one of them. `kinds`: kinds of records, among those that are asked.
    """

    themes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything narrows."""
        return any(self.values(name) for name in FACET_NAMES)

    def values(self, name: str) -> list[str] | list[int]:
        """What the facet of this name is narrowed to."""
        if name == "years":
            return list(self.years)
        return {
            "themes": list(self.themes),
            "countries": list(self.countries),
            "institutions": list(self.institutions),
            "levels": list(self.levels),
            "languages": list(self.languages),
            "kinds": list(self.kinds),
        }[name]


@dataclass(frozen=True, slots=True)
class Facets:
    """A record's values of what can be filtered. `years`: those in which it ran."""

    themes: tuple[str, ...]
    countries: tuple[str, ...]
    institutions: tuple[str, ...]
    levels: tuple[str, ...]
    languages: tuple[str, ...]
    years: range
    kinds: tuple[str, ...] = ()


FACET_NAMES = ("kinds", "themes", "countries", "institutions", "levels", "languages", "years")


def allows(filters: Filters, facets: Facets) -> bool:
    """Whether a record passes every filter."""
    for name in FACET_NAMES:
        wanted, there = getattr(filters, name), getattr(facets, name)
        if wanted and not any(value in there for value in wanted):
            return False
    return True


def count_facets(filters: Filters, found: Sequence[Facets]) -> dict[str, dict[str, int]]:
    """How many of the found records each value of each facet would leave.

    A facet's own filter is left out of its counts: they say what choosing another value brings.
    """
    narrowed = {name: wanted for name in FACET_NAMES if (wanted := filters.values(name))}
    left: dict[str, list[Facets]] = {name: [] for name in FACET_NAMES}
    for one in found:
        refused = [
            name
            for name, wanted in narrowed.items()
            if not any(value in getattr(one, name) for value in wanted)
        ]
        if len(refused) < 2:
            for name in refused or FACET_NAMES:
                left[name].append(one)
    counts: dict[str, dict[str, int]] = {}
    for name in FACET_NAMES:
        tally: Counter[str | int] = Counter(
            chain.from_iterable(getattr(one, name) for one in left[name])
        )
        named = {str(value): number for value, number in tally.items()}
        counts[name] = dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
    return counts


MEANING_WEIGHT = 1.0
WORDING_WEIGHT = 0.5
TITLE_WEIGHT = 1.1
LONGER, RELATED = 0.8, 0.5
"""What a longer and a related word count, where the very word counts 1."""
LEAST = 0.18
"""A record counts as found from this score on: below it, meaning is noise (see docs/search.md)."""
LEAST_UNKNOWN = 0.35
"""What the best must score where no passage has any of the words: they may be no words at all."""
LEAST_OF_BEST = 0.3
"""And it must score this share of the best: beside a sure answer, guesses only distract."""


def excerpt(
    text: str, marks: Sequence[tuple[int, int]], length: int
) -> tuple[str, list[tuple[int, int]]]:
    """About `length` characters of a text, where most is marked, cut between words; new marks.

    What was left out before and after is shown by `…`.
    """
    if len(text) <= length:
        return text, list(marks)
    starts = [max(0, start - length // 8) for start, _ in marks] or [0]
    start = max(starts, key=lambda place: _inside(marks, place, place + length))
    start, end = _between_words(text, start, min(start + length, len(text)))
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    kept = [(a + shift, b + shift) for a, b in marks if start <= a and b <= end]
    return before + text[start:end] + after, kept


def _inside(marks: Sequence[tuple[int, int]], start: int, end: int) -> int:
    return sum(1 for a, b in marks if start <= a and b <= end)


def _between_words(text: str, start: int, end: int) -> tuple[int, int]:
    if start:
        space = text.find(" ", start, start + 20)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        end = space if space >= 0 else end
    return start, end
