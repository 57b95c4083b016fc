"""Finding records: what search found, as cards in the reader's language; one row a kind.

One call for the search page, the API and whoever else asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chorsu.harvested.queries import KIND as HARVESTED
from chorsu.harvested.queries import HarvestedView, records_by_id
from chorsu.practices.queries import practices_by_id
from chorsu.practices.shapes import PracticeCard
from chorsu.practices.wire import KIND as PRACTICE
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
class FoundForeign:
    """A foreign record that answers: nobody of the network signed it."""

    record: HarvestedView
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of answers; `total` and `facets` count all of them (facet -> code -> number).

    `answers` are all in order, `practices` those of them that are practices.

    `query.empty` with something typed means that nothing in it can be searched for.
    """

    query: Query
    answers: Sequence[FoundPractice | FoundForeign]
    total: int
    facets: Mapping[str, Mapping[str, int]]

    @property
    def has_foreign(self) -> bool:
        """Whether foreign records are among the answers of this page."""
        return any(isinstance(one, FoundForeign) for one in self.answers)

    @property
    def practices(self) -> list[FoundPractice]:
        """The answers that are practices, in order."""
        return [one for one in self.answers if isinstance(one, FoundPractice)]


def find(
    raw: str, viewer: Viewer, filters: Filters, *, offset: int, limit: int, foreign: bool = False
) -> Findings:
    """Records that answer what was typed, best first; with nothing typed practices, newest first.

    With `foreign` also what was harvested from repositories outside the network. Seven statements
    at most, whatever is found. Raises `SearchTooSlow`.
    """
    kinds = [PRACTICE, HARVESTED] if foreign and raw.strip() else [PRACTICE]
    results = search(raw, viewer, filters, kinds=kinds, offset=offset, limit=limit)
    hits = {kind: [hit for hit in results.hits if hit.kind == kind] for kind in kinds}
    cards = practices_by_id([hit.record_id for hit in hits[PRACTICE]], viewer)
    foreign_hits = hits.get(HARVESTED, [])
    records = records_by_id([hit.record_id for hit in foreign_hits]) if foreign_hits else {}
    answers: list[FoundPractice | FoundForeign] = []
    for hit in results.hits:
        # One may have been withdrawn a moment ago.
        if hit.kind == PRACTICE and hit.record_id in cards:
            answers.append(FoundPractice(cards[hit.record_id], hit.score, hit.snippet))
        elif hit.record_id in records:
            answers.append(FoundForeign(records[hit.record_id], hit.score, hit.snippet))
    return Findings(results.query, answers, results.total, results.facets)
