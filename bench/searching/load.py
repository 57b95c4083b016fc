"""A corpus into the very tables the site searches, in bulk, and its indexes, timed.

What `search.actions.index` and the workers write one by one is written by COPY; the two large
indexes are dropped before and made again from their own definitions after.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from bench.searching.corpus import Piece, Record
from bench.searching.vectors import Kept, batches
from django.db import connection, transaction

from chorsu.search import asking, lexicon, rules, switching

BUILD_MEMORY, BUILD_WORKERS = "3GB", 2
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = ("search_document", "search_passage", "search_vector", "search_word")
_DOCUMENT = (
    "COPY search_document (id, kind, record_id, audience, origin, institution_id, country, level,"
    " themes, languages, year_from, year_to, updated_at, learned, announced) FROM STDIN"
)
_PASSAGE = (
    "COPY search_passage (id, document_id, language, field, position, text, words, hash,"
    " has_meaning) FROM STDIN"
)
_COPY_HEAD, _COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def load(records: Iterator[Record], vectors: Kept) -> dict[str, Any]:
    """Fill the empty tables; seconds of each part, bytes of tables and indexes."""
    with transaction.atomic():
        encoder = switching.targets()[0].id
    made = {"hnsw": f"search_vector_of_{encoder}", "gin": "passage_words"}
    definitions = {kind: _drop(name) for kind, name in made.items()}
    started = time.monotonic()
    with transaction.atomic():
        counts = _copy(records, vectors, encoder)
    figures: dict[str, Any] = {**counts, "copy_s": _since(started)}
    run(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
    run(f"SET max_parallel_maintenance_workers = {BUILD_WORKERS}")
    for kind, definition in definitions.items():
        started = time.monotonic()
        run(definition)
        figures[f"{kind}_build_s"] = _since(started)
    started = time.monotonic()
    lexicon.count_words()
    figures["counting_words_s"] = _since(started)
    run("VACUUM ANALYZE")
    figures["words"] = run("SELECT count(*) FROM search_word")[0][0]
    figures |= {f"{kind}_mb": _mb("pg_relation_size", name) for kind, name in made.items()}
    figures |= {f"{name}_mb": _mb("pg_total_relation_size", name) for name in TABLES}
    return figures


def run(statement: str, values: Sequence[object] | dict[str, object] | None = None) -> list[Any]:
    """Rows of a statement, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _since(started: float) -> float:
    return round(time.monotonic() - started, 1)


def _drop(index: str) -> str:
    definition = run("SELECT pg_get_indexdef(%s::regclass)", [index])[0][0]
    run(f"DROP INDEX {index}")
    return str(definition)


def _mb(function: str, relation: str) -> float:
    return round(run(f"SELECT {function}(%s::regclass)", [relation])[0][0] / 1e6, 1)


def _copy(records: Iterator[Record], vectors: Kept, encoder: int) -> dict[str, int]:
    spelt: dict[str, set[str]] = {}
    documents = passages = rare = 0
    for some in batches(records):
        pieces: list[Piece] = []
        rows = []
        for record in some:
            documents += 1
            rare += record.country == "TM"
            pieces += record.pieces
            rows.append(_document(documents, record))
        owners = [
            documents - len(some) + 1 + place
            for place, record in enumerate(some)
            for _ in record.pieces
        ]
        with connection.cursor() as cursor:
            with cursor.copy(_DOCUMENT) as copy:
                for row in rows:
                    copy.write_row(row)
            with cursor.copy(_PASSAGE) as copy:
                for place, (owner, piece) in enumerate(zip(owners, pieces, strict=True), 1):
                    copy.write_row(_passage(passages + place, owner, piece, spelt))
        copy_vectors("search_vector", encoder, passages + 1, vectors.of(pieces, raw=False))
        passages += len(pieces)
    lexicon.learn(spelt)
    for table in ("search_document", "search_passage"):
        run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    return {"records": documents, "passages": passages, "rare_records": rare}


def _document(number: int, record: Record) -> tuple[object, ...]:
    return (
        number,
        record.kind,
        record.record_id,
        "public",
        "bench.chorsu.example",
        f"hub-{number % 40}",
        record.country,
        record.level,
        list(record.themes),
        list(record.languages),
        record.year_from,
        record.year_to,
        BEGINNING + timedelta(minutes=number),
        True,
        True,
    )


def _passage(
    number: int, document: int, piece: Piece, spelt: dict[str, set[str]]
) -> tuple[object, ...]:
    found = asking.read_words(piece.text)
    spelt.setdefault(piece.language, set()).update(found.spelt)
    words = " ".join(f"'{word}'" for word in found.lexemes)
    stored = rules.NewPassage(piece.language, piece.field, piece.position, piece.text)
    return (
        number,
        document,
        piece.language,
        piece.field,
        piece.position,
        piece.text,
        words,
        stored.hash,
        True,
    )


def copy_vectors(table: str, encoder: int, first: int, rows: np.ndarray) -> None:
    """Vectors of the passages from number `first` on, in the binary form of pgvector's halfvec."""
    dimensions = rows.shape[1]
    packed = np.zeros(
        len(rows),
        dtype=[
            *(("fields", ">i2"), ("a", ">i4"), ("passage", ">i8"), ("b", ">i4"), ("by", ">i8")),
            *(("c", ">i4"), ("dimensions", ">i2"), ("unused", ">i2")),
            ("vector", ">f2", (dimensions,)),
        ],
    )
    packed["fields"], packed["a"], packed["b"], packed["c"] = 3, 8, 8, 4 + 2 * dimensions
    packed["passage"] = np.arange(first, first + len(rows))
    packed["by"], packed["dimensions"], packed["vector"] = encoder, dimensions, rows
    statement = f"COPY {table} (passage_id, encoder_id, vector) FROM STDIN (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_COPY_HEAD + packed.tobytes() + _COPY_END)


def server() -> dict[str, str]:
    """What of the server's settings the figures hang on."""
    names = ["server_version", "shared_buffers", "effective_cache_size", "work_mem", "jit"]
    return dict(run("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]))
