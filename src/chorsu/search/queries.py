"""Reads of the index: a question in any of the eight languages, answers from all of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias, cast
from uuid import UUID

from chorsu.records.viewer import Viewer
from chorsu.search import asking, rules, switching
from chorsu.search.encoder import Vectors
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.lexicon import expand
from chorsu.search.models import Document, Encoder, Passage, Unembedded, Waiting
from chorsu.search.places import Place
from chorsu.search.statements import Value, patient, rows, statements

logger = logging.getLogger(__name__)

CANDIDATES = 200
NEAREST = 120
"""Passages taken for their words and for their meaning; among the records of both, facets are
counted and pages are cut.
"""
WITH_WORDS = 600
"""Passages with any of the words that are weighed; those with all of them come before."""
FEW = 500
"""Records that pass filters: of fewer, every passage may be looked at."""
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
    int | None,
]
Words: TypeAlias = tuple[int, str, str, str, bool, str]
_Plan: TypeAlias = Mapping[str, Mapping[str, int]]


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

    query: asking.Query
    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    place: Place | None = None
    newer: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """A record that answers; `best` is its best candidate passage but for titles, if it has one."""

    document_id: int
    kind: str
    record_id: str
    updated: int
    score: float
    facets: rules.Facets
    best: int | None


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
    leaves of what would be found only these documents, without crowding them out. Five
    statements, whatever is found; one more with filters. Raises `SearchTooSlow`.
    """
    query = asking.read_query(raw)
    if query.empty and raw.strip():
        return SearchResults(query, (), 0, rules.count_facets(filters, []))
    coming = Coming(query, viewer)
    with patient(PATIENCE_MS, by_index=True) as serves:
        coming.confirm(serves)
        query = expand(query)
        asked = Asked(query, viewer, kinds, coming)
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
    """How many passages have no vector by the serving encoder yet."""
    return Unembedded.objects.filter(encoder__state=Encoder.State.SERVING).count()


def waiting_records() -> int:
    """How many records that came among many are not in the index yet."""
    return Waiting.objects.count()


def indexed(kind: str) -> int:
    """How many records of a kind the index holds."""
    return Document.objects.filter(kind=kind).count()


def passages() -> int:
    """How many passages the index holds."""
    return Passage.objects.count()


class Coming:
    """A question's vector, made in another thread while the database looks its words up.

    It is begun before the database is asked anything, by the encoder that served when this process
    last looked, if that is on this machine: a service elsewhere is sent no question unless it
    serves. Where the words tell that something else was meant than was typed, the vector is made
    anew.
    """

    def __init__(self, query: asking.Query, viewer: Viewer) -> None:
        self.served: switching.Served | None = None
        self._query = query
        self._viewer = viewer
        self._vector: Future[Vectors | None] | None = None
        likely = switching.last_known()
        if likely is not None and likely.meaning.is_local:
            self._begin(likely)

    def confirm(self, serves: int | None) -> None:
        """Make it by the encoder of this id, which serves (`statements.patient`); None: by none."""
        served = None if serves is None else switching.serving(serves)
        if served is None or self.served is None or served.id != self.served.id:
            self._begin(served)

    def _begin(self, served: switching.Served | None) -> None:
        self.served = None if self._query.empty else served
        self._vector = (
            _threads.submit(self._make, self._query, self.served) if self.served else None
        )

    def of(self, query: asking.Query) -> Vectors | None:
        """The vector of what was meant; None where no encoder makes one."""
        try:
            if self.served is None or self._vector is None:
                return None
            if query.text == self._query.text:
                return self._vector.result()
            return self._make(query, self.served)
        except EmbedderTrouble as trouble:
            logger.warning("a question is answered by words alone: %s", trouble)
            return None

    def _make(self, query: asking.Query, served: switching.Served) -> Vectors | None:
        likely = asking.likely_languages(query, self._viewer.languages)
        return served.meaning.query(asking.for_encoder(query, likely), likely)


class Asked:
    """One question on its way: its vector, its terms as SQL, its reader. The query is expanded."""

    def __init__(
        self,
        query: asking.Query,
        viewer: Viewer,
        kinds: Sequence[str] | None,
        coming: Coming,
    ) -> None:
        self.query = query
        self.viewer = viewer
        self.values: dict[str, Value] = {
            "audiences": list(viewer.audiences),
            "kinds": None if kinds is None else list(kinds),
            "limit": CANDIDATES,
            "nearest": NEAREST,
            "most": MOST,
        }
        self.wording = ""
        self._coming = coming
        if not query.empty:
            self._read(query)

    @cached_property
    def served(self) -> switching.Served | None:
        """The encoder that made the vector, once that is here; None: words answer alone."""
        vector = self._coming.of(self.query)
        if vector is None:
            return None
        self.values["vector"] = "[" + ",".join(f"{x:.5f}" for x in vector) + "]"
        return self._coming.served

    def _read(self, query: asking.Query) -> None:
        self.values |= {
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
                f"any{place}": term.any,
            }
            likenesses.append(f"{term.weight:.4f} * " + _SQL["likeness"].format(place=place))
        self.values["any"] = " | ".join(f"({term.any})" for term in query.terms)
        self.values["all"] = " & ".join(f"({term.any})" for term in query.terms)
        self.values["rare"] = " | ".join(
            f"({term.any})" for term in asking.rarest(query, WITH_WORDS)
        )
        whole = sum(term.weight for term in query.terms)
        self.wording = f"(({' + '.join(likenesses)}) / {whole:.4f})"

    def run(self, statement: str, **parts: str) -> list[tuple[object, ...]]:
        """Rows of a statement; `parts`, the score, the wording and its vectors fill its braces.

        `weighed` is the score of a passage whose wording and meaning are columns already.
        """
        encoder = self._encoder()
        meaning = _SQL["meaning"].format(**encoder) if self.served else "0"
        filled = statement.format(
            score=_SQL["score"].format(wording=self.wording, meaning=meaning),
            candidate_score=_SQL["score"].format(
                wording=f"coalesce(candidate.wording, {self.wording})", meaning=meaning
            ),
            weighed=_SQL["score"].format(wording="passage.wording", meaning="passage.meaning"),
            wording=self.wording,
            meaning=meaning,
            vectors=_SQL["vectors"].format(**encoder) if self.served else "",
            last_year=_SQL["last_year"],
            **parts,
        )
        return rows(filled, self.values)

    def newest(self, among: Sequence[int] | None = None) -> list[_Found]:
        """Every record the reader may see, newest first."""
        self.values["among"] = None if among is None else list(among)
        return [_found(cast("Record", row)) for row in self.run(_SQL["newest"])]

    def found(self, filters: rules.Filters, among: Sequence[int] | None = None) -> list[_Found]:
        """Every record that answers well enough, best first.

        Candidates come from all records, for the counts beside the filters, and, if there are
        filters, from those that pass them, so that a rare answer is not crowded out.
        """
        conditions = [f"document.audience = ANY(%(audiences)s) AND {_SQL['kinds']}"]
        if filters.any:
            conditions.append(conditions[0] + self._narrowed(filters))
        passing = conditions[-1]
        if among is not None:
            self.values["among"] = list(among)
            conditions.append(passing + " AND document.id = ANY(%(among)s::bigint[])")
        pools = []
        for place, one in enumerate(conditions):
            way = "by_record" if place and self._are_few(one) else "by_word_index"
            records = _SQL[way].format(filters=one)
            pools.append(_SQL["pool"].format(records=records, wording=self.wording))
        # By words first: the vector may still be on its way.
        by_words = rows(" UNION ".join(pools), self.values)
        self.values["by_words"] = [cast("int", row[0]) for row in by_words]
        self.values["wordings"] = [cast("float", row[1]) for row in by_words]
        near = ""
        if self.served:
            encoder = self._encoder()
            near = "".join(
                " UNION ALL " + _SQL["near"].format(filters=one, **encoder) for one in conditions
            )
        answering = self.run(_SQL["answering"], near=near, passing=passing)
        found = [_found(cast("Record", row)) for row in answering]
        return found if among is None else [one for one in found if one.document_id in set(among)]

    def _are_few(self, condition: str) -> bool:
        """Whether so few records pass that their passages are rather read than the word index."""
        plan = rows(_SQL["expected"].format(filters=condition), self.values)
        return cast("list[_Plan]", plan[0][0])[0]["Plan"]["Plan Rows"] < FEW

    def _encoder(self) -> dict[str, int]:
        """Which vectors to compare with: written into statements, not passed beside them."""
        if self.served is None:
            return {}
        return {"encoder": self.served.id, "dimensions": self.served.dimensions}

    def _narrowed(self, filters: rules.Filters) -> str:
        columns = {
            "kinds": "document.kind = ANY(%(chosen_kinds)s)",
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
                # The kinds that are asked at all have a value of that name already.
                self.values["chosen_kinds" if name == "kinds" else name] = wanted
                conditions += f" AND {condition}"
        return conditions

    def snippets(self, page: Sequence[_Found]) -> dict[int, Snippet]:
        """The passage of each shown record that answers, in the language the record is shown in."""
        self.values["nearly"] = NEARLY
        pairs = []
        for place, one in enumerate(page):
            self.values[f"document{place}"] = one.document_id
            self.values[f"language{place}"] = _shown_language(one.facets, self.viewer)
            self.values[f"best{place}"] = one.best
            names = f"%(document{place})s::bigint, %(language{place})s, %(best{place})s::bigint"
            pairs.append(f"({names})")
        best: dict[int, Snippet] = {}
        for row in self.run(_SQL["snippets"], shown=", ".join(pairs)):
            document_id, language, name, text, by_words, words_in = cast("Words", row)
            marks = tuple(asking.mark(text, self.query))
            best[document_id] = Snippet(language, name, text, marks, by_words, words_in)
        return best


def _found(row: Record) -> _Found:
    number, kind, record_id, themes, country, institution, level, languages, first, last = row[:10]
    updated, score, best = row[10:]
    facets = rules.Facets(
        themes=tuple(themes),
        countries=(country,) if country else (),
        institutions=(institution,) if institution else (),
        levels=(level,) if level else (),
        languages=tuple(languages),
        years=range(0) if first is None or last is None else range(first, last + 1),
        kinds=(kind,),
    )
    since_1970 = int(updated.timestamp() * 1_000_000)
    return _Found(number, kind, str(record_id), since_1970, float(score), facets, best)


def _shown_language(facets: rules.Facets, viewer: Viewer) -> str:
    """The reader's best language that the record has, else its original (the first)."""
    return next((tag for tag in viewer.languages if tag in facets.languages), facets.languages[0])


_SQL = statements("queries.sql")
_threads = ThreadPoolExecutor(os.cpu_count(), "question")
