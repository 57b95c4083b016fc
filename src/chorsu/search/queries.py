"""Reads of the index: a question in any of the eight languages, answers from all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.db import connection, transaction
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from chorsu.kernel.languages import LANGUAGES
from chorsu.records.viewer import Viewer
from chorsu.search import rules
from chorsu.search.encoder import embedder, means
from chorsu.search.models import Document, Passage

CANDIDATES = 300
"""Passages taken from each side; among them, facets are counted and pages are cut."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """The passage that answers: its language, its field, its words, and what to mark in them."""

    language: str
    field: str
    text: str
    marks: tuple[tuple[int, int], ...]
    by_meaning: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found. `snippet` is missing where the record has nothing but a title."""

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
    score: float
    facets: rules.Facets


def search(
    raw: str, viewer: Viewer, filters: rules.Filters, *, offset: int = 0, limit: int = 20
) -> SearchResults:
    """Answer a question; an empty one lists every record, newest first, under the same filters.

    Results come in a fixed order (score, then age and id), so that pages do not overlap.
    """
    query = rules.read_query(raw)
    if query.empty and raw.strip():
        return SearchResults(query, (), 0, {})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SQL["tune"])
        asked = None if query.empty else _Asked(query, viewer)
        found = _newest(viewer) if asked is None else asked.found(filters)
        passing = [one for one in found if rules.allows(filters, one.facets)]
        page = passing[offset : offset + limit]
        hits = _hits(page, asked, viewer)
    facets = rules.count_facets(filters, [one.facets for one in found])
    return SearchResults(query, hits, len(passing), facets)


def waiting_passages() -> int:
    """How many passages have no vector yet."""
    return Passage.objects.filter(vector__isnull=True).count()


class _Asked:
    """One question on its way: its vector, its terms as SQL, its reader."""

    def __init__(self, query: rules.Query, viewer: Viewer) -> None:
        self.query = query
        self.viewer = viewer
        encoder = embedder()
        guessed = _guess(query.text)
        likely = rules.likely_languages(query, guessed, viewer.languages)
        vector = means().centre_query(encoder.queries([query.text])[0], likely)
        self.values: dict[str, object] = {
            "model": encoder.model,
            "vector": "[" + ",".join(f"{x:.5f}" for x in vector) + "]",
            "audiences": list(viewer.audiences),
            "limit": CANDIDATES,
        }
        for place, term in enumerate(query.terms):
            self.values[f"term{place}"] = term
        places = range(len(query.terms))
        self.words = " OR ".join(f"%(term{p})s <%% passage.folded" for p in places)
        similar = " + ".join(f"word_similarity(%(term{p})s, passage.folded)" for p in places)
        self.score = f"(({similar}) / {len(query.terms)})"

    def run(self, name: str, **parts: str) -> list[tuple[object, ...]]:
        statement = _SQL[name].format(score=self.score, words=self.words, **parts)
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return cursor.fetchall()

    def found(self, filters: rules.Filters) -> list[_Found]:
        """Every record that answers well enough, best first, filters not yet applied."""
        everywhere = "document.audience = ANY(%(audiences)s)"
        rows = self.run("nearest", filters=everywhere)
        rows += self.run("similar_words", filters=everywhere)
        if filters.any:
            narrowed = everywhere + self._narrowed(filters)
            rows += self.run("nearest", filters=narrowed)
            rows += self.run("similar_words", filters=narrowed)
        self.values["ids"] = list({row[0] for row in rows})
        best: dict[int, float] = {}
        for _, document_id, _, name, meaning, wording in self.run("score"):
            assert isinstance(document_id, int)
            score = rules.combined(float(str(meaning)), float(str(wording)))
            score += 0.05 if name == "title" else 0.0
            if score >= rules.LEAST:
                best[document_id] = max(best.get(document_id, 0.0), score)
        documents = {d.pk: d for d in Document.objects.filter(pk__in=best)}
        order = sorted(best, key=lambda pk: (-best[pk], pk))
        return [_Found(pk, best[pk], _facets(documents[pk])) for pk in order if pk in documents]

    def _narrowed(self, filters: rules.Filters) -> str:
        columns = {
            "themes": "document.themes && %(themes)s::varchar[]",
            "languages": "document.languages && %(languages)s::varchar[]",
            "countries": "document.country = ANY(%(countries)s)",
            "institutions": "document.institution_id = ANY(%(institutions)s)",
            "levels": "document.level = ANY(%(levels)s)",
            "years": "document.year = ANY(%(years)s)",
        }
        conditions = ""
        for name, condition in columns.items():
            wanted = getattr(filters, name)
            if wanted:
                self.values[name] = list(wanted)
                conditions += f" AND {condition}"
        return conditions

    def answers(self, shown: Sequence[tuple[int, str]]) -> dict[int, Snippet]:
        """The best passage of each shown record in the language it is shown in."""
        pairs = []
        for place, (document_id, language) in enumerate(shown):
            self.values[f"document{place}"] = document_id
            self.values[f"language{place}"] = language
            pairs.append(f"(%(document{place})s, %(language{place})s)")
        best: dict[int, tuple[float, Snippet]] = {}
        for document_id, language, name, text, meaning, wording in self.run(
            "answers", shown=", ".join(pairs)
        ):
            assert isinstance(document_id, int)
            score = rules.combined(float(str(meaning)), float(str(wording)))
            if document_id in best and best[document_id][0] >= score:
                continue
            marks = tuple(rules.mark(str(text), self.query.terms))
            best[document_id] = (
                score,
                Snippet(str(language), str(name), str(text), marks, by_meaning=not marks),
            )
        return {document_id: snippet for document_id, (_, snippet) in best.items()}


def _newest(viewer: Viewer) -> list[_Found]:
    documents = Document.objects.filter(audience__in=viewer.audiences)
    ordered = documents.order_by("-updated_at", "pk")[:5000]
    return [_Found(document.pk, 0.0, _facets(document)) for document in ordered]


def _hits(page: Sequence[_Found], asked: _Asked | None, viewer: Viewer) -> tuple[Hit, ...]:
    documents = {d.pk: d for d in Document.objects.filter(pk__in=[f.document_id for f in page])}
    snippets: dict[int, Snippet] = {}
    if asked is not None and page:
        shown = [(f.document_id, _shown_language(f.facets, viewer)) for f in page]
        snippets = asked.answers(shown)
    return tuple(
        Hit(
            documents[one.document_id].kind,
            str(documents[one.document_id].record_id),
            one.score,
            snippets.get(one.document_id),
        )
        for one in page
    )


def _shown_language(facets: rules.Facets, viewer: Viewer) -> str:
    """The reader's best language that the record has, else its original (the first)."""
    return next((tag for tag in viewer.languages if tag in facets.languages), facets.languages[0])


def _facets(document: Document) -> rules.Facets:
    return rules.Facets(
        themes=tuple(document.themes),
        countries=(document.country,),
        institutions=(document.institution_id,),
        levels=(document.level,) if document.level else (),
        languages=tuple(document.languages),
        years=(document.year,) if document.year is not None else (),
    )


def _read_statements() -> dict[str, str]:
    text = (Path(__file__).parent / "queries.sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


_SQL = _read_statements()
_ISO = {language.tag.split("-")[0]: language.tag for language in LANGUAGES}


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    made = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    made.set_languages([code for code in _ISO if code in made.labels])
    return made


def _guess(text: str) -> dict[str, float]:
    """Share of each of the eight languages in a text; those the identifier lacks get a little."""
    shares = dict.fromkeys(_ISO.values(), 0.05)
    for code, share in _identifier().rank(text):
        shares[_ISO[code]] = max(float(share), 0.02)
    return shares
