"""Search inside one record: the places that answer, in the reader's text and in the original."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from chorsu.records.viewer import Viewer
from chorsu.search import asking, rules
from chorsu.search.lexicon import expand
from chorsu.search.queries import Asked, Coming, Snippet
from chorsu.search.statements import patient, statements

PATIENCE_MS = 2000


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a record that answers: the passage there, and the original's, None if the same."""

    shown: Snippet
    original: Snippet | None


@dataclass(frozen=True, slots=True)
class Inside:
    """What one record says to a question, best first; `query.empty`: there was none to ask."""

    query: asking.Query
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    language: str
    field: str
    position: int
    text: str
    score: float
    has_words: bool


def inside(
    raw: str,
    viewer: Viewer,
    *,
    kind: str,
    record_id: str,
    language: str,
    original: str,
    limit: int,
) -> Inside:
    """The places that answer, in the text in `language` and in that in `original` beside it.

    A place found in any language counts: the same words are looked up in the same field, as far
    into it. Nothing of a record the viewer may not see. Two statements. Raises `SearchTooSlow`.
    """
    query = asking.read_query(raw)
    if query.empty:
        return Inside(query, ())
    coming = Coming(query, viewer)
    with patient(PATIENCE_MS) as serves:
        coming.confirm(serves)
        query = expand(query)
        asked = Asked(query, viewer, None, coming)
        asked.values |= {"kind": kind, "record_id": record_id}
        found = asked.run(_SQL["inside"])
    pieces = [
        _Piece(language, field, position, text, float(score), has_words)
        for language, field, position, text, score, has_words in cast("list[_Row]", found)
    ]
    texts = {
        tag: [one for one in pieces if one.language == tag]
        for tag in dict.fromkeys(one.language for one in pieces)
    }
    spots: dict[tuple[str, int], Spot] = {}
    for best in _answering(pieces):
        shown = _at_the_place_of(best, texts, language) or best
        source = _at_the_place_of(best, texts, original)
        beside = None if source is None or source.language == shown.language else source
        key = (shown.language, shown.position)
        spots.setdefault(
            key, Spot(_snippet(shown, query), _snippet(beside, query) if beside else None)
        )
    return Inside(query, tuple(spots.values())[:limit])


_Row = tuple[str, str, int, str, float, bool]


def _answering(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """The passages that answer well enough, best first, under the rules of the whole index."""
    best = max((one.score for one in pieces), default=0.0)
    if best < rules.LEAST_UNKNOWN and not any(one.has_words for one in pieces):
        return
    least = max(rules.LEAST, rules.LEAST_OF_BEST * best)
    for one in sorted(pieces, key=lambda one: (-one.score, one.position, one.language)):
        if one.score >= least:
            yield one


def _at_the_place_of(piece: _Piece, texts: dict[str, list[_Piece]], language: str) -> _Piece | None:
    """The passage of a text in the same field, as far into it; None if the text has no such."""
    if piece.language == language:
        return piece
    there = [one for one in texts.get(language, ()) if one.field == piece.field]
    if not there:
        return None
    same = [one for one in texts[piece.language] if one.field == piece.field]
    share = (same.index(piece) + 0.5) / len(same)
    return there[min(int(share * len(there)), len(there) - 1)]


def _snippet(piece: _Piece, query: asking.Query) -> Snippet:
    marks = tuple(asking.mark(piece.text, query))
    words_in = piece.language if piece.has_words else ""
    return Snippet(piece.language, piece.field, piece.text, marks, piece.has_words, words_in)


_SQL = statements("inside.sql")
