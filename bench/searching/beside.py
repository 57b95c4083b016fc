"""What else could answer, on the same passages and the same questions, each with its own index.

Each is taken as its manual shows it, any word of the question may do: asked for all words, none of
them finds a sentence in another language.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any, TypeAlias

import tantivy
from bench.searching.ask import DEPTH, Asker, cuts
from bench.searching.corpus import Record, line_id
from bench.searching.load import copy_vectors, run
from bench.searching.questions import Question
from bench.searching.vectors import Kept, batches
from django.db import OperationalError

from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import words
from chorsu.records.viewer import Viewer
from chorsu.search import asking, queries, rules
from chorsu.search.meaning import encoder_of

PATIENCE_MS = 10_000
"""A statement that takes longer is given up, and counted as having found nothing."""
OWN = {"ru": "russian", "en": "english"}
Answers: TypeAlias = Callable[[Question, str | None], list[str]]
"""Ids of records, best first, for a question, of one language or of all."""


def measure(
    name: str,
    records: Callable[[], Iterator[Record]],
    vectors: Kept,
    asked: Iterator[Question],
    number: int,
    lines: Mapping[str, Sequence[str]],
    folder: Path,
) -> dict[str, Any]:
    """Index it, ask it the same questions, then each line in each other language."""
    started = time.monotonic()
    answers, given_up = _systems(records, vectors, folder)[name]()
    built = round(time.monotonic() - started, 1)
    for one in islice(asked, 16):
        answers(one, None)
    times = []
    for one in islice(asked, number):
        began = time.perf_counter()
        answers(one, None)
        times.append((time.perf_counter() - began) * 1e3)
    timed_out = len(given_up)
    found = {tag: [] for tag in TAGS}
    for spoken in TAGS:
        for place, line in enumerate(lines[spoken]):
            for tag in TAGS:
                if tag != spoken:
                    of_tag = answers(Question(spoken, line, long=True), tag)[:DEPTH]
                    found[spoken].append(line_id(place, tag) in of_tag)
    return {
        "questions": number,
        "lines": len(lines["en"]),
        "build_s": built,
        **cuts("search", times),
        "given_up": timed_out,
        "r10": round(mean(hit for hits in found.values() for hit in hits), 4),
        "r10_by_query_language": {tag: round(mean(hits), 4) for tag, hits in found.items()},
    }


def _systems(
    records: Callable[[], Iterator[Record]], vectors: Kept, folder: Path
) -> dict[str, Callable[[], tuple[Answers, list[str]]]]:
    return {
        "chorsu": _chorsu,
        "full_text_simple": lambda: _full_text({}),
        "full_text_own": lambda: _full_text(OWN),
        "trigrams": _trigrams,
        "tantivy": lambda: _tantivy(records(), folder),
        "raw_e5": lambda: _raw(records(), vectors),
    }


def _chorsu() -> tuple[Answers, list[str]]:
    def answers(question: Question, language: str | None) -> list[str]:
        viewer = Viewer(member=False, languages=(question.language,))
        filters = rules.Filters(languages=(language,) if language else ())
        found = queries.search(question.text, viewer, filters, limit=DEPTH)
        return [hit.record_id for hit in found.hits]

    return answers, []


def _ids(statement: str, values: Mapping[str, object], given_up: list[str]) -> list[str]:
    """Records of the passages that a statement brings, each once."""
    try:
        rows = run(statement, dict(values))
    except OperationalError:
        given_up.append(statement)
        return []
    return list(dict.fromkeys(str(row[0]) for row in rows))


_OF_LANGUAGE = "(%(language)s::text IS NULL OR passage.language = %(language)s)"


def _full_text(own: Mapping[str, str]) -> tuple[Answers, list[str]]:
    table = f"bench_full_text_{'own' if own else 'simple'}"
    run(f"DROP TABLE IF EXISTS {table}")
    by_language = " ".join(f"WHEN '{tag}' THEN '{name}'" for tag, name in own.items())
    chosen = f"(CASE language {by_language} ELSE 'simple' END)" if own else "'simple'"
    run(
        f"CREATE TABLE {table} AS SELECT id AS passage_id,"
        f" to_tsvector({chosen}::regconfig, text) AS words FROM search_passage"
    )
    run(f"CREATE INDEX ON {table} USING gin (words)")
    run(f"CREATE INDEX ON {table} (passage_id)")
    run(f"VACUUM ANALYZE {table}")
    run(f"SET statement_timeout = {PATIENCE_MS}")
    given_up: list[str] = []
    statement = (
        "SELECT document.record_id FROM (SELECT replace("
        "plainto_tsquery(%(by)s::regconfig, %(text)s)::text, ' & ', ' | ')::tsquery AS asked) AS q"
        f" CROSS JOIN {table} AS found JOIN search_passage AS passage"
        " ON passage.id = found.passage_id JOIN search_document AS document"
        f" ON document.id = passage.document_id WHERE found.words @@ asked AND {_OF_LANGUAGE}"
        " ORDER BY ts_rank(found.words, asked) DESC, passage.id LIMIT 30"
    )

    def answers(question: Question, language: str | None) -> list[str]:
        by = own.get(question.language, "simple")
        values = {"by": by, "text": question.text, "language": language}
        return _ids(statement, values, given_up)[:DEPTH]

    return answers, given_up


def _trigrams() -> tuple[Answers, list[str]]:
    run("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    run("DROP INDEX IF EXISTS bench_trigrams")
    run("CREATE INDEX bench_trigrams ON search_passage USING gin (text gin_trgm_ops)")
    run(f"SET statement_timeout = {PATIENCE_MS}")
    run("SET pg_trgm.word_similarity_threshold = 0.15")
    given_up: list[str] = []
    statement = (
        "SELECT document.record_id FROM search_passage AS passage JOIN search_document AS document"
        " ON document.id = passage.document_id WHERE %(text)s <%% passage.text AND "
        + _OF_LANGUAGE
        + " ORDER BY word_similarity(%(text)s, passage.text) DESC, passage.id LIMIT 30"
    )

    def answers(question: Question, language: str | None) -> list[str]:
        values = {"text": question.text, "language": language}
        return _ids(statement, values, given_up)[:DEPTH]

    return answers, given_up


def _tantivy(records: Iterator[Record], folder: Path) -> tuple[Answers, list[str]]:
    shutil.rmtree(folder / "tantivy", ignore_errors=True)
    (folder / "tantivy").mkdir(parents=True)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("record", stored=True, tokenizer_name="raw")
    builder.add_text_field("language", stored=False, tokenizer_name="raw")
    builder.add_text_field("text", stored=False)
    index = tantivy.Index(builder.build(), path=str(folder / "tantivy"))
    writer = index.writer(200_000_000, 1)
    for record in records:
        for piece in record.pieces:
            # Chinese is given in pairs of characters, as to our own index: its own cutting of words
            # knows spaces only.
            text = " ".join(
                asking.lexemes(piece.text) if piece.language == "zh-Hans" else [piece.text]
            )
            writer.add_document(
                tantivy.Document(record=record.record_id, language=piece.language, text=text)
            )
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def answers(question: Question, language: str | None) -> list[str]:
        han = question.language == "zh-Hans"
        typed = asking.lexemes(question.text) if han else words(question.text)
        query = index.parse_query(" ".join(f'"{word}"' for word in typed), ["text"])
        if language:
            only = tantivy.Query.term_query(index.schema, "language", language)
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)]
            )
        hits = searcher.search(query, 30).hits
        return list(dict.fromkeys(searcher.doc(at)["record"][0] for _, at in hits))[:DEPTH]

    return answers, []


def _raw(records: Iterator[Record], vectors: Kept) -> tuple[Answers, list[str]]:
    """The encoder's own vectors, without the space fitted to it, in an index as the site's."""
    dimensions = vectors.raw.shape[1]
    run("DROP TABLE IF EXISTS bench_raw")
    run("CREATE TABLE bench_raw (passage_id bigint, encoder_id bigint, vector halfvec)")
    passages = 0
    for some in batches(records):
        pieces = [piece for record in some for piece in record.pieces]
        copy_vectors("bench_raw", 0, passages + 1, vectors.of(pieces, raw=True))
        passages += len(pieces)
    run("SET maintenance_work_mem = '3GB'")
    run(
        f"CREATE INDEX ON bench_raw USING hnsw ((vector::halfvec({dimensions})) halfvec_ip_ops)"
        " WITH (m = 16, ef_construction = 64)"
    )
    run("VACUUM ANALYZE bench_raw")
    encoder = encoder_of(Asker().served.meaning.choice)
    statement = (
        "SELECT document.record_id FROM bench_raw AS vector JOIN search_passage AS passage"
        " ON passage.id = vector.passage_id JOIN search_document AS document"
        f" ON document.id = passage.document_id WHERE {_OF_LANGUAGE}"
        f" ORDER BY vector.vector::halfvec({dimensions}) <#> %(vector)s::halfvec({dimensions})"
        " LIMIT 30"
    )
    run("SET hnsw.iterative_scan = relaxed_order")
    run("SET hnsw.ef_search = 200")
    run(f"SET statement_timeout = {PATIENCE_MS}")
    given_up: list[str] = []

    def answers(question: Question, language: str | None) -> list[str]:
        vector = encoder.queries([question.text])[0]
        values = {"vector": "[" + ",".join(f"{x:.5f}" for x in vector) + "]", "language": language}
        return _ids(statement, values, given_up)[:DEPTH]

    return answers, given_up
