"""The node's own feed: what append promises its callers and its peers."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, keys, queries
from chorsu.exchange.models import FeedEntry
from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.envelope import blob_hash
from chorsu.wire.merkle import Range, inclusion_proof, leaf_hash, verify_inclusion
from chorsu.wire.tiles import ENTRIES, Tile, decode_bundle, hash_reader, tile_hashes

pytestmark = pytest.mark.django_db


def publish(now: datetime, *, record_id: str | None = None, payload: bytes = b"{}") -> int:
    with transaction.atomic():
        return actions.append(
            kind="practice",
            record_id=record_id or new_id(),
            revision=1,
            action="publish",
            audience="public",
            payload=payload,
            now=now,
        )


def test_indexes_count_from_zero_and_the_checkpoint_signs_every_leaf(now: datetime) -> None:
    assert [publish(now) for _ in range(3)] == [0, 1, 2]
    leaves = decode_bundle(queries.bundle_bytes(0, 3), 3)
    edge = Range.empty().append_all(leaf_hash(leaf) for leaf in leaves)
    signed = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    assert (signed.origin, signed.size, signed.root) == (settings.NODE_NAME, 3, edge.root())


def test_an_empty_feed_signs_size_zero() -> None:
    signed = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    assert signed.size == 0


def test_the_leaf_names_the_blob_and_nothing_of_its_words(now: datetime) -> None:
    payload = '{"title":"Сельские советы"}'.encode()
    publish(now, payload=payload)
    entry = parse_entry(decode_bundle(queries.bundle_bytes(0, 1), 1)[0])
    assert isinstance(entry, Entry)
    assert (entry.blob, entry.size) == (blob_hash(payload), len(payload))
    assert blobs.read(blob_hash(payload)) == payload


def test_a_rolled_back_transaction_leaves_no_entry(now: datetime) -> None:
    publish(now)
    with transaction.atomic():
        publish(now)
        transaction.set_rollback(True)
    assert queries.feed_size() == 1
    assert FeedEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_append_outside_a_transaction_is_refused(now: datetime) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        actions.append(
            kind="practice",
            record_id=new_id(),
            revision=1,
            action="publish",
            audience="public",
            payload=b"{}",
            now=now,
        )
    assert queries.feed_size() == 0


def test_publishing_a_revision_again_counts_supplements(now: datetime) -> None:
    record = new_id()
    for _ in range(3):
        publish(now, record_id=record)
    leaves = decode_bundle(queries.bundle_bytes(0, 3), 3)
    entries = [parse_entry(leaf) for leaf in leaves]
    assert [one.supplement for one in entries if isinstance(one, Entry)] == [0, 1, 2]


def test_tiles_are_those_of_the_tree_full_and_partial(now: datetime) -> None:
    for _ in range(259):
        publish(now)
    leaves = decode_bundle(queries.bundle_bytes(0, 256), 256)
    leaves += decode_bundle(queries.bundle_bytes(1, 3), 3)
    for place, content in tile_hashes([leaf_hash(leaf) for leaf in leaves]).items():
        assert queries.tile_bytes(place) == content, place
    assert queries.tile_bytes(Tile(0, 0, 200)) == queries.tile_bytes(Tile(0, 0))[: 200 * 32]
    signed = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    proof = inclusion_proof(7, 259, hash_reader(259, queries.tile_bytes))
    verify_inclusion(leaf_hash(leaves[7]), 7, 259, proof, signed.root)


@pytest.mark.parametrize(
    "place", [Tile(0, 0, 3), Tile(0, 0), Tile(1, 0, 1), Tile(63, 0, 1), Tile(ENTRIES, 0, 3)]
)
def test_what_the_feed_has_not_reached_is_not_there(now: datetime, place: Tile) -> None:
    publish(now)
    publish(now)
    with pytest.raises(queries.NotThere):
        queries.tile_bytes(place)
