"""Mistyped words: what somebody perhaps meant, said only in words that they may see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from chorsu.kernel.text import words
from chorsu.records.viewer import Viewer
from chorsu.search.asking import Query, Term
from chorsu.search.mistakes import distance, is_mistyped
from chorsu.search.statements import Value, patient, rows, statements

PATIENCE_MS = 700
"""A correction is worth no longer wait; without one the answers stand."""
LEAST_LETTERS = 4
"""A shorter word is near to too many others."""
RARE = 2
"""A word that stands in so few passages may be mistyped itself."""
TIMES_AS_COMMON = 10
"""So many times as common must be what is offered instead of a rare word."""
ENOUGH = RARE * TIMES_AS_COMMON
"""No passage is counted beyond this."""
MOST_ALIKE = 60
"""Words looked at for each mistyped one, and of them how many are asked after."""
MOST_ASKED = 8
_TOKENS = re.compile(r"[^\W_]+(?:[ʻʼ’‘'`][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Correction:
    """A question with its mistyped words corrected; `words` are the corrections, in order."""

    text: str
    words: tuple[str, ...]


def correct(
    raw: str, query: Query, viewer: Viewer, *, kinds: Sequence[str], found: int
) -> Correction | None:
    """What was perhaps meant, None if nothing else is likelier; `found` records answered.

    A word is doubted if no record the viewer may see has it or a longer one, or, where next to
    nothing was found, if hardly any has. One statement while all words are known, four at most.
    None too if it would take long.
    """
    terms = [term for term in query.terms if _can_be_mistyped(term)]
    if not terms:
        return None
    with patient(PATIENCE_MS):
        asked = {term.spellings[0]: _longer(term) for term in terms}
        counts = _counts(asked, viewer, kinds)
        rare = RARE if found <= RARE else 0
        doubted = [term for term in terms if counts[term.spellings[0]] <= rare]
        if not doubted:
            return None
        instead = _instead(doubted, counts, viewer, kinds)
    return _applied(raw, instead) if instead else None


def _can_be_mistyped(term: Term) -> bool:
    first = term.spellings[0]
    return len(first) >= LEAST_LETTERS and first.isalpha() and not term.is_han


def _longer(term: Term) -> str:
    """As a tsquery: the word in any of its spellings, or one that begins so."""
    return " | ".join(f"'{word}':*" for word in term.spellings)


def _counts(asked: Mapping[str, str], viewer: Viewer, kinds: Sequence[str]) -> dict[str, int]:
    """By word in how many passages it is, as asked for by its tsquery; none beyond ENOUGH."""
    values: dict[str, Value] = {
        "words": list(asked),
        "queries": list(asked.values()),
        "audiences": list(viewer.audiences),
        "kinds": list(kinds),
        "enough": ENOUGH,
    }
    return dict(cast("list[tuple[str, int]]", rows(_SQL["known"], values)))


def _instead(
    doubted: Sequence[Term], counts: Mapping[str, int], viewer: Viewer, kinds: Sequence[str]
) -> dict[str, str]:
    """What to write instead of each doubted word, as it is shown; words without are left out."""
    spelt = [(term.spellings[0], spelling) for term in doubted for spelling in term.spellings]
    rows(_SQL["threshold"], {})
    values: dict[str, Value] = {
        "typed": [typed for typed, _ in spelt],
        "spelt": [spelling for _, spelling in spelt],
        "most": MOST_ALIKE,
    }
    spellings = {term.spellings[0]: term.spellings for term in doubted}
    likely: dict[str, dict[str, tuple[tuple[int, int], str]]] = {one: {} for one in spellings}
    for row in rows(_SQL["alike"], values):
        typed, folded, shown = cast("tuple[str, str, str]", row)
        if any(is_mistyped(one, folded) for one in spellings[typed]):
            # As near in the script it was typed in as in another: then the one typed.
            apart = min((distance(one, folded), nth) for nth, one in enumerate(spellings[typed]))
            likely[typed][folded] = (apart, shown)
    nearest = {
        typed: sorted(found, key=lambda one: found[one][0])[:MOST_ASKED]
        for typed, found in likely.items()
    }
    asked = {folded: f"'{folded}'" for found in nearest.values() for folded in found}
    there = _counts(asked, viewer, kinds) if asked else {}
    instead: dict[str, str] = {}
    for typed, found in nearest.items():
        least = max(1, TIMES_AS_COMMON * counts[typed])
        visible = [one for one in found if there[one] >= least]
        if visible:
            best = min(visible, key=lambda one: (likely[typed][one][0], -there[one], one))
            instead[typed] = likely[typed][best][1]
    return instead


def _applied(raw: str, instead: Mapping[str, str]) -> Correction:
    """The question as typed with the words replaced."""
    corrected: list[str] = []

    def replace(match: re.Match[str]) -> str:
        folded = words(match.group())
        other = instead.get(folded[0]) if len(folded) == 1 else None
        if other is None:
            return match.group()
        corrected.append(other)
        return other

    return Correction(_TOKENS.sub(replace, " ".join(raw.split())), tuple(corrected))


_SQL = statements("correcting.sql")
