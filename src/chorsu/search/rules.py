"""What search is given and what it answers: plain values, no database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chorsu.kernel.text import normalise, words
from chorsu.search import spelling

PASSAGE_CHARS = 700
"""Longest passage: about what the encoder reads whole (512 tokens, Cyrillic and Chinese alike)."""


@dataclass(frozen=True, slots=True)
class TextToIndex:
    """A text: its language, its title and its sections as (field name, plain text), in order."""

    language: str
    title: str
    sections: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DocumentToIndex:
    """A record as search takes it in; the facets are codes, never words of a language.

    `languages` are those there is a text in, the original's first.
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
    year: int | None
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
    def hash(self) -> str:
        """SHA-256 of all that its vector depends on."""
        return hashlib.sha256(f"{self.language}\n{self.text}".encode()).hexdigest()


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
            piece = f"{piece} {sentence}".strip()
    return [*pieces, piece] if piece else pieces


MAX_QUERY_CHARS = 300
MAX_WORDS = 12
_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")


def searchable(text: str) -> str:
    """Text as the trigram index sees it: folded words, Chinese characters one by one."""
    return " ".join(words(_HAN.sub(r" \1 ", text)))


@dataclass(frozen=True, slots=True)
class Query:
    """A question made fit to be asked: `text` for the encoder, `terms` for the trigram index.

    A term is all the spellings of one word, first the one that was typed.
    """

    text: str
    terms: tuple[tuple[str, ...], ...]

    @property
    def empty(self) -> bool:
        """Nothing in it can be searched for."""
        return not self.terms

    @property
    def spellings(self) -> list[str]:
        """Every spelling of every term."""
        return [spelling for term in self.terms for spelling in term]


def read_query(raw: str) -> Query:
    """Clean what a person typed; never fails. Cost is bounded: 300 characters, 12 terms.

    A run of Chinese characters is one term (its characters must come together); one Latin or
    Cyrillic letter is a term only if nothing longer was typed.
    """
    text = " ".join(normalise(raw[: MAX_QUERY_CHARS * 4]).split())[:MAX_QUERY_CHARS]
    found = {term[0]: term for term in _terms(text)}
    longer = [term for first, term in found.items() if len(first) > 1]
    terms = tuple((longer or list(found.values()))[:MAX_WORDS])
    return Query(spelling.for_encoder(text) if terms else "", terms)


def _terms(text: str) -> list[tuple[str, ...]]:
    terms = []
    for token in spelling.tokens(text):
        for word in words(token):
            # A token of two scripts (`GDP增长`) is several words, each spelt as it stands.
            whole = word == "".join(words(token))
            spelt = [word, *map("".join, map(words, spelling.other_scripts(token)))]
            spelt = spelt if whole else spelt[:1]
            terms.append(tuple(dict.fromkeys(searchable(one) for one in spelt if one)))
    return terms


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; an empty tuple does not narrow. Codes, not words."""

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
    """A record's values of what can be filtered."""

    themes: tuple[str, ...]
    countries: tuple[str, ...]
    institutions: tuple[str, ...]
    levels: tuple[str, ...]
    languages: tuple[str, ...]
    years: tuple[int, ...]


FACET_NAMES = ("themes", "countries", "institutions", "levels", "languages", "years")


def allows(filters: Filters, facets: Facets, *, but: str = "") -> bool:
    """Whether a record passes every filter, the one named `but` left out."""
    for name in FACET_NAMES:
        wanted = getattr(filters, name)
        if name != but and wanted and not set(wanted) & set(getattr(facets, name)):
            return False
    return True


def count_facets(filters: Filters, found: Sequence[Facets]) -> dict[str, dict[str, int]]:
    """How many of the found records each value of each facet would leave.

    A facet's own filter is left out of its counts: they say what choosing another value brings.
    """
    counts: dict[str, dict[str, int]] = {}
    for name in FACET_NAMES:
        tally: dict[str, int] = {}
        for facets in found:
            if allows(filters, facets, but=name):
                for value in getattr(facets, name):
                    tally[str(value)] = tally.get(str(value), 0) + 1
        counts[name] = dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))
    return counts


MEANING_WEIGHT = 1.0
WORDING_WEIGHT = 0.5
TITLE_WEIGHT = 1.1
LEAST = 0.30
"""A record counts as found from this score on: below it, meaning is noise (see docs/search.md)."""


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
        token = searchable(match.group())
        if any(_alike(token, term) for term in query.spellings):
            places.append(match.span())
    for term in query.spellings:
        if _HAN.match(term):
            run = term.replace(" ", "")
            places.extend(m.span() for m in re.finditer(re.escape(run), text))
    return _apart(places)


_TOKEN = re.compile(r"[^\W_\u3400-\u9fff]+(?:[ʻʼ’‘'`][^\W_\u3400-\u9fff]+)*")


def _alike(token: str, term: str) -> bool:
    if token == term:
        return True
    shared = _shared_start(token, term)
    return shared >= 4 and shared >= 0.7 * min(len(token), len(term))  # inflected endings differ


def _shared_start(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(places), key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
