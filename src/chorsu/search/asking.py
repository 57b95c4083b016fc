"""What is asked, and a text, as the word index sees them: terms, spellings, marks. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from chorsu.kernel.text import normalise, words
from chorsu.search import languages, layouts, sounds, spelling
from chorsu.search.segments import segments

MAX_QUERY_CHARS = 300
MAX_TERMS = 12
MAX_LEXEME = 100
"""Letters of a word that are looked at; PostgreSQL takes 2,046 bytes."""
HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
"""A run of Chinese characters."""
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ .,'’]\d{3})+(?![\d])")
_SEPARATORS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as the word index sees it: `lexemes` are looked for, each once, in order.

    `spelt` are those of them that are whole words, for the vocabulary: no pair of Chinese
    characters that crosses words.
    """

    lexemes: tuple[str, ...]
    spelt: frozenset[str]


def read_words(text: str) -> Words:
    """The folded words of a text.

    A run of Chinese characters, simplified, gives every pair of neighbours and its last character,
    for there are no spaces to tell words by, and the longer words that a segmenter finds. Digits in
    groups (`9 416 267`, `9,416,267`) also give the whole number.
    """
    found: dict[str, None] = {}
    spelt: set[str] = set()
    for word in words(text):
        if HAN.match(word):
            run = sounds.simplified(word)
            parts = [part for part in segments(run) if len(part) > 1]
            found.update(dict.fromkeys([*_pairs(run), run[-1], *parts]))
            spelt.update(parts)
        else:
            found[word[:MAX_LEXEME]] = None
            spelt.add(word[:MAX_LEXEME])
    for number in _GROUPED.findall(normalize("NFKC", text)):
        found[_SEPARATORS.sub("", number)] = None
    return Words(tuple(found), frozenset(spelt & found.keys()))


def lexemes(text: str) -> list[str]:
    """A text's words as the word index holds them."""
    return list(read_words(text).lexemes)


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


@dataclass(frozen=True, slots=True)
class Term:
    """One word asked for, in all its spellings, the first as typed.

    `near` are words that are most likely the same (another ending, a slip of the finger, the same
    name in another script), `related` ones share its beginning: the vocabulary knows both.
    `pieces` say the same if all are there: the pairs of a Chinese word, the groups of a number.
    `layouts` is what its keys give on other keyboards; a `token` of which several words were read
    may be one word there. `rarity`: rare words say more.
    """

    spellings: tuple[str, ...]
    near: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    token: str = ""
    rarity: float = 0.0
    passages: int = 0

    @property
    def typed(self) -> str:
        """The word as it was typed, folded."""
        return self.spellings[0]

    @property
    def is_han(self) -> bool:
        """Whether it is Chinese."""
        return HAN.match(self.typed) is not None

    @property
    def weight(self) -> float:
        """Its rarity, or until that is known by its length, from 0.1 to 1."""
        length = 2 * len(self.typed) if self.is_han else len(self.typed)
        return self.rarity or min(length, 8) / 8

    @property
    def exact(self) -> str:
        """As a tsquery."""
        together = " & ".join(map(_quoted, self.pieces))
        return _either(self.spellings) + (f" | ({together})" if together else "")

    @property
    def longer(self) -> str:
        """As a tsquery; empty if there is nothing near."""
        return _either(self.near)

    @property
    def any(self) -> str:
        """As a tsquery: all that counts at all."""
        single = f" | '{self.typed}':*" if self.is_han and len(self.typed) == 1 else ""
        pieces = self.pieces if self.is_han else ()
        others = [one for one in (*self.near, *self.related, *pieces) if one not in self.spellings]
        return " | ".join(filter(None, [self.exact, _either(others)])) + single


def _quoted(word: str) -> str:
    return f"'{word}'"


def _either(lexemes: Sequence[str]) -> str:
    return " | ".join(map(_quoted, lexemes))


def extends(word: str) -> bool:
    """Whether others are found by the word's beginning: `bus` is no business."""
    return len(word) > 3


def beginning(word: str) -> str:
    """The letters that a word must share to be related."""
    return word[: max(4, round(0.6 * len(word)))]


@dataclass(frozen=True, slots=True)
class Query:
    """A question made fit to be asked: `text` as typed, `terms` for the word index.

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

    A Latin or Cyrillic letter by itself is a term only if nothing longer was typed.
    """
    whole = " ".join(normalise(raw).split())
    text = whole[:MAX_QUERY_CHARS]
    found = {term.typed: term for term in _terms(text)}
    longer = [term for term in found.values() if _says_something(term)]
    terms = tuple((longer or list(found.values()))[:MAX_TERMS])
    cut = len(whole) > MAX_QUERY_CHARS
    return Query(text if terms else "", terms, cut)


def rarest(query: Query, most: int) -> list[Term]:
    """The rarest terms, as many as `most` passages have between them, the rarest in any case."""
    chosen: list[Term] = []
    passages = 0
    for term in sorted(query.terms, key=lambda one: -one.weight):
        passages += term.passages
        if chosen and passages > most:
            break
        chosen.append(term)
    return chosen


def _says_something(term: Term) -> bool:
    longest = max(map(len, (term.typed, *term.layouts)))
    return longest > 1 or term.typed.isdigit()


def _terms(text: str) -> list[Term]:
    text = normalize("NFKC", text)
    numbers = [
        Term((_SEPARATORS.sub("", number),), pieces=tuple(_SEPARATORS.split(number)))
        for number in _GROUPED.findall(text)
    ]
    others = [term for token in spelling.tokens(_GROUPED.sub(" ", text)) for term in _read(token)]
    return others + numbers


def _read(token: str) -> list[Term]:
    """The terms of what stands between two spaces."""
    typed = words(token)
    if typed and not any(map(HAN.match, typed)):
        keys = [words(one) for one in layouts.meant(token)]
        meant = tuple(one[0][:MAX_LEXEME] for one in keys if len(one) == 1)
        if len(typed) == 1:
            spelt = [typed[0], *("".join(words(one)) for one in spelling.other_scripts(token))]
            unique = tuple(dict.fromkeys(one[:MAX_LEXEME] for one in spelt if one))
            return [Term(unique, layouts=meant)]
        # Signs stand on keys that are letters elsewhere: `j,kfcnm` is one word, `область`.
        whole = [Term(("".join(typed)[:MAX_LEXEME],), layouts=meant, token=token)] if meant else []
        return [*(Term((word[:MAX_LEXEME],), token=token) for word in typed), *whole]
    terms: list[Term] = []
    for word in typed:
        terms += _read_han(word) if HAN.match(word) else [Term((word[:MAX_LEXEME],))]
    return terms


def _read_han(run: str) -> list[Term]:
    """Chinese words; characters that the segmenter leaves single are taken with a neighbour."""
    run = sounds.simplified(run)
    parts: list[str] = []
    place = 0
    for part in segments(run):
        if len(part) > 1:
            parts.append(part)
        elif part not in _PARTICLES:
            pair = run[place : place + 2]
            parts.append(pair if len(pair) == 2 else run[-2:])
        place += len(part)
    return [
        Term((part,), pieces=tuple(_pairs(part)) if len(part) > 2 else ())
        for part in (one[:MAX_LEXEME] for one in parts or [run[0]])
    ]


_PARTICLES = frozenset("的了在是和与及吗呢把被从对")
"""Single characters that only tie words together."""


def likely_languages(query: Query, reader: Sequence[str]) -> dict[str, float]:
    """Share of each language in what the query may be; the shares add up to 1.

    Its letters and an identifier tell, then the reader's languages weigh. Three words are too few
    to be sure: no language that the letters allow is left without a share.
    """
    if any(term.is_han for term in query.terms):
        return {"zh-Hans": 1.0}
    weights = dict(languages.shares(query.text, spelling.possible_languages(query.text)))
    for place, language in enumerate(reader[:3]):
        if language in weights:
            weights[language] *= READER_WEIGHTS[place]
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


READER_WEIGHTS = (4.0, 2.0, 1.5)


def for_encoder(query: Query, likely: Mapping[str, float]) -> str:
    """The question in the script in which texts of its likeliest language are written."""
    best = max(likely, key=lambda tag: (likely[tag], tag), default="")
    return spelling.in_stored_script(query.text, best)


def mark(text: str, query: Query) -> list[tuple[int, int]]:
    """Places (start, end) of words that are alike to a term, in order, none over another."""
    known, starts = _marked(query)
    places = []
    for match in _TOKEN.finditer(text):
        token = _first_word(match.group())
        if token and (token in known or token.startswith(starts)):
            places.append(match.span())
    places += [match.span() for match in _GROUPED.finditer(text) if _whole(match) in known]
    simple = sounds.simplified(text)
    if len(simple) == len(text):
        for word in filter(HAN.match, known):
            places.extend(found.span() for found in re.finditer(re.escape(word), simple))
    return _joined(places)


@lru_cache(maxsize=16)
def _marked(query: Query) -> tuple[frozenset[str], tuple[str, ...]]:
    """Words that are marked, and beginnings of words; the same for every passage of a page."""
    saying = [term for term in query.terms if len(term.typed) > 2 or term.is_han] or query.terms
    known = {one for term in saying for one in (*term.spellings, *term.near, *term.related)}
    starts = tuple(beginning(word) for word in query.spellings if extends(word))
    return frozenset(known), starts


@lru_cache(maxsize=10_000)
def _first_word(token: str) -> str:
    """The folded word that a token begins with; texts shown have most words in common."""
    return next(iter(words(token)), "")


_TOKEN = re.compile(r"[^\W_\u3400-\u9fff]+(?:[ʻʼ’‘'`][^\W_\u3400-\u9fff]+)*")


def _whole(number: re.Match[str]) -> str:
    return _SEPARATORS.sub("", number.group())


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(set(places)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
