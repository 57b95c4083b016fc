"""What search is given and what it answers: plain values, no database."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chorsu.kernel.text import normalise, words

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
    """A record as search takes it in; the facets are codes, never words of a language."""

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
    title: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of all that the encoder is given."""
        return hashlib.sha256(f"{self.language}\n{self.title}\n{self.text}".encode()).hexdigest()


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")


def split_passages(text: TextToIndex) -> list[NewPassage]:
    """Cut a text into passages of whole sentences, at most PASSAGE_CHARS long; title first."""
    passages = [NewPassage(text.language, "title", 0, text.title, text.title)]
    for name, words in text.sections:
        for piece in _pieces(words):
            passages.append(NewPassage(text.language, name, len(passages), text.title, piece))
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
    """A question made fit to be asked: `text` for the encoder, `terms` for the trigram index."""

    text: str
    terms: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Nothing in it can be searched for."""
        return not self.terms


def read_query(raw: str) -> Query:
    """Clean what a person typed; never fails. Cost is bounded: 300 characters, 12 terms.

    A run of Chinese characters is one term (its characters must come together); one Latin or
    Cyrillic letter is a term only if nothing longer was typed.
    """
    text = " ".join(normalise(raw)[:MAX_QUERY_CHARS].split())
    found = list(dict.fromkeys(searchable(word) for word in words(text)))
    longer = [term for term in found if len(term) > 1]
    terms = tuple((longer or found)[:MAX_WORDS])
    return Query(text if terms else "", terms)


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
        return any(
            (
                self.themes,
                self.countries,
                self.institutions,
                self.levels,
                self.languages,
                self.years,
            )
        )


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
LEAST = 0.30
"""A passage counts as found from this score on: below it, meaning is noise (see docs/search.md)."""


def combined(meaning: float, wording: float) -> float:
    """One score from both (a weighted sum: rank fusion did harm where it was measured)."""
    return MEANING_WEIGHT * max(meaning, 0.0) + WORDING_WEIGHT * wording


def likely_languages(
    query: Query, guessed: Mapping[str, float], reader: Sequence[str]
) -> dict[str, float]:
    """Share of each language in what the query may be: the guess, leaning to the reader's own.

    A wrong guess only shifts the mean a little: shares, not a choice.
    """
    shares = dict(guessed)
    if any(_HAN.match(term) for term in query.terms):
        return {"zh-Hans": 1.0}
    shares.pop("zh-Hans", None)
    for place, language in enumerate(reader[:3]):
        if language in shares:
            shares[language] *= (4.0, 2.0, 1.5)[place]
    total = sum(shares.values())
    return {language: share / total for language, share in shares.items() if share / total > 0.02}


def mark(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Places (start, end) of words that are alike to a term; none for an empty query."""
    places = []
    for match in _TOKEN.finditer(text):
        token = searchable(match.group())
        if any(_alike(token, term) for term in terms):
            places.append(match.span())
    for term in terms:
        if _HAN.match(term):
            run = term.replace(" ", "")
            places.extend(m.span() for m in re.finditer(re.escape(run), text))
    return sorted(set(places))


_TOKEN = re.compile(r"[^\W\u3400-\u9fff]+(?:[ʻʼ’‘'][^\W\u3400-\u9fff]+)*")


def _alike(token: str, term: str) -> bool:
    if token == term:
        return True
    shared = len(os.path.commonprefix([token, term]))
    return shared >= 4 and shared >= 0.7 * min(len(token), len(term))  # inflected endings differ
