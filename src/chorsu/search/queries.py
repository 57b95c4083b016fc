"""Reads of the index: a question in any of the eight languages, answers from all of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, cast
from uuid import UUID

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from chorsu.records.viewer import Viewer
from chorsu.search import rules, switching
from chorsu.search.errors import EmbedderTrouble, SearchTooSlow
from chorsu.search.lexicon import expand
from chorsu.search.models import Document, Encoder, Passage, Unembedded, Waiting
from chorsu.search.statements import read_statements

logger = logging.getLogger(__name__)

CANDIDATES = 300
"""Passages taken from each side; among their records, facets are counted and pages are cut."""
WITH_WORDS = 3000
"""Passages with any of the words that are weighed; those with all of them come before."""
MOST = 5000
"""Records that a search without words lists."""
PATIENCE_MS = 4000
"""What one statement of a search may take of the database."""

Value: TypeAlias = str | int | float | list[str] | list[int] | None
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
    Decimal | float,
]
Words: TypeAlias = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The passage that answers: its language, its field, its words, and what to mark in them.

    `marks` are (start, end) in `text`; none where only the meaning answers.
    """

    language: str
    field: str
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found. `snippet` is missing in a list without a question."""

    kind: str
    record_id: str
    score: float
    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of answers. `facets` maps facet name to value to count, highest first."""

    query: rules.Query
    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    document_id: int
    kind: str
    record_id: str
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
) -> SearchResults:
    """Answer a question with records of these kinds, or of any; an empty one lists all of them.

    A list is newest first, under the same filters.

    Results come in a fixed order (score, then age and id), so that pages do not overlap. Three
    statements, whatever is found. Raises `SearchTooSlow`.
    """
    query = rules.read_query(raw)
    if query.empty and raw.strip():
        return SearchResults(query, (), 0, rules.count_facets(filters, []))
    try:
        with transaction.atomic():
            serves = _settle()
            query = expand(query)
            asked = _Asked(query, viewer, kinds, serves)
            found = asked.newest() if query.empty else asked.found(filters)
            passing = [one for one in found if rules.allows(filters, one.facets)]
            page = passing[offset : offset + limit]
            snippets = {} if query.empty or not page else asked.snippets(page)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow(query.text) from error
        raise
    hits = tuple(
        Hit(one.kind, one.record_id, one.score, snippets.get(one.document_id)) for one in page
    )
    facets = rules.count_facets(filters, [one.facets for one in found])
    return SearchResults(query, hits, len(passing), facets)


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


class _Asked:
    """One question on its way: its vector, its terms as SQL, its reader."""

    def __init__(
        self,
        query: rules.Query,
        viewer: Viewer,
        kinds: Sequence[str] | None,
        serves: int | None,
    ) -> None:
        self.query = query
        self.viewer = viewer
        self.values: dict[str, Value] = {
            "audiences": list(viewer.audiences),
            "kinds": None if kinds is None else list(kinds),
            "limit": CANDIDATES,
            "most": MOST,
        }
        self.wording = ""
        self.served: switching.Served | None = None
        if not query.empty:
            self._read(query)
            self._mean(None if serves is None else switching.serving(serves))

    def _read(self, query: rules.Query) -> None:
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
            f"({term.any})" for term in rules.rarest(query, WITH_WORDS)
        )
        whole = sum(term.weight for term in query.terms)
        self.wording = f"(({' + '.join(likenesses)}) / {whole:.4f})"

    def _mean(self, served: switching.Served | None) -> None:
        """Have the question's vector by this encoder; where it makes none, words answer alone."""
        if served is None:
            return
        likely = rules.likely_languages(self.query, self.viewer.languages)
        text = rules.for_encoder(self.query, likely)
        try:
            vector = served.meaning.query(text, likely)
        except EmbedderTrouble as trouble:
            logger.warning("a question is answered by words alone: %s", trouble)
            return
        self.values["vector"] = "[" + ",".join(f"{x:.5f}" for x in vector) + "]"
        self.served = served

    def run(self, name: str, **parts: str) -> list[tuple[object, ...]]:
        """Rows of the statement of this name; `parts` and the score fill its braces."""
        encoder = self._encoder()
        meaning = _SQL["meaning"].format(**encoder) if self.served else "0"
        statement = _SQL[name].format(
            score=_SQL["score"].format(wording=self.wording, meaning=meaning),
            vectors=_SQL["vectors"].format(**encoder) if self.served else "",
            last_year=_SQL["last_year"],
            **parts,
        )
        return _run(statement, self.values)

    def newest(self) -> list[_Found]:
        """Every record the reader may see, newest first."""
        return [_found(cast("Record", row)) for row in self.run("newest")]

    def found(self, filters: rules.Filters) -> list[_Found]:
        """Every record that answers well enough, best first.

        Candidates come from all records, for the counts beside the filters, and, if there are
        filters, from those that pass them, so that a rare answer is not crowded out.
        """
        conditions = [f"document.audience = ANY(%(audiences)s) AND {_SQL['kinds']}"]
        if filters.any:
            conditions.append(conditions[0] + self._narrowed(filters))
        pools = [
            _SQL["pool"].format(filters=one, wording=self.wording, unordered=unordered)
            for one, unordered in zip(conditions, ("+ 0", ""), strict=False)
        ]
        if self.served:
            near = self._encoder()
            pools += [_SQL["near"].format(filters=one, **near) for one in conditions]
        rows = self.run("answering", pools=" UNION ALL ".join(pools), passing=conditions[-1])
        return [_found(cast("Record", row)) for row in rows]

    def _encoder(self) -> dict[str, int]:
        """Which vectors to compare with: written into statements, not passed beside them."""
        if self.served is None:
            return {}
        return {"encoder": self.served.id, "dimensions": self.served.dimensions}

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
        """The best passage of each shown record in the language it is shown in."""
        pairs = []
        for place, one in enumerate(page):
            self.values[f"document{place}"] = one.document_id
            self.values[f"language{place}"] = _shown_language(one.facets, self.viewer)
            pairs.append(f"(%(document{place})s, %(language{place})s)")
        best: dict[int, Snippet] = {}
        for row in self.run("snippets", shown=", ".join(pairs)):
            document_id, language, name, text = cast("Words", row)
            marks = tuple(rules.mark(text, self.query))
            best[document_id] = Snippet(language, name, text, marks)
        return best


def _run(statement: str, values: Mapping[str, Value]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]


def _settle() -> int | None:
    """Bound the transaction; which encoder serves in it."""
    return cast("int | None", _run(_SQL["tune"], {"patience_ms": str(PATIENCE_MS)})[0][-1])


def _found(row: Record) -> _Found:
    number, kind, record_id, themes, country, institution, level, languages, first, last, score = (
        row
    )
    facets = rules.Facets(
        themes=tuple(themes),
        countries=(country,) if country else (),
        institutions=(institution,) if institution else (),
        levels=(level,) if level else (),
        languages=tuple(languages),
        years=range(0) if first is None or last is None else range(first, last + 1),
    )
    return _Found(number, kind, str(record_id), float(score), facets)


def _shown_language(facets: rules.Facets, viewer: Viewer) -> str:
    """The reader's best language that the record has, else its original (the first)."""
    return next((tag for tag in viewer.languages if tag in facets.languages), facets.languages[0])


_SQL = read_statements(Path(__file__).parent / "queries.sql")
