"""Long logs of small entries, made in a moment: at the node that publishes, at the one that reads.

Every leaf is a valid entry, every tile, range and checkpoint is what publishing and pulling would
have left; of the records there are no rows, for a log costs the same whatever its entries name.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from chorsu.exchange import keys
from chorsu.exchange.actions.feed import _keep_full_tiles
from chorsu.exchange.actions.tiles import keep_peer_tiles
from chorsu.exchange.client import PeerClient
from chorsu.exchange.models import Feed, Peer, PeerEntry
from chorsu.flows.looking import PREFIX
from chorsu.flows.sampling import BEGINNING
from chorsu.kernel.clock import format_time
from chorsu.practices.wire import KIND
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import PUBLIC, PUBLISH, Entry
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.tiles import TILE_WIDTH

SIZE = 4096
_LEAF = (
    '{"action":"publish","audience":"public","blob":"%s","format":1,"id":"%s","kind":"practice",'
    '"revision":1,"size":4096,"time":"%s"}'
)


def small_entry(index: int) -> Entry:
    """The entry at this place of a made log: the same at both nodes."""
    record_id, at, blob = _said(index)
    return Entry(KIND, str(record_id), 1, PUBLISH, PUBLIC, at, blob, SIZE)


def _said(index: int) -> tuple[uuid.UUID, datetime, str]:
    blob = hashlib.sha256(b"bench %d" % index).hexdigest()
    # Version 7 and the variant of RFC 9562, as every id here.
    record_id = uuid.UUID(f"{blob[:12]}7{blob[13:16]}8{blob[17:32]}")
    return record_id, BEGINNING + timedelta(seconds=index), blob


def _entries(start: int, end: int) -> Iterator[tuple[int, bytes, uuid.UUID, datetime, str]]:
    """Index, leaf, id, time and blob. A pattern prints: canonical JSON takes 20 times as long."""
    for index in range(start, end):
        record_id, at, blob = _said(index)
        yield index, (_LEAF % (blob, record_id, format_time(at))).encode(), record_id, at, blob


@transaction.atomic
def grow_own(*, size: int) -> int:
    """Have the node's own log hold `size` entries; returns how many were added."""
    Feed.objects.get_or_create(id=1)
    feed = Feed.objects.select_for_update().get(id=1)
    edge = Range.from_bytes(bytes(feed.range)) if feed.range else Range.empty()
    start, hashes = feed.size, []
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY exchange_feedentry (index, leaf, leaf_hash, kind, record_id, revision, action,"
            " audience, at, blob) FROM STDIN"
        ) as rows,
    ):
        for index, leaf, record_id, at, blob in _entries(start, size):
            hashes.append(leaf_hash(leaf))
            row = (index, leaf, hashes[-1], KIND, record_id, 1, PUBLISH, PUBLIC, at, blob)
            rows.write_row(row)
    edge = edge.append_all(hashes)
    for full in range(start // TILE_WIDTH + 1, size // TILE_WIDTH + 1):
        _keep_full_tiles(full * TILE_WIDTH)
    newest = Checkpoint(settings.NODE_NAME, edge.size, edge.root())
    feed.size, feed.range = edge.size, edge.to_bytes()
    feed.updated_at = BEGINNING + timedelta(seconds=size)
    feed.checkpoint = sign_checkpoint(newest, keys.signing_key())
    feed.save()
    return size - start


@transaction.atomic
def grow_read(*, address: str) -> int:
    """Have the log of the peer at `address`, which has grown so, here as read to its end.

    Believed as any look believes it: the leaves must lead to the root that the peer signs.
    """
    peer = Peer.objects.select_for_update().get(address=address)
    key = VerifyKey.parse(peer.vkey)
    with PeerClient(address, key=keys.signing_key()) as client:
        note = client.get(f"{PREFIX}checkpoint", max_bytes=MAX_NOTE_BYTES)
    edge = Range.from_bytes(bytes(peer.verified_range)) if peer.verified_range else Range.empty()
    start, hashes = edge.size, []
    size = trust.check_offer(None, Range.empty(), note, key).size
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY exchange_peerentry (peer_id, index, leaf, kind, record_id, revision, action,"
            " audience, at, blob, size, state, reason, reason_detail, judged_by, tries, arrived_at)"
            " FROM STDIN"
        ) as rows,
    ):
        for index, leaf, record_id, at, blob in _entries(start, size):
            hashes.append(leaf_hash(leaf))
            said = (peer.pk, index, leaf, KIND, record_id, 1, PUBLISH, PUBLIC, at, blob, SIZE)
            rows.write_row((*said, PeerEntry.State.ACCEPTED.value, "", "", "", 0, at))
    edge = edge.append_all(hashes)
    if edge.root() != trust.check_offer(None, Range.empty(), note, key).root:
        raise ValueError(f"the made log of {address} is another than the one made here")
    keep_peer_tiles(peer, size)
    peer.verified_size, peer.verified_range, peer.checkpoint = size, edge.to_bytes(), note
    peer.checkpoint_at, peer.offered_size = BEGINNING + timedelta(seconds=size), size
    peer.save()
    return size - start


def settle() -> None:
    """Let the planner know what has come, as autovacuum does before long."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
