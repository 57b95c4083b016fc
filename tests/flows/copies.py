"""A node's own records before and after they were lost, and the copy that a peer has of its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from chorsu.exchange import blobs, queries
from chorsu.exchange.models import Blob, BlobUse, Feed, FeedEntry, Tile
from chorsu.exchange.stores import the_store
from chorsu.flows.publishing import publish_draft
from chorsu.institutions.models import Person
from chorsu.language.models import TranslationRequest
from chorsu.practices import actions
from chorsu.practices.models import Draft, Practice, PracticeFile, PracticeRevision, PracticeText
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.records.pdfs import small_pdf

KEPT: dict[type[Model], tuple[str, ...]] = {
    Feed: ("size", "range", "checkpoint"),
    FeedEntry: ("index", "leaf", "leaf_hash", "kind", "record_id", "revision", "action", "at"),
    Tile: ("level", "index", "hashes", "root"),
    BlobUse: ("blob_id", "record_id", "audience", "own"),
    Practice: (
        "id", "origin", "institution_id", "revision", "audience", "licence", "original_language",
        "published_at", "updated_at", "withdrawn_at", "withdrawal_reason", "blob", "facts",
        "themes", "feed_index",
    ),
    PracticeText: (
        "practice_id", "language", "provenance", "revision", "translated_by", "translated_on",
        "supplied_by", "record_id", "record_revision", "feed_index", "audience", "words",
    ),
    PracticeRevision: (
        "practice_id", "revision", "published_at", "facts", "words", "note", "audience",
    ),
    PracticeFile: (
        "practice_id", "sha256", "name", "media_type", "size", "language",
        "published", "in_draft",
    ),
    TranslationRequest: ("kind", "record_id", "language", "revision", "reason"),
}  # fmt: skip
"""What must be the same after a restoring; keys of rows and times of arrival need not."""


def state() -> dict[str, list[str]]:
    """All of it, comparable."""
    return {
        model.__name__: sorted(repr(row) for row in model._default_manager.values_list(*fields))
        for model, fields in KEPT.items()
    }


def own_contents() -> dict[str, bytes]:
    """Every blob that is here, by hash."""
    found = {sha256: blobs.read(sha256) for sha256 in Blob.objects.values_list("sha256", flat=True)}
    return {sha256: data for sha256, data in found.items() if data is not None}


def give_copy(peer: MemoryNode) -> MemoryNode:
    """Let a peer have all of the own log, as it is now; gives its copy."""
    leaves = [
        bytes(one) for one in FeedEntry.objects.order_by("index").values_list("leaf", flat=True)
    ]
    peer.see(queries.checkpoint())
    return peer.keep_copy(queries.checkpoint(), leaves, own_contents())


@contextmanager
def set_back() -> Iterator[None]:
    """What happens inside is forgotten at the end, as by a backup made before; bytes go too."""
    point = transaction.savepoint()
    yield
    made = set(Blob.objects.values_list("sha256", flat=True))
    transaction.savepoint_rollback(point)
    for sha256 in made - set(Blob.objects.values_list("sha256", flat=True)):
        the_store().remove(sha256)


def with_file(editor: Person, now: datetime, title: str, audience: str = "public") -> str:
    """Publish a practice with a file; returns its id."""
    draft = ready_draft(editor, now, title=title)
    Draft.objects.filter(pk=draft.id).update(audience=audience)
    actions.add_file(
        draft_id=draft.id, upload=small_pdf(), name="a.pdf", language="", by=editor, now=now
    )
    return publish_draft(draft_id=draft.id, version=2, by=editor, now=now).id
