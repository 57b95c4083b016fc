"""Reads of the index: a question in any of the eight languages, answers from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias, cast
from uuid import UUID

from chorsu.records.viewer import Viewer
from chorsu.search import rules
from chorsu.search.encoder import embedder, means
from chorsu.search.models import Document, Passage, Waiting
from chorsu.search.places import Place
from chorsu.search.statements import Value, patient, rows, statements

CANDIDATES = 300
"""Passages taken from each side; among their records, facets are counted and pages are cut."""
WITH_WORDS = 3000
"""Passages with any of the words that are weighed; those with all of them come before."""
MOST = 5000
"""Records that a search without words lists."""
NEARLY = 0.9
"""A passage of the reader's language with this share of the best score answers as well."""
PATIENCE_MS = 4000
"""What one statement of a search may take of the database."""

Record: TypeAlias = tuple[
    int,
    str,
    UUID,
    list[str],
    str,
    str,
    str,
    list[str],
    int | None,
    int | None,
    datetime,
    Decimal | float,
]
Words: TypeAlias = tuple[int, str, str, str, bool, str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The passage that answers: its language, its field, its words, and what to mark in them.

    `marks` are (start, end) in `text`. `by_words`: some word asked for stands in the record, if
    not in this passage; else only its meaning answers. `words_in` is the language of the passage
    that answers best, if that has such words; empty: it has none.
    """

    language: str
    field: str
    text: str
    marks: tuple[tuple[int, int], ...]
    by_words: bool
    words_in: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found. `snippet` is missing in a list without a question."""

    kind: str
    record_id: str
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of answers. `facets` maps facet name to value to count, highest first.

    `place` is that of the last one, for the next page. `newer`: so many more stand before what the
    reader came from than stood there then; fewer if negative.
    """

    query: rules.Query
    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    place: Place | None = None
    newer: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    document_id: int
    kind: str
    record_id: str
    updated: int
    score: float
    facets: rules.Facets


def search(
    raw: str,
    viewer: Viewer,
    filters: rules.Filters,
    *,
    kinds: Sequence[str] | None = None,
    offset: int = 0,
    limit: int = 20,
    after: Place | None = None,
    among: Sequence[int] | None = None,
) -> SearchResults:
    """Answer a question with records of these kinds, or of any; an empty one lists all of them.

    A list is newest first, under the same filters.

    Results come in a fixed order (score, then age and id). `offset` counts as the list stood when
    the reader was at `after`, so that no page repeats or skips what came or went since. `among`
    leaves of what would be found only these documents, without crowding them out. Three
    statements, whatever is found. Raises `SearchTooSlow`.
    """
    query = rules.read_query(raw)
    if query.empty and raw.strip():
        return SearchResults(query, (), 0, rules.count_facets(filters, []))
    asked = Asked(query, viewer, kinds)
    with patient(PATIENCE_MS):
        found = asked.newest(among) if query.empty else asked.found(filters, among)
        passing = [one for one in found if rules.allows(filters, one.facets)]
        newer = after.shift(passing) if after else 0
        page = passing[max(0, offset + newer) : max(0, offset + newer + limit)]
        snippets = {} if query.empty or not page else asked.snippets(page)
    hits = tuple(
        Hit(one.kind, one.record_id, one.score, snippets.get(one.document_id)) for one in page
    )
    facets = rules.count_facets(filters, [one.facets for one in found])
    place = Place.of(page[-1], offset + len(page)) if page else None
    return SearchResults(query, hits, len(passing), facets, place, newer)


def waiting_passages() -> int:
    """How many passages have no vector yet."""
    return Passage.objects.filter(model="").count()


def waiting_records() -> int:
    """How many records that came among many are not in the index yet."""
    return Waiting.objects.count()


def indexed(kind: str) -> int:
    """How many records of a kind the index holds."""
    return Document.objects.filter(kind=kind).count()


def passages() -> int:
    """How many passages the index holds."""
    return Passage.objects.count()


class Asked:
    """One question on its way: its vector, its terms as SQL, its reader."""

    def __init__(self, query: rules.Query, viewer: Viewer, kinds: Sequence[str] | None) -> None:
        self.query = query
        self.viewer = viewer
        self.values: dict[str, Value] = {
            "audiences": list(viewer.audiences),
            "kinds": None if kinds is None else list(kinds),
            "limit": CANDIDATES,
            "most": MOST,
        }
        self.wording = self.score = ""
        if not query.empty:
            self._read(query)

    def _read(self, query: rules.Query) -> None:
        encoder = embedder()
        likely = rules.likely_languages(query, self.viewer.languages)
        vector = means().centre_query(encoder.queries([query.text])[0], likely)
        self.values |= {
            "model": encoder.model,
            "vector": "[" + ",".join(f"{x:.5f}" for x in vector) + "]",
            "least": rules.LEAST,
            "least_unknown": rules.LEAST_UNKNOWN,
            "least_of_best": rules.LEAST_OF_BEST,
            "meaning_weight": rules.MEANING_WEIGHT,
            "wording_weight": rules.WORDING_WEIGHT,
            "title_weight": rules.TITLE_WEIGHT,
            "longer": rules.LONGER,
            "related": rules.RELATED,
            "with_words": WITH_WORDS,
        }
        likenesses = []
        for place, term in enumerate(query.terms):
            self.values |= {
                f"exact{place}": term.exact,
                f"longer{place}": term.longer,
                f"related{place}": term.related,
            }
            likenesses.append(f"{term.weight} * " + _SQL["likeness"].format(place=place))
        self.values["any"] = " | ".join(f"({term.related})" for term in query.terms)
        self.values["all"] = " & ".join(f"({term.related})" for term in query.terms)
        whole = sum(term.weight for term in query.terms)
        self.wording = f"(({' + '.join(likenesses)}) / {whole})"
        self.score = _SQL["score"].format(wording=self.wording)

    def run(self, name: str, **parts: str) -> list[tuple[object, ...]]:
        """Rows of the statement of this name; `parts` and `score` fill its braces."""
        statement = _SQL[name].format(score=self.score, last_year=_SQL["last_year"], **parts)
        return rows(statement, self.values)

    def newest(self, among: Sequence[int] | None = None) -> list[_Found]:
        """Every record the reader may see, newest first."""
        self.values["among"] = None if among is None else list(among)
        return [_found(cast("Record", row)) for row in self.run("newest")]

    def found(self, filters: rules.Filters, among: Sequence[int] | None = None) -> list[_Found]:
        """Every record that answers well enough, best first.

        Candidates come from all records, for the counts beside the filters, and, if there are
        filters, from those that pass them, so that a rare answer is not crowded out.
        """
        conditions = [f"document.audience = ANY(%(audiences)s) AND {_SQL['kinds']}"]
        if filters.any:
            conditions.append(conditions[0] + self._narrowed(filters))
        if among is not None:
            self.values["among"] = list(among)
            conditions.append(conditions[-1] + " AND document.id = ANY(%(among)s::bigint[])")
        pools = [_SQL["pool"].format(filters=one, wording=self.wording) for one in conditions]
        answering = self.run("answering", pools=" UNION ALL ".join(pools))
        found = [_found(cast("Record", row)) for row in answering]
        return found if among is None else [one for one in found if one.document_id in set(among)]

    def _narrowed(self, filters: rules.Filters) -> str:
        columns = {
            "themes": "document.themes && %(themes)s::varchar[]",
            "languages": "document.languages && %(languages)s::varchar[]",
            "countries": "document.country = ANY(%(countries)s)",
            "institutions": "document.institution_id = ANY(%(institutions)s)",
            "levels": "document.level = ANY(%(levels)s)",
            "years": _SQL["ran"].format(last_year=_SQL["last_year"]),
        }
        conditions = ""
        for name, condition in columns.items():
            wanted = filters.values(name)
            if wanted:
                self.values[name] = wanted
                conditions += f" AND {condition}"
        return conditions

    def snippets(self, page: Sequence[_Found]) -> dict[int, Snippet]:
        """The passage of each shown record that answers, in the language the record is shown in."""
        self.values["nearly"] = NEARLY
        pairs = []
        for place, one in enumerate(page):
            self.values[f"document{place}"] = one.document_id
            self.values[f"language{place}"] = _shown_language(one.facets, self.viewer)
            pairs.append(f"(%(document{place})s::bigint, %(language{place})s)")
        best: dict[int, Snippet] = {}
        for row in self.run("snippets", shown=", ".join(pairs), wording=self.wording):
            document_id, language, name, text, by_words, words_in = cast("Words", row)
            marks = tuple(rules.mark(text, self.query))
            best[document_id] = Snippet(language, name, text, marks, by_words, words_in)
        return best


def _found(row: Record) -> _Found:
    number, kind, record_id, themes, country, institution, level, languages, first, last = row[:10]
    updated, score = row[10:]
    facets = rules.Facets(
        themes=tuple(themes),
        countries=(country,) if country else (),
        institutions=(institution,) if institution else (),
        levels=(level,) if level else (),
        languages=tuple(languages),
        years=range(0) if first is None or last is None else range(first, last + 1),
    )
    since_1970 = int(updated.timestamp() * 1_000_000)
    return _Found(number, kind, str(record_id), since_1970, float(score), facets)


def _shown_language(facets: rules.Facets, viewer: Viewer) -> str:
    """The reader's best language that the record has, else its original (the first)."""
    return next((tag for tag in viewer.languages if tag in facets.languages), facets.languages[0])


_SQL = statements("queries.sql")
