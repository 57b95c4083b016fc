"""Writes of the index: take a record in, drop one, have a worker see to what waits."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import Func, TextField, Value
from procrastinate.contrib.django import app as jobs_app
from procrastinate.exceptions import AlreadyEnqueued

from chorsu.search import asking, embedding, lexicon, rules, switching
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.models import Document, Passage, Suggestion, Waiting

logger = logging.getLogger(__name__)
EMBED_JOB = "chorsu.jobs.tasks.embed_waiting"
INDEX_JOB = "chorsu.jobs.tasks.index_waiting"
LEARN_JOB = "chorsu.jobs.tasks.learn_waiting"
_WORDS: ArrayField[list[str], list[str]] = ArrayField(TextField())


def index(document: rules.DocumentToIndex) -> int:
    """Take a record in, in the caller's transaction; return how many passages wait for a vector.

    Words can be found when the caller commits, meaning once a worker has embedded them. A passage
    whose very text has a vector already, in this record or another, takes it over.
    """
    targets = switching.targets()
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
    hashes = [piece.hash for piece in pieces if piece.has_meaning]
    known = {target.id: embedding.known_vectors(hashes, target.id) for target in targets}
    before = lexicon.words_of(row.pk)
    Passage.objects.filter(document=row).delete()
    Suggestion.objects.filter(document=row).delete()
    words = [asking.read_words(piece.text) for piece in pieces]
    spelt: dict[str, set[str]] = {}
    for piece, found in zip(pieces, words, strict=True):
        spelt.setdefault(piece.language, set()).update(found.spelt)
    fresh = [
        Passage(
            document=row,
            language=piece.language,
            field=piece.field,
            position=piece.position,
            text=piece.text,
            words=Func(Value(list(found.lexemes), _WORDS), function="array_to_tsvector"),
            hash=piece.hash,
            has_meaning=piece.has_meaning,
        )
        for piece, found in zip(pieces, words, strict=True)
    ]
    Passage.objects.bulk_create(fresh, batch_size=500)
    lexicon.learn(spelt)
    lexicon.forget({one for one in before if one[1] not in spelt.get(one[0], ())})
    transaction.on_commit(defer_learning, robust=True)
    waiting = [
        embedding.queue(fresh, target, known[target.id], audience=document.audience)
        for target in targets
    ]
    if any(waiting):
        transaction.on_commit(defer_embedding, robust=True)
    return waiting[0] if waiting else 0


def index_later(*, kind: str, record_ids: Sequence[str], soon: bool = False) -> None:
    """Have a worker take records in, in the caller's transaction: none is forgotten.

    Those that are to be found `soon` go before all that came among many.
    """
    rows = [Waiting(kind=kind, record_id=record_id, soon=soon) for record_id in record_ids]
    Waiting.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(defer_indexing, robust=True)


def put_back(kind: str, record_id: str) -> None:
    """Have a record that could not be indexed wait behind the others; no worker is called for it.

    In the caller's transaction.
    """
    Waiting.objects.bulk_create([Waiting(kind=kind, record_id=record_id)], ignore_conflicts=True)


def more_records_wait_than(records: int) -> bool:
    """Whether more than so many of those that came among many are not in the index yet."""
    return Waiting.objects.all()[: records + 1].count() > records


def take_waiting(*, limit: int) -> list[tuple[str, str]]:
    """Take (kind, id) of some records off the waiting list, in the caller's transaction.

    The caller indexes them in the same transaction. Several workers take different ones.
    """
    free = Waiting.objects.select_for_update(skip_locked=True)
    rows = list(free.order_by("-soon", "id")[:limit])
    Waiting.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [(row.kind, str(row.record_id)) for row in rows]


def take_up(*, kind: str, record_id: str) -> bool:
    """Take one record off the waiting list, as `take_waiting` does; False if another has it."""
    rows = Waiting.objects.select_for_update(skip_locked=True)
    row = rows.filter(kind=kind, record_id=record_id).first()
    if row is None:
        return False
    row.delete()
    return True


def defer_indexing() -> None:
    """Have a worker index what waits; one such job in the queue is enough."""
    _defer_once(INDEX_JOB)


def defer_learning() -> None:
    """Have a worker learn what is offered while typing; one such job in the queue is enough."""
    _defer_once(LEARN_JOB)


def follow_settings() -> bool:
    """Where a worker starts: have the encoder that is set serve or come; whether it could be had.

    Without it everything else goes on: the one that served goes on serving.
    """
    try:
        switching.align()
    except EmbedderTrouble as trouble:
        logger.warning("search keeps its encoder: %s", trouble)
        return False
    defer_embedding()
    return True


def count_words(*, anew: bool) -> None:
    """Count how many passages have each word of the vocabulary, `anew` or if too few are counted.

    Rare words weigh more than common ones; reads the whole index once.
    """
    if anew or lexicon.needs_counting():
        lexicon.count_words()


def defer_embedding() -> None:
    """Have a worker embed what waits; one such job in the queue is enough.

    It takes no lock on running: workers embed different passages.
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
    switching.share_lock()
    for row in Document.objects.filter(kind=kind, record_id=record_id):
        words = lexicon.words_of(row.pk)
        row.delete()
        lexicon.forget(words)
