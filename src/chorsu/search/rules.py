"""What search is given and what it answers: plain values, no database."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from chorsu.kernel.text import normalise, words
from chorsu.search import spelling

PASSAGE_CHARS = 700
"""Longest passage: about what the encoder reads whole (512 tokens, Cyrillic and Chinese alike)."""
LEAST_MEANING_CHARS = 40
"""A shorter passage is found by its words alone; Chinese says in 40 what others say in 100."""


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
        """Whether it gets a vector: names of places and offices are near to any short question."""
        return self.field == "title" or len(self.text) >= LEAST_MEANING_CHARS

    @property
    def hash(self) -> str:
        """SHA-256 of all that its vector depends on."""
        return hashlib.sha256(f"{self.language}\n{self.text}".encode()).hexdigest()


_FULL_WIDTH_ENDS = ("。", "！", "？", "；", "：")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")


def split_passages(text: TextToIndex) -> list[NewPassage]:
    """Cut a text into passages of whole sentences, at most PASSAGE_CHARS long; title first.

    Fields of one group (`indicators.speed.name`, `indicators.speed.unit`) are read together, under
    the group's name: a unit alone answers no question.
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


MAX_QUERY_CHARS = 300
MAX_TERMS = 12
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


def lexemes(text: str) -> list[str]:
    """A text as the word index sees it: its folded words, each once.

    A run of Chinese characters gives every pair of neighbours and its last character: there are no
    spaces to tell words by.
    """
    found: dict[str, None] = {}
    for word in words(text):
        found.update(dict.fromkeys([*_pairs(word), word[-1]] if _HAN.match(word) else [word]))
    return [word[:MAX_LEXEME] for word in found]


MAX_LEXEME = 100
"""Letters of a word that are looked at; PostgreSQL takes 2,046 bytes."""


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for, in all its spellings, the first as typed. `weight`: long words say more.

    The three lists narrow down: texts hold exactly such a word, one that begins with it, or one
    that shares its beginning: endings differ, and no stemmer knows all eight languages.
    """

    spellings: tuple[str, ...]

    @property
    def weight(self) -> int:
        """From 1 to 8; a pair of Chinese characters counts as a word of four letters."""
        return 4 if _HAN.match(self.spellings[0]) else min(len(self.spellings[0]), 8)

    @property
    def exact(self) -> str:
        """As a tsquery."""
        return " | ".join(f"'{word}'" for word in self.spellings)

    @property
    def longer(self) -> str:
        """As a tsquery."""
        return " | ".join(_lexeme(word, word) for word in self.spellings)

    @property
    def related(self) -> str:
        """As a tsquery."""
        return " | ".join(_lexeme(word, _beginning(word)) for word in self.spellings)


def _lexeme(word: str, beginning: str) -> str:
    return f"'{beginning}':*" if _extends(word) else f"'{word}'"


def _extends(word: str) -> bool:
    """Whether others are found by the word's beginning: `bus` is no business."""
    return len(word) > 3 or (len(word) == 1 and _HAN.match(word) is not None)


def _beginning(word: str) -> str:
    return word[: max(4, round(0.6 * len(word)))]


@dataclass(frozen=True, slots=True)
class Query:
    """A question made fit to be asked: `text` for the encoder, `terms` for the word index.

    `cut`: more was typed than is searched for.
    """

    text: str
    terms: tuple[Term, ...]
    cut: bool = False

    @property
    def empty(self) -> bool:
        """Nothing in it can be searched for."""
        return not self.terms

    @property
    def spellings(self) -> list[str]:
        """Every spelling of every term."""
        return [spelling for term in self.terms for spelling in term.spellings]


def read_query(raw: str) -> Query:
    """Clean what a person typed; never fails. Cost is bounded: 300 characters, 12 terms.

    A Latin or Cyrillic word of one or two letters is a term only if nothing longer was typed.
    """
    whole = " ".join(normalise(raw).split())
    text = whole[:MAX_QUERY_CHARS]
    found = {term.spellings[0]: term for term in _terms(text)}
    longer = [term for first, term in found.items() if len(first) > 2 or _HAN.match(first)]
    terms = tuple((longer or list(found.values()))[:MAX_TERMS])
    cut = len(whole) > MAX_QUERY_CHARS
    return Query(spelling.for_encoder(text) if terms else "", terms, cut)


def _terms(text: str) -> list[Term]:
    terms: list[Term] = []
    for token in spelling.tokens(text):
        typed = words(token)
        for word in typed:
            if _HAN.match(word):
                terms += [Term((pair,)) for pair in _pairs(word) or [word]]
            else:
                # A token of several words (`GDP增长`, `e-gov`) is taken as it stands.
                others = spelling.other_scripts(token) if len(typed) == 1 else []
                spelt = [word, *("".join(words(other)) for other in others)]
                terms.append(Term(tuple(dict.fromkeys(one[:MAX_LEXEME] for one in spelt if one))))
    return terms


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; an empty tuple does not narrow. Codes, not words.

    `years`: it ran in one of them.
    """

    themes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

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


FACET_NAMES = ("themes", "countries", "institutions", "levels", "languages", "years")


def allows(filters: Filters, facets: Facets, *, but: str = "") -> bool:
    """Whether a record passes every filter, the one named `but` left out."""
    for name in FACET_NAMES:
        if name == but:
            continue
        wanted, there = getattr(filters, name), getattr(facets, name)
        if wanted and not any(value in there for value in wanted):
            return False
    return True


def count_facets(filters: Filters, found: Sequence[Facets]) -> dict[str, dict[str, int]]:
    """How many of the found records each value of each facet would leave.

    A facet's own filter is left out of its counts: they say what choosing another value brings.
    """
    counts: dict[str, dict[str, int]] = {}
    for name in FACET_NAMES:
        left = (getattr(one, name) for one in found if allows(filters, one, but=name))
        tally: Counter[str | int] = Counter(chain.from_iterable(left))
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


def likely_languages(query: Query, reader: Sequence[str]) -> dict[str, float]:
    """Share of each language in what the query may be: its letters tell, then the reader's own.

    Three words are too few to name a language; a wrong share only shifts the mean a little.
    """
    if any(_HAN.match(word) for word in query.spellings):
        return {"zh-Hans": 1.0}
    weights = dict.fromkeys(sorted(spelling.possible_languages(query.text)), 1.0)
    for place, language in enumerate(reader[:3]):
        if language in weights:
            weights[language] *= READER_WEIGHTS[place]
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


READER_WEIGHTS = (4.0, 2.0, 1.5)


def mark(text: str, query: Query) -> list[tuple[int, int]]:
    """Places (start, end) of words that are alike to a term, in order, none over another."""
    places = []
    for match in _TOKEN.finditer(text):
        for token in words(match.group())[:1]:
            if any(_alike(token, word) for word in query.spellings):
                places.append(match.span())
    for word in query.spellings:
        if _HAN.match(word):
            places.extend(found.span() for found in re.finditer(re.escape(word), text))
    return _joined(places)


_TOKEN = re.compile(r"[^\W_\u3400-\u9fff]+(?:[ʻʼ’‘'`][^\W_\u3400-\u9fff]+)*")


def _alike(token: str, word: str) -> bool:
    return token == word or (_extends(word) and token.startswith(_beginning(word)))


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(places)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


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
