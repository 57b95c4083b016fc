"""Writes of the index: take a record in, drop one, give waiting passages their vectors."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import Func, TextField, Value
from procrastinate.contrib.django import app as jobs_app
from procrastinate.exceptions import AlreadyEnqueued

from chorsu.search import rules
from chorsu.search.encoder import Vectors, embedder, means
from chorsu.search.models import Document, Passage, Suggestion, Waiting

logger = logging.getLogger(__name__)
EMBED_JOB = "chorsu.jobs.tasks.embed_waiting"
INDEX_JOB = "chorsu.jobs.tasks.index_waiting"
LEARN_JOB = "chorsu.jobs.tasks.learn_waiting"
_WORDS: ArrayField[list[str], list[str]] = ArrayField(TextField())
BATCH = 8
"""Passages a transaction embeds: some two seconds' work, so that little is lost by a kill."""
_KNOWN = """
SELECT known.* FROM unnest(%s::varchar[]) AS asked(hash) CROSS JOIN LATERAL (
    SELECT id, hash, vector FROM search_passage
    WHERE hash = asked.hash AND model = %s AND vector IS NOT NULL LIMIT 1) AS known
"""
MOST_TWINS = 1000
"""Passages of the same words that take their vectors over in the same transaction."""


def index(document: rules.DocumentToIndex) -> int:
    """Take a record in, in the caller's transaction; return how many passages wait for a vector.

    Words can be found when the caller commits, meaning once a worker has embedded them. A passage
    whose very text has a vector already, in this record or another, takes it over.
    """
    row, _ = Document.objects.update_or_create(
        kind=document.kind,
        record_id=document.record_id,
        defaults={
            "audience": document.audience,
            "origin": document.origin,
            "institution_id": document.institution_id,
            "country": document.country,
            "level": document.level,
            "themes": list(document.themes),
            "languages": list(document.languages),
            "year_from": document.year_from,
            "year_to": document.year_to,
            "updated_at": document.updated_at,
            "learned": False,
        },
    )
    pieces = [piece for text in document.texts for piece in rules.split_passages(text)]
    known = _known_vectors([piece.hash for piece in pieces])
    Passage.objects.filter(document=row).delete()
    Suggestion.objects.filter(document=row).delete()
    fresh = [
        Passage(
            document=row,
            language=piece.language,
            field=piece.field,
            position=piece.position,
            text=piece.text,
            words=Func(Value(rules.lexemes(piece.text), _WORDS), function="array_to_tsvector"),
            hash=piece.hash,
            model=_model(piece, known),
            vector=known.get(piece.hash),
        )
        for piece in pieces
    ]
    Passage.objects.bulk_create(fresh, batch_size=500)
    transaction.on_commit(defer_learning, robust=True)
    waiting = sum(1 for passage in fresh if not passage.model)
    if waiting:
        transaction.on_commit(defer_embedding, robust=True)
    return waiting


def index_later(*, kind: str, record_ids: Sequence[str]) -> None:
    """Have a worker take many records in, in the caller's transaction: none is forgotten."""
    rows = [Waiting(kind=kind, record_id=record_id) for record_id in record_ids]
    Waiting.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(defer_indexing, robust=True)


def take_waiting(*, limit: int) -> list[tuple[str, str]]:
    """Take (kind, id) of some records off the waiting list, in the caller's transaction.

    The caller indexes them in the same transaction. Several workers take different ones.
    """
    rows = list(Waiting.objects.select_for_update(skip_locked=True).order_by("id")[:limit])
    Waiting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [(row.kind, str(row.record_id)) for row in rows]


def defer_indexing() -> None:
    """Have a worker index what waits; one such job in the queue is enough."""
    _defer_once(INDEX_JOB)


def defer_learning() -> None:
    """Have a worker learn what is offered while typing; one such job in the queue is enough."""
    _defer_once(LEARN_JOB)


def _model(piece: rules.NewPassage, known: Mapping[str, object]) -> str:
    if not piece.has_meaning:
        return rules.WORDS_ONLY
    return embedder().model if piece.hash in known else ""


def defer_embedding() -> None:
    """Have a worker embed what waits; one such job in the queue is enough.

    It takes no lock on running: two workers embed different passages.
    """
    _defer_once(EMBED_JOB)


def _defer_once(job: str) -> None:
    try:
        with transaction.atomic():  # a job that is there already must not spoil the caller's
            jobs_app.configure_task(job, queueing_lock=job).defer()
    except AlreadyEnqueued:
        logger.debug("already waiting: %s", job)


def remove(*, kind: str, record_id: str) -> None:
    """Drop a record from the index, in the caller's transaction."""
    Document.objects.filter(kind=kind, record_id=record_id).delete()


def embed_waiting(limit: int) -> int:
    """Give some `limit` waiting passages (and all of the same words) vectors; return how many.

    Titles come first, then summaries, then the rest. Several workers may do this at once: each
    takes rows that no other holds. What another encoder made is made anew, last.
    """
    done = 0
    while done < limit:
        taken = _embed_some(min(BATCH, limit - done))
        if not taken:
            break
        done += taken
    return done


def _embed_some(limit: int) -> int:
    model = embedder().model
    with transaction.atomic():
        rows = Passage.objects.select_for_update(skip_locked=True).defer("vector", "words")
        waiting = list(rows.filter(model="").order_by("position", "id")[:limit])
        if not waiting:
            waiting = list(rows.exclude(model__in=[model, rules.WORDS_ONLY])[:limit])
        known = _known_vectors([passage.hash for passage in waiting])
        unknown = list({p.hash: p for p in waiting if p.hash not in known}.values())
        for passage, vector in zip(unknown, _embed(unknown), strict=True):
            known[passage.hash] = vector.tolist()
        # The same words stand in many records (a common step, a repeated source): all at once.
        twins = rows.filter(model="", hash__in=known).exclude(pk__in=[p.pk for p in waiting])
        by_hash: dict[str, list[int]] = {}
        for passage in [*waiting, *twins[:MOST_TWINS]]:
            by_hash.setdefault(passage.hash, []).append(passage.pk)
        for found, keys in by_hash.items():
            Passage.objects.filter(pk__in=keys).update(vector=known[found], model=model)
    return sum(len(keys) for keys in by_hash.values())


def _embed(passages: Sequence[Passage]) -> Vectors | list[Vectors]:
    if not passages:
        return []
    vectors = embedder().passages([passage.text for passage in passages])
    return means().centre_passages(vectors, [passage.language for passage in passages])


def _known_vectors(hashes: Sequence[str]) -> dict[str, object]:
    """One vector for each hash that has any, however many passages say the same."""
    rows = Passage.objects.raw(_KNOWN, [sorted(set(hashes)), embedder().model])
    return {row.hash: row.vector for row in rows}
