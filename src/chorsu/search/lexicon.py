"""The vocabulary: which words of the passages are, most likely, the words of a question.

Reading is one bounded statement; learning happens where a record is taken in.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from django.db import connection

from chorsu.search import slips
from chorsu.search.asking import (
    Query,
    Term,
    beginning,
    extends,
)
from chorsu.search.gazetteer import same_place
from chorsu.search.models import Word
from chorsu.search.sounds import sound
from chorsu.search.spelling import languages_of_script
from chorsu.search.statements import statements
from chorsu.search.stems import stem

MOST_NEAR = MOST_RELATED = 16
"""Words that stand in for one that was typed."""
STANDING_IN, LEAST_STANDING_IN = 48, 4
"""Such words of each sort in a whole question, and of one word in any case: a passage is weighed by
all of them. Of a sentence the frequent forms are enough, its meaning tells the rest.
"""
LEAST_ALIKE = 0.55
"""Share of letters at the beginning that two related words have in common."""
MOST_LETTERS, MOST_DIGITS = 60, 4
"""Longer words and numbers are not in the vocabulary."""
UNCOUNTED_SHARE = 0.1
LEAST_PASSAGES = 100
LEAST_RARITY = 0.05
UNKNOWN = 0.3
"""Rarity of a word that no passage has: it tells no passage from another."""
BATCH = 1000
MOST_LOOKED_AT = 100
"""Words that each way of looking brings for one term."""
_SQL = statements("lexicon.sql")
_TYPED, _STEM, _LAYOUT, _PLACE, _SOUND, _BEGINNING, _SLIP = range(7)

Asked: TypeAlias = tuple[int | str, ...]
Value: TypeAlias = int | list[int | str]
Row: TypeAlias = tuple[int, int, str, str, int | None]


@dataclass(slots=True)
class _Alike:
    """What the vocabulary has for one term: word -> passages that have it, by how alike it is."""

    exact: dict[str, int | None] = field(default_factory=dict)
    layout: dict[str, int | None] = field(default_factory=dict)
    near: dict[str, int | None] = field(default_factory=dict)
    related: dict[str, int | None] = field(default_factory=dict)

    def add(self, kind: dict[str, int | None], word: str, passages: int | None) -> None:
        """Note a word; one of several languages has the passages of all of them."""
        before = kind.get(word)
        kind[word] = passages if before is None else before + (passages or 0)


def expand(query: Query) -> Query:
    """The question with the words that may stand for its own, and how rare they are.

    Where a word is known only as another keyboard would give it, it was typed on the wrong one:
    then `text` says what was meant.
    """
    if query.empty:
        return query
    found = {place: _Alike() for place in range(len(query.terms))}
    rows = _look_up(query)
    # PostgreSQL's own estimate of how many there are may be out of date.
    whole = max(LEAST_PASSAGES, *(2 * (row[4] or 0) for row in rows))
    for row in rows:
        if row[0] >= 0:
            _sort(query.terms[row[0]], row, found[row[0]])
    most = max(LEAST_STANDING_IN, STANDING_IN // len(query.terms))
    terms = [_expanded(term, found[place], whole, most) for place, term in enumerate(query.terms)]
    terms = _one_reading(query.terms, terms)
    return replace(query, text=_meant(query, terms), terms=tuple(terms))


def _look_up(query: Query) -> list[Row]:
    asked = _Asked(query)
    ways = {"sound": _SOUND, "beginning": _BEGINNING}
    statement = _SQL["alike"].format(slips=asked.slips, **ways)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**asked.values, "most": MOST_LOOKED_AT})
        return [cast("Row", row) for row in cursor.fetchall()]


class _Asked:
    """The parameters of the statement `alike`: what each term looks like in each way."""

    def __init__(self, query: Query) -> None:
        words: list[Asked] = []
        stems: list[Asked] = []
        self.values: dict[str, Value] = {}
        pieces: list[str] = []
        ranges: list[Asked] = []
        for place, term in enumerate(query.terms):
            words += [(place, _TYPED, one) for one in term.spellings]
            words += [(place, _LAYOUT, one) for one in term.layouts]
            elsewhere = {name for form in _forms(term) for name in same_place(form)}
            words += [(place, _PLACE, one) for one in sorted(elsewhere)]
            for how, spelt in [
                *((_STEM, one) for one in (*term.spellings, *sorted(elsewhere))),
                *((_LAYOUT, one) for one in term.layouts),
            ]:
                found = {language: stem(spelt, language) for language in languages_of_script(spelt)}
                stems += [(place, how, language, one) for language, one in found.items()]
            if term.is_han or not term.typed.isalpha():
                continue
            if extends(term.typed):
                start = beginning(term.typed)
                ranges.append((place, start, start + "\U0010ffff"))
            hashed = {one for each in _forms(term) for one in slips.hashes(each)}
            if hashed:
                self.values[f"slips{place}"] = list(hashed)
                pieces.append(_SQL["slip"].format(place=place, how=_SLIP))
        sounds: list[Asked] = [
            (place, one) for place, term in enumerate(query.terms) for one in _sounds(term)
        ]
        self.slips = "\n".join(pieces)
        self._unnested("words", words, ("term", "how", "word"))
        self._unnested("stems", stems, ("term", "how", "language", "stem"))
        self._unnested("sounds", sounds, ("term", "sound"))
        self._unnested("ranges", ranges, ("term", "low", "high"))

    def _unnested(self, name: str, rows: Sequence[Asked], columns: Sequence[str]) -> None:
        for place, column in enumerate(columns):
            self.values[f"{name}_{column}"] = [row[place] for row in rows]


def _forms(term: Term) -> set[str]:
    """The word and its stems in every language it may be of."""
    stems = {
        stem(word, language) for word in term.spellings for language in languages_of_script(word)
    }
    return {term.typed, *stems}


def _sounds(term: Term) -> set[str]:
    """As other languages would write it by ear; a Latin `x` may be pinyin's."""
    found = {sound(form, pinyin=pinyin) for form in _forms(term) for pinyin in (False, True)}
    return {one for one in found if one}


def _sort(term: Term, row: Row, alike: _Alike) -> None:
    """Note one word of the vocabulary with those that are as like the term as it is."""
    _, how, word, its_stem, passages = row
    if how == _TYPED:
        alike.add(alike.exact, word, passages)
    elif how == _LAYOUT:
        alike.add(alike.layout, word, passages)
    elif how in (_STEM, _PLACE, _SOUND):
        alike.add(alike.near, word, passages)
    elif how == _SLIP:
        if slips.is_slip(term.typed, word) or any(
            slips.is_slip(one, its_stem) for one in _forms(term)
        ):
            alike.add(alike.near, word, passages)
    elif word.startswith(term.typed):
        alike.add(alike.near, word, passages)
    elif _share(term.typed, word) >= LEAST_ALIKE:
        alike.add(alike.related, word, passages)


def _share(one: str, other: str) -> float:
    """How much of two words the beginning is that they share: twice it by their letters."""
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return 2 * same / (len(one) + len(other))


def _expanded(term: Term, alike: _Alike, whole: int, most: int) -> Term:
    if alike.layout and not alike.exact:
        # Keys of another layout: what they give is a word, what was typed is none.
        meant = _most(alike.layout, {}, MOST_NEAR)
        term = replace(term, spellings=(*meant, *term.spellings))
        alike.exact = {one: alike.layout[one] for one in meant}
    near = _most(alike.near, alike.exact, min(most, MOST_NEAR))
    related = _most(alike.related, {**alike.exact, **alike.near}, min(most, MOST_RELATED))
    counts = [alike.exact[one] for one in alike.exact] + [alike.near[one] for one in near]
    if not counts:
        counts = [alike.related[one] for one in related]
    known = [one for one in counts if one is not None]
    if known:
        # As of BM25, with 1 for what one passage of all has.
        rarity = math.log(1 + whole / (1 + sum(known))) / math.log(1 + whole / 2)
        rarity = min(1.0, max(LEAST_RARITY, rarity))
    else:
        rarity = 0.0 if counts else UNKNOWN
    return replace(term, near=near, related=related, rarity=rarity, passages=sum(known))


def _most(
    found: Mapping[str, int | None], but: Mapping[str, int | None], most: int
) -> tuple[str, ...]:
    """Those in most passages, for an equal chance of being meant."""
    left = [word for word in found if word not in but]
    return tuple(sorted(left, key=lambda word: (-(found[word] or 0), word))[:most])


def _one_reading(asked: Sequence[Term], terms: Sequence[Term]) -> list[Term]:
    """Of each token either the words that stand there or the one that its keys give elsewhere."""
    elsewhere = {
        new.token
        for old, new in zip(asked, terms, strict=True)
        if old.layouts and old.token and new.typed != old.typed
    }
    kept = [
        term
        for old, term in zip(asked, terms, strict=True)
        if not old.token or (old.token in elsewhere) == bool(old.layouts)
    ]
    return kept or list(terms)


def _meant(query: Query, terms: Sequence[Term]) -> str:
    """The question as typed, or as it was meant if most words came from another keyboard."""
    typed = {term.typed for term in query.terms}
    changed = [term for term in terms if term.typed not in typed]
    if 2 * len(changed) <= len(terms):
        return query.text
    return " ".join(term.typed for term in terms)


def learn(words: Mapping[str, Collection[str]]) -> None:
    """Take words by language into the vocabulary, in the caller's transaction."""
    pairs = sorted((tag, word) for tag, found in words.items() for word in found if _kept(word))
    with connection.cursor() as cursor:
        cursor.execute(_SQL["learn"], [[tag for tag, _ in pairs], [word for _, word in pairs]])
        unknown = cursor.fetchall()
    fresh = [_word(word, language) for language, word in unknown]
    Word.objects.bulk_create(fresh, batch_size=BATCH)


def _kept(word: str) -> bool:
    """Long numbers are found as they stand; there is no end of them."""
    return len(word) <= MOST_LETTERS and not (word.isdigit() and len(word) > MOST_DIGITS)


def _word(word: str, language: str) -> Word:
    found = stem(word, language)
    pinyin = language in ("en", "zh-Hans")
    by_ear = sound(found, pinyin=pinyin) or sound(word, pinyin=pinyin)
    return Word(language=language, word=word, stem=found, sound=by_ear, slips=slips.hashes(found))


def words_of(document: int) -> set[tuple[str, str]]:
    """(language, word) of a record's passages, pairs of Chinese characters among them."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["words_of"], [document])
        return set(cursor.fetchall())


def forget(words: Collection[tuple[str, str]]) -> None:
    """Drop those of these words that no passage has any more, in the caller's transaction."""
    if not words:
        return
    pairs = sorted(words)
    with connection.cursor() as cursor:
        cursor.execute(_SQL["forget"], [[tag for tag, _ in pairs], [word for _, word in pairs]])


def count_words() -> None:
    """Count anew how many passages have each word; one transaction a language.

    Drops words that no passage has. Reads the whole index once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL["languages"])
        for (language,) in cursor.fetchall():
            cursor.execute(_SQL["count"], {"language": language})


def needs_counting() -> bool:
    """Whether so many words are uncounted that rare words cannot be told from common ones."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["uncounted"])
        uncounted, whole = cursor.fetchone()
    return bool(uncounted > UNCOUNTED_SHARE * whole)
