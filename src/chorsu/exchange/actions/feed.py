"""Appending to the node's own feed."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app as jobs_app
from procrastinate.exceptions import AlreadyEnqueued

from chorsu.exchange import blobs, keys, marks, queries, witnesses
from chorsu.exchange.models import BlobUse, Erasure, Feed, FeedEntry, Tile
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import PUBLISH, Action, Audience, Entry
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.tiles import TILE_WIDTH, tile_root

logger = logging.getLogger(__name__)
PING_JOB = "chorsu.jobs.tasks.ping_peers"


class LogStopped(Exception):  # noqa: N818 - says what is wrong
    """There is more of this node's log, or another one, than here, or its key was replaced: one
    more entry would fork it.
    """


def append(
    *,
    kind: str,
    record_id: uuid.UUID | str,
    revision: int,
    action: str,
    audience: str,
    payload: bytes,
    now: datetime,
    files: Sequence[str] = (),
) -> int:
    """Append one entry to the node's own feed; returns its index.

    To be called inside the caller's transaction, which it makes wait for other appends. `payload`
    is the blob (what was published, or `{"reason": ...}` of a withdrawal); `files` are hashes of
    blobs already put that the record needs: from now on whoever may read the record may read
    them, and those only its earlier state needed may be read no more. Peers are told on commit.
    Raises `LogStopped`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("append belongs in the caller's transaction")
    identifier = uuid.UUID(str(record_id))
    digest = blobs.put(payload, media_type="application/json", now=now)
    Feed.objects.get_or_create(id=1)
    feed = Feed.objects.select_for_update().get(id=1)
    if feed.stopped_by or witnesses.is_behind_its_mark(feed):
        raise LogStopped(f"at {feed.size} entries")
    if replaced := witnesses.replaced_in(bytes(feed.replaced_by)):
        raise LogStopped(f"the key was replaced at {replaced.size} entries")
    _check_key(feed)
    entry = Entry(
        kind=kind,
        id=str(identifier),
        revision=revision,
        action=cast("Action", action),  # Entry refuses any other value
        audience=cast("Audience", audience),
        time=now,
        blob=digest,
        size=len(payload),
        supplement=_supplement(identifier, revision, action),
    )
    index = _add_leaf(feed, entry, identifier, now)
    _use_blobs(identifier, [digest, *files], audience, own=True)
    note = bytes(feed.checkpoint)
    transaction.on_commit(lambda: marks.leave_mark(note), robust=True)
    transaction.on_commit(defer_ping, robust=True)
    return index


@transaction.atomic
def stop_log(*, note: bytes) -> bool:
    """Append nothing more: `note` is a cosigned checkpoint this log contradicts. False if done."""
    Feed.objects.get_or_create(id=1)
    feed = Feed.objects.select_for_update().get(id=1)
    if feed.stopped_by:
        return False
    feed.stopped_by = note
    feed.save(update_fields=["stopped_by"])
    return True


@transaction.atomic
def note_replaced(*, note: bytes) -> bool:
    """Append nothing more by the key at hand: `note` is a succession, signed by that key, which
    replaced it. False if that is known.
    """
    Feed.objects.get_or_create(id=1)
    feed = Feed.objects.select_for_update().get(id=1)
    if witnesses.replaced_in(bytes(feed.replaced_by)) is not None:
        return False
    feed.replaced_by = note
    feed.save(update_fields=["replaced_by"])
    return True


def conceal(*, record_id: str) -> None:
    """Let nobody read one of the own records while the log is stopped and can't say so.

    The backup that ends the stop knows nothing of it: what brought it about is read again then.
    """
    BlobUse.objects.filter(record_id=record_id, own=True).delete()


def defer_ping() -> None:
    """Have a worker tell the peers that the feed has grown."""
    defer(PING_JOB)


def defer(job: str, *, once: str = "", **arguments: str) -> None:
    """Have a worker run a job; one that already waits with the same `once` is enough.

    Call it after the commit: a job that waits may start at once and must find what it is about.
    """
    mark = f"{job} {once}".strip()
    try:
        # A savepoint: the refusal of a second one must not spoil a caller's transaction.
        with transaction.atomic():
            jobs_app.configure_task(job, queueing_lock=mark).defer(**arguments)
    except AlreadyEnqueued:
        logger.debug("already waiting: %s", mark)


def _check_key(feed: Feed) -> None:
    """Raise unless the key at hand is the one that this log goes on with.

    `LogStopped` for a log older than the change of key: it was set back to an old copy.
    `UnusableKey` on a machine that was not given the key that another machine changed to.
    """
    chain = keys.chain()
    if chain and feed.size < chain[-1].size:
        raise LogStopped(f"the key was changed at {chain[-1].size} entries, here: {feed.size}")
    if not keys.goes_on_with(bytes(feed.checkpoint)):
        raise keys.UnusableKey(f"{keys.key_path()}: the log was last signed by another key")


def _supplement(record_id: uuid.UUID, revision: int, action: str) -> int:
    if action != PUBLISH:
        return 0
    rows = FeedEntry.objects.filter(record_id=record_id, revision=revision, action=PUBLISH)
    return rows.count()


def _add_leaf(feed: Feed, entry: Entry, record_id: uuid.UUID, now: datetime) -> int:
    leaf, index = entry.to_bytes(), feed.size
    FeedEntry.objects.create(
        index=index,
        leaf=leaf,
        leaf_hash=leaf_hash(leaf),
        kind=entry.kind,
        record_id=record_id,
        revision=entry.revision,
        action=entry.action,
        audience=entry.audience,
        at=entry.time,
        blob=entry.blob or "",
    )
    edge = Range.from_bytes(bytes(feed.range)) if feed.range else Range.empty()
    edge = edge.append(leaf_hash(leaf))
    newest = Checkpoint(settings.NODE_NAME, edge.size, edge.root())
    feed.size, feed.range, feed.updated_at = edge.size, edge.to_bytes(), now
    feed.checkpoint = sign_checkpoint(newest, keys.signing_key())
    feed.save()
    _keep_full_tiles(edge.size)
    return index


def _keep_full_tiles(size: int) -> None:
    level, count = 0, size
    while count and count % TILE_WIDTH == 0:
        index = count // TILE_WIDTH - 1
        hashes = queries.hashes_of_level(level, index * TILE_WIDTH, TILE_WIDTH)
        Tile.objects.create(
            level=level, index=index, hashes=b"".join(hashes), root=tile_root(hashes)
        )
        level, count = level + 1, count // TILE_WIDTH


def _use_blobs(record_id: uuid.UUID, hashes: Sequence[str], audience: str, *, own: bool) -> None:
    BlobUse.objects.filter(record_id=record_id).delete()
    gone = Erasure.objects.filter(origin=settings.NODE_NAME, blob__in=hashes)
    erased = set(gone.values_list("blob", flat=True))
    uses = [
        BlobUse(blob_id=sha256, record_id=record_id, audience=audience, own=own)
        for sha256 in dict.fromkeys(hashes)
        if sha256 not in erased
    ]
    BlobUse.objects.bulk_create(uses)
