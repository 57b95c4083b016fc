"""Writes of the index: take a record in, drop one, give waiting passages their vectors."""

from __future__ import annotations

from django.db import transaction

from chorsu.search import rules
from chorsu.search.encoder import embedder, means
from chorsu.search.models import Document, Passage

BATCH = 16
"""Passages a transaction embeds: about a second's work, so that little is lost by a kill."""


def index(document: rules.DocumentToIndex) -> int:
    """Take a record in, in the caller's transaction; return how many passages wait for a vector.

    Words can be found when the caller commits, meaning once `embed_waiting` has run. Passages that
    did not change keep their vectors.
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
            "year": document.year,
            "updated_at": document.updated_at,
        },
    )
    known = {
        old.hash: (old.model, old.vector)
        for old in Passage.objects.filter(document=row, vector__isnull=False)
    }
    Passage.objects.filter(document=row).delete()
    fresh = []
    for text in document.texts:
        for passage in rules.split_passages(text):
            model, vector = known.get(passage.hash, ("", None))
            fresh.append(
                Passage(
                    document=row,
                    language=passage.language,
                    field=passage.field,
                    position=passage.position,
                    text=passage.text,
                    folded=rules.searchable(passage.text),
                    hash=passage.hash,
                    model=model,
                    vector=vector,
                )
            )
    Passage.objects.bulk_create(fresh)
    return sum(1 for passage in fresh if passage.vector is None)


def remove(*, kind: str, record_id: str) -> None:
    """Drop a record from the index, in the caller's transaction."""
    Document.objects.filter(kind=kind, record_id=record_id).delete()


def embed_waiting(limit: int) -> int:
    """Give up to `limit` waiting passages their vectors; return how many got one.

    Several workers may do this at once: each takes rows that no other holds.
    """
    done = 0
    while done < limit:
        with transaction.atomic():
            waiting = list(
                Passage.objects.select_for_update(skip_locked=True)
                .filter(vector__isnull=True)
                .order_by("id")[: min(BATCH, limit - done)]
            )
            if not waiting:
                break
            encoder = embedder()
            vectors = encoder.passages([passage.text for passage in waiting])
            centred = means().centre_passages(vectors, [p.language for p in waiting])
            for passage, vector in zip(waiting, centred, strict=True):
                passage.vector = vector.tolist()
                passage.model = encoder.model
            Passage.objects.bulk_update(waiting, ["vector", "model"])
        done += len(waiting)
    return done
