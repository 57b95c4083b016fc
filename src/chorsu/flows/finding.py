"""Finding records: what search found, as cards in the reader's language; one row a kind.

One call for the search page, the API and whoever else asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chorsu.harvested.queries import KIND as HARVESTED
from chorsu.harvested.queries import HarvestedView, records_by_id
from chorsu.practices.queries import practices_by_id
from chorsu.practices.shapes import PracticeCard, PracticeView
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.records.viewer import Viewer
from chorsu.search.asking import Query
from chorsu.search.correcting import Correction, correct
from chorsu.search.errors import SearchTooSlow
from chorsu.search.inside import Inside, inside
from chorsu.search.places import Place
from chorsu.search.queries import Snippet, search
from chorsu.search.rules import Filters
from chorsu.search.similar import similar
from chorsu.search.suggesting import Suggestion, suggest
from chorsu.training.queries.courses import courses_by_id
from chorsu.training.shapes.courses import CourseCard
from chorsu.training.wire.courses import KIND as COURSE


@dataclass(frozen=True, slots=True)
class FoundPractice:
    """A practice that answers; `snippet` is None in a list without a question."""

    card: PracticeCard
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class FoundCourse:
    """A course that answers."""

    card: CourseCard
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class FoundForeign:
    """A foreign record that answers: nobody of the network signed it."""

    record: HarvestedView
    score: float
    snippet: Snippet | None


Found: TypeAlias = FoundPractice | FoundCourse | FoundForeign


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of answers; `total` and `facets` count all of them (facet -> code -> number).

    `answers` are all in order, `practices` those of them that are practices.

    `query.empty` with something typed means that nothing in it can be searched for. `instead` is
    the question without what look like slips of the hand, on the first page. `place` and `newer`
    are those of `search.queries.SearchResults`.
    """

    query: Query
    answers: Sequence[Found]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    instead: Correction | None
    place: Place | None
    newer: int

    @property
    def mixed(self) -> bool:
        """Whether others than practices are among the answers of this page."""
        return len(self.practices) < len(self.answers)

    @property
    def practices(self) -> list[FoundPractice]:
        """The answers that are practices, in order."""
        return [one for one in self.answers if isinstance(one, FoundPractice)]


def find(
    raw: str,
    viewer: Viewer,
    filters: Filters,
    *,
    offset: int,
    limit: int,
    after: Place | None = None,
    foreign: bool = False,
    courses: bool = False,
) -> Findings:
    """Records that answer what was typed, best first; with nothing typed all, newest first.

    Practices, with `courses` also courses; with `foreign`, if something was typed, also what was
    harvested from repositories outside the network. A fixed number of statements, whatever is
    found. Raises `SearchTooSlow`.
    """
    kinds = [PRACTICE, *([COURSE] if courses else ())]
    if foreign and raw.strip():
        kinds.append(HARVESTED)
    results = search(raw, viewer, filters, kinds=kinds, offset=offset, limit=limit, after=after)
    hits = {kind: [hit for hit in results.hits if hit.kind == kind] for kind in kinds}
    cards = practices_by_id([hit.record_id for hit in hits[PRACTICE]], viewer)
    foreign_hits = hits.get(HARVESTED, [])
    records = records_by_id([hit.record_id for hit in foreign_hits]) if foreign_hits else {}
    course_hits = hits.get(COURSE, [])
    taught = courses_by_id([hit.record_id for hit in course_hits], viewer) if course_hits else {}
    answers: list[Found] = []
    for hit in results.hits:
        # One may have been withdrawn a moment ago.
        if hit.kind == PRACTICE and hit.record_id in cards:
            answers.append(FoundPractice(cards[hit.record_id], hit.score, hit.snippet))
        elif hit.kind == COURSE and hit.record_id in taught:
            answers.append(FoundCourse(taught[hit.record_id], hit.score, hit.snippet))
        elif hit.record_id in records:
            answers.append(FoundForeign(records[hit.record_id], hit.score, hit.snippet))
    instead = None if offset else _instead(raw, results.query, viewer, kinds, results.total)
    return Findings(
        results.query,
        answers,
        results.total,
        results.facets,
        instead,
        results.place,
        results.newer,
    )


def _instead(
    raw: str, query: Query, viewer: Viewer, kinds: Sequence[str], found: int
) -> Correction | None:
    try:
        return correct(raw, query, viewer, kinds=kinds, found=found)
    except SearchTooSlow:
        return None


def alike(practice_id: str, viewer: Viewer, *, limit: int) -> list[PracticeCard] | None:
    """Practices that say something near to this one, nearest first; empty if none does.

    None if that could not be found out in time: the page about the practice does without.
    """
    try:
        found = similar(PRACTICE, practice_id, viewer, limit=limit)
    except SearchTooSlow:
        return None
    there = practices_by_id([one.record_id for one in found], viewer) if found else {}
    return [there[one.record_id] for one in found if one.record_id in there]


def offered(raw: str, viewer: Viewer, *, limit: int) -> list[Suggestion]:
    """What begins as was typed, to be chosen from: of practices, courses and their glossaries.

    Raises `SearchTooSlow`.
    """
    return suggest(raw, viewer, kinds=[PRACTICE, COURSE], limit=limit)


def find_inside(raw: str, view: PracticeView, viewer: Viewer, *, limit: int) -> Inside:
    """The places of a practice that answer, in the text shown and in the original beside it.

    Raises `SearchTooSlow`.
    """
    return inside(
        raw,
        viewer,
        kind=PRACTICE,
        record_id=view.id,
        language=view.text.language,
        original=view.original_language,
        limit=limit,
    )
