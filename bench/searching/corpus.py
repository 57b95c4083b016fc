"""Records as a full node has them, made of real sentences, the same every time.

The first 10,000 passages are real: sentences of the samples, and of `--texts`, put together anew.
Every later passage is made of two of those of its language; so is its vector. Aligned lines, each a
record of its own, come before all: a question in one language has its right answer in each other.
"""

from __future__ import annotations

import random
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from chorsu.flows.sampling import _samples
from chorsu.jobs import aligned
from chorsu.kernel.languages import TAGS

REAL = 10_000
SECTIONS = ("summary", "problem", "action", "results", "lessons")
LANGUAGES_OF_A_RECORD = 3
MOST_OF_A_RECORD = LANGUAGES_OF_A_RECORD * (1 + len(SECTIONS))
RARE_EVERY = 500
"""One record in so many is of Turkmenistan and has a Turkmen text; no other has."""
RARE = ("TM", ("tk", "ru", "en"))
COMMON = {"zh-Hans": 6, "ru": 6, "en": 5, "kk": 4, "uz": 4, "ky": 3, "tg": 2}
COUNTRIES = {"CN": 6, "KZ": 5, "UZ": 4, "KG": 3, "TJ": 2}
THEMES = ("digital_services", "civil_service", "local_government", "anti_corruption", "open_data")
LEVELS = ("national", "regional", "municipal")
TITLE_CHARS, LEAST_CHARS = 90, 25
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")
_IDS = uuid.UUID("0d0c2a5e-5c1b-4f57-8d0b-3f5b8f4a6c11")
Sentences = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage. Its vector is that of real passage `first`, or from it a `part` of the way to
    `second`.
    """

    language: str
    field: str
    position: int
    text: str
    first: int
    second: int
    part: float


@dataclass(frozen=True, slots=True)
class Record:
    """What search keeps of a record."""

    record_id: str
    kind: str
    country: str
    languages: tuple[str, ...]
    themes: tuple[str, ...]
    level: str
    year_from: int
    year_to: int | None
    pieces: list[Piece] = field(default_factory=list)


def sentences(more: Path | None) -> dict[str, list[str]]:
    """Real sentences by language; `more` is a folder of aligned texts."""
    found: dict[str, dict[str, None]] = {tag: {} for tag in TAGS}
    for sample in _samples():
        for tag in sample.texts:
            for words in sample.words(tag).values():
                found[tag].update(dict.fromkeys(_split(str(words))))
    if more is not None:
        for tag, lines in aligned.read(more).items():
            found[tag].update(dict.fromkeys(lines))
    return {tag: list(lines) for tag, lines in found.items()}


def _split(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if len(sentence.strip()) * (2.5 if _is_han(sentence) else 1) >= LEAST_CHARS:
            yield sentence.strip()


def line_id(number: int, language: str) -> str:
    """The id of the record that an aligned line is."""
    return str(uuid.uuid5(_IDS, f"line {number} {language}"))


def records(size: int, known: Sentences, lines: Sentences) -> Iterator[Record]:
    """Records of at least `size` passages in all; a larger corpus begins with the smaller."""
    made, real = 0, _Real(count())
    for tag, of_one in lines.items():
        for number, line in enumerate(of_one):
            place = next(real.numbers)
            piece = Piece(tag, "title", 0, line, place, place, 0.0)
            yield Record(
                line_id(number, tag), "line", "KZ", (tag,), (), "national", 2020, None, [piece]
            )
            made += 1
    for number in count():
        if made >= size:
            return
        record = _record(number, known, real)
        made += len(record.pieces)
        yield record


class _Real:
    """The real passages so far, by language and by whether they are titles."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self.numbers = numbers
        self.known: dict[tuple[str, bool], list[tuple[int, str]]] = defaultdict(list)
        self.count = 0


def _record(number: int, known: Sentences, real: _Real) -> Record:
    chance = random.Random(number)
    country, languages = RARE
    if number % RARE_EVERY != 1:
        country = _drawn(chance, COUNTRIES)
        tags: dict[str, None] = {}
        while len(tags) < LANGUAGES_OF_A_RECORD:
            tags[_drawn(chance, COMMON)] = None
        languages = tuple(tags)
    began = chance.randint(2005, 2025)
    made = Record(
        record_id=str(uuid.uuid5(_IDS, f"record {number}")),
        kind="practice",
        country=country,
        languages=languages,
        themes=tuple(chance.sample(THEMES, 2)),
        level=chance.choice(LEVELS),
        year_from=began,
        year_to=chance.choice([None, min(2026, began + 3)]),
    )
    for tag in languages:
        for position, name in enumerate(("title", *SECTIONS)):
            made.pieces.append(_piece(chance, number, tag, name, position, known[tag], real))
    return made


def _piece(
    chance: random.Random,
    number: int,
    tag: str,
    name: str,
    position: int,
    known: Sequence[str],
    real: _Real,
) -> Piece:
    of_kind = real.known[tag, name == "title"]
    if real.count < REAL or not of_kind:
        drawn = [
            chance.choice(known) for _ in range(1 if name == "title" else chance.randint(1, 3))
        ]
        text = f"{_short(drawn[0])} ({number})" if name == "title" else _joined(drawn)
        place = next(real.numbers)
        of_kind.append((place, text))
        real.count += 1
        return Piece(tag, name, position, text, place, place, 0.0)
    (first, one), (second, other) = chance.choice(of_kind), chance.choice(of_kind)
    part = chance.uniform(0.2, 0.5)
    if name == "title":
        text = f"{_short(one.rpartition(' (')[0])} ({number})"
        return Piece(tag, name, position, text, first, second, part / 2)
    split = [list(filter(None, _SENTENCE_END.split(text))) for text in (one, other)]
    text = _joined([*split[0], chance.choice(split[1])])
    return Piece(tag, name, position, text, first, second, part)


def _drawn(chance: random.Random, weights: Mapping[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _joined(drawn: Sequence[str]) -> str:
    return ("" if _is_han(drawn[0]) else " ").join(drawn)[:700]


def _short(sentence: str) -> str:
    if _is_han(sentence):
        return sentence[: TITLE_CHARS // 3]
    if len(sentence) <= TITLE_CHARS:
        return sentence
    return sentence[:TITLE_CHARS].rpartition(" ")[0]


def _is_han(text: str) -> bool:
    return "\u4e00" <= text[:1] <= "\u9fff" or "\u4e00" <= text[-2:-1] <= "\u9fff"
