"""Finding practices: what search found, as cards in the reader's language.

One call for the search page, the API and whoever else asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chorsu.practices.queries import practices_by_id
from chorsu.practices.shapes import PracticeCard
from chorsu.records.viewer import Viewer
from chorsu.search.queries import Snippet, search
from chorsu.search.rules import Filters, Query


@dataclass(frozen=True, slots=True)
class FoundPractice:
    """A practice that answers; `snippet` is None in a list without a question."""

    card: PracticeCard
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of answers; `total` and `facets` count all of them (facet -> code -> number).

    `query.empty` with something typed means that nothing in it can be searched for.
    """

    query: Query
    practices: Sequence[FoundPractice]
    total: int
    facets: Mapping[str, Mapping[str, int]]


def find(raw: str, viewer: Viewer, filters: Filters, *, offset: int, limit: int) -> Findings:
    """Practices that answer what was typed, best first; with nothing typed all, newest first.

    Five statements, whatever is found. Raises `SearchTooSlow`.
    """
    results = search(raw, viewer, filters, offset=offset, limit=limit)
    cards = practices_by_id([hit.record_id for hit in results.hits], viewer)
    practices = [
        FoundPractice(cards[hit.record_id], hit.score, hit.snippet)
        for hit in results.hits
        if hit.record_id in cards  # one may have been withdrawn a moment ago
    ]
    return Findings(results.query, practices, results.total, results.facets)
