"""Proofs of own and peers' entries, and what this node says of a file."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, keys, proofs, queries
from chorsu.exchange.models import Peer, PeerEntry, PeerTile
from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import blob_hash, canonical_json
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import EMPTY_ROOT, Range, leaf_hash
from chorsu.wire.saved import parse_saved, verify_saved
from chorsu.wire.tiles import tile_hashes
from tests.memory_node import MemoryNode
from tests.vectors.proofs import saved

pytestmark = pytest.mark.django_db


def publish(record: str, now: datetime, revision: int = 1, action: str = "publish") -> int:
    payload = canonical_json({"kind": "practice", "id": record, "revision": revision})
    with transaction.atomic():
        return actions.append(
            kind="practice", record_id=record, revision=revision, action=action,
            audience="public", payload=payload, now=now,
        )  # fmt: skip


def file_of(record: str, revision: int | None = None) -> bytes:
    return proofs.save(proofs.publication(uuid.UUID(record), revision))


@pytest.fixture
def beijing(now: datetime) -> MemoryNode:
    node = MemoryNode("beijing.chorsu.example", now=lambda: now)
    actions.add_peer(document=node.document(), now=now)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    return node


def store(node: MemoryNode, now: datetime, upto: int | None = None) -> None:
    """Keep what the node published, up to a size, under its newest checkpoint; all accepted."""
    start = queries.peer(node.name).verified_size
    leaves = node.leaves[start:upto]
    edge = Range.empty().append_all(map(leaf_hash, node.leaves[:upto]))
    actions.store_verified(
        peer_name=node.name, start=start, leaves=leaves, edge=edge,
        note=node.honest_checkpoint_note(), software="test", now=now,
    )  # fmt: skip
    PeerEntry.objects.update(state=PeerEntry.State.ACCEPTED)


def published(node: MemoryNode, now: datetime, revision: int = 1, record: str = "") -> Entry:
    record = record or new_id()
    payload = canonical_json({"kind": "practice", "id": record, "revision": revision})
    blobs.put(payload, media_type="application/json", now=now)
    return node.publish("practice", record, revision, payload)


@pytest.mark.parametrize("count", [1, 3, 257])
def test_every_own_entry_is_proven_offline(now: datetime, count: int) -> None:
    records = [new_id() for _ in range(count)]
    for record in records:
        publish(record, now)
    for index in {0, count // 2, count - 1}:
        verdict = verify_saved(file_of(records[index]), [keys.signing_key().verify_key])
        assert (verdict.index, verdict.entry.id) == (index, records[index])
        assert (verdict.origin, verdict.checkpoint.size) == (settings.NODE_NAME, count)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700])
@pytest.mark.parametrize("tiles", ["kept", "lost"])
def test_every_entry_of_a_peer_is_proven_by_its_own_log(
    beijing: MemoryNode, now: datetime, count: int, tiles: str
) -> None:
    entries = [published(beijing, now) for _ in range(count)]
    store(beijing, now, upto=count // 2)
    store(beijing, now)
    if tiles == "lost":
        PeerTile.objects.all().delete()
    for index in {0, count // 3, count // 2, count - 1}:
        verdict = verify_saved(file_of(entries[index].id), [beijing.key.verify_key])
        assert (verdict.index, verdict.entry, verdict.origin) == (
            index,
            entries[index],
            beijing.name,
        )


def test_cosignatures_of_the_checkpoint_travel_with_the_keys_of_who_made_them(
    beijing: MemoryNode, now: datetime
) -> None:
    entry = published(beijing, now)
    store(beijing, now)
    stranger = MemoryNode("tashkent.chorsu.example").key
    note = cosign(cosign(beijing.honest_checkpoint_note(), stranger, now), keys.signing_key(), now)
    Peer.objects.update(checkpoint=note)
    file = file_of(entry.id)
    own = keys.signing_key().verify_key
    assert parse_saved(file).keys == (beijing.key.verify_key, own)
    verdict = verify_saved(file, [beijing.key.verify_key, own])
    assert [one.witness for one in verdict.witnesses] == [settings.NODE_NAME]
    assert (verdict.seen_at, verdict.strangers) == (now, 1)


def test_full_tiles_of_a_peer_are_kept_as_its_log_serves_them(
    beijing: MemoryNode, now: datetime
) -> None:
    for _ in range(600):
        published(beijing, now)
    for size in (100, 300, 600):
        store(beijing, now, upto=size)
    expected = {
        (tile.level, tile.index): data
        for tile, data in tile_hashes([leaf_hash(leaf) for leaf in beijing.leaves]).items()
        if tile.width == 256
    }
    rows = PeerTile.objects.values_list("level", "index", "hashes")
    assert {(level, index): bytes(data) for level, index, data in rows} == expected


def test_a_proof_reads_few_rows_however_long_the_log(
    beijing: MemoryNode, now: datetime, django_assert_max_num_queries: object
) -> None:
    entry = published(beijing, now)
    for _ in range(256 * 20 + 100):
        beijing.append_raw(entry.to_bytes())
    store(beijing, now)
    PeerEntry.objects.exclude(index=0).update(record_id=uuid.UUID(new_id()))
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        file_of(entry.id)


def test_while_a_first_copy_is_under_way_there_is_no_proof_yet(
    beijing: MemoryNode, now: datetime
) -> None:
    entry = published(beijing, now)
    published(beijing, now)
    store(beijing, now, upto=1)
    with pytest.raises(queries.NotThere):
        file_of(entry.id)
    store(beijing, now)
    assert verify_saved(file_of(entry.id), [beijing.key.verify_key]).index == 0


def test_without_its_blob_there_is_no_file(now: datetime) -> None:
    record = new_id()
    publish(record, now)
    blobs.blob_path(proofs.publication(uuid.UUID(record)).blob).unlink()
    with pytest.raises(queries.NotThere):
        file_of(record)


def test_a_record_nobody_published_and_one_of_a_forgotten_peer_have_no_proof(
    beijing: MemoryNode, now: datetime
) -> None:
    with pytest.raises(queries.NotThere):
        file_of(new_id())
    entry = published(beijing, now)
    store(beijing, now)
    actions.forget_peer(name=beijing.name)
    with pytest.raises(queries.NotThere):
        file_of(entry.id)


def test_each_revision_has_its_own_proof(now: datetime) -> None:
    record = new_id()
    for revision in (1, 2):
        publish(record, now, revision)
    own = [keys.signing_key().verify_key]
    assert [verify_saved(file_of(record, one), own).index for one in (1, 2, None)] == [0, 1, 1]
    with pytest.raises(queries.NotThere):
        file_of(record, 3)


def test_what_came_since_is_told(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    publish(record, now)
    first = file_of(record)
    assert proofs.check(first).since is None
    publish(record, now)
    since = proofs.check(first).since
    assert since
    assert (since.change, since.revision) == ("again", 1)
    publish(record, now, 2)
    since = proofs.check(first).since
    assert since
    assert (since.change, since.revision) == ("replaced", 2)
    publish(record, now, 2, "withdraw")
    since = proofs.check(first).since
    assert since
    assert since.change == "withdrawn"
    theirs = published(beijing, now)
    store(beijing, now)
    second = file_of(theirs.id)
    assert proofs.check(second).followed
    assert proofs.check(second).since is None
    beijing.withdraw(theirs.id)
    store(beijing, now)
    since = proofs.check(second).since
    assert since
    assert since.change == "withdrawn"


def test_a_log_that_shows_another_entry_there_is_found_out(
    beijing: MemoryNode, now: datetime
) -> None:
    shown_to_us = published(beijing, now)
    store(beijing, now)
    file = file_of(shown_to_us.id)
    beijing.leaves.clear()
    published(beijing, now)
    row = Peer.objects.get()
    PeerEntry.objects.update(leaf=beijing.leaves[0])
    checked = proofs.check(file)
    assert (checked.followed, checked.contradicted, row.name) == (False, True, beijing.name)
    assert checked.since is None


def test_a_peer_set_aside_is_named_and_its_key_still_known(
    beijing: MemoryNode, now: datetime
) -> None:
    entry = published(beijing, now)
    store(beijing, now)
    file = file_of(entry.id)
    assert not proofs.check(file).set_aside
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    checked = proofs.check(file)
    assert (checked.set_aside, checked.verdict.trusted) == (True, True)


def test_the_key_of_a_node_that_only_asks_is_not_known(beijing: MemoryNode, now: datetime) -> None:
    entry = published(beijing, now)
    store(beijing, now)
    file = file_of(entry.id)
    Peer.objects.update(state=Peer.State.ASKED_US)
    assert not proofs.check(file).verdict.trusted


def test_a_file_of_another_network_is_whole_and_unknown() -> None:
    checked = proofs.check(saved().to_bytes())
    assert (checked.verdict.trusted, checked.followed) == (False, False)


def test_a_changed_file_is_refused(now: datetime) -> None:
    record = new_id()
    publish(record, now)
    with pytest.raises(WireError):
        proofs.check(file_of(record).replace(b'"revision":1', b'"revision":2', 1))


def test_checkpoint_of_an_empty_log_covers_nothing(beijing: MemoryNode, now: datetime) -> None:
    entry = published(beijing, now)
    store(beijing, now)
    empty = sign_checkpoint(Checkpoint(beijing.name, 0, EMPTY_ROOT), beijing.key)
    Peer.objects.update(checkpoint=empty)
    with pytest.raises(queries.NotThere):
        file_of(entry.id)
    assert blob_hash(b"") != entry.blob
