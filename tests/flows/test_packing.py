"""Bundles made: read here by `zipfile`, `pyrage` and `chorsu.wire` alone, as a stranger would."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from chorsu.exchange import actions, blobs, keys, queries
from chorsu.exchange.sealing import MAGIC, unseal
from chorsu.flows.loading import NotPacked, Order
from chorsu.flows.packing import Packed, pack
from chorsu.kernel.ids import new_id
from chorsu.wire.bundle import Manifest, parse_manifest, tiles_carried
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, consistency_proof, leaf_hash, verify_consistency
from chorsu.wire.tiles import TILE_WIDTH, bundles_for, decode_bundle, hash_reader
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode

GIB = 2**30


@pytest.fixture
def astana(db: None, now: datetime) -> MemoryNode:
    """The peer the bundle is for, confirmed here."""
    node = MemoryNode("astana.chorsu.example")
    make_peer(node, now)
    return node


def append(
    now: datetime, words: bytes, files: tuple[bytes, ...] = (), audience: str = "public"
) -> str:
    hashes = [blobs.put(one, media_type="image/png", now=now) for one in files]
    record = new_id()
    again(record, now, words, hashes, audience)
    return record


def again(
    record: str, now: datetime, words: bytes, hashes: list[str], audience: str = "public"
) -> None:
    with transaction.atomic():
        actions.append(
            kind="practice",
            record_id=record,
            revision=1,
            action="publish",
            audience=audience,
            payload=words,
            now=now,
            files=hashes,
        )


def made(
    astana: MemoryNode, path: Path, now: datetime, *, since: int = 0, max_bytes: int = GIB
) -> Packed:
    order = Order(astana.name, astana.key.verify_key, since, max_bytes, now)
    return pack(order, path, lambda done, total: None)


def blobs_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        names = [name for name in file.namelist() if name.startswith("blob/")]
        return {name.removeprefix("blob/"): file.read(name) for name in names}


def verified(data: bytes) -> tuple[Manifest, list[Entry]]:
    """What a stranger with this node's key makes of a part; fails if anything does not hold."""
    key = keys.signing_key().verify_key
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        manifest = parse_manifest(file.read("manifest.json"))
        checkpoint = open_checkpoint(file.read("checkpoint"), key)
        assert manifest.size == checkpoint.size
        leaves: list[bytes] = []
        for place in bundles_for(manifest.since, manifest.size):
            leaves += decode_bundle(file.read(place.path), place.width)
        hash_at = hash_reader(checkpoint.size, lambda tile: file.read(tile.path))
        first = manifest.since // TILE_WIDTH * TILE_WIDTH
        if first == 0:
            edge = Range.empty().append_all(map(leaf_hash, leaves))
            assert edge.root() == checkpoint.root
        for old in {manifest.since, (manifest.since + manifest.size) // 2, manifest.size} - {0}:
            old_root = SEEN_ROOTS.get(old)
            if old_root:
                proof = consistency_proof(old, checkpoint.size, hash_at)
                verify_consistency(old, old_root, checkpoint.size, checkpoint.root, proof)
    for sha256, content in blobs_in(data).items():
        assert hashlib.sha256(content).hexdigest() == sha256
    entries = [parse_entry(leaf) for leaf in leaves[manifest.since - first :]]
    return manifest, [entry for entry in entries if isinstance(entry, Entry)]


SEEN_ROOTS: dict[int, bytes] = {}


def remember_root() -> None:
    note = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    SEEN_ROOTS[note.size] = note.root


def test_a_public_bundle_is_a_plain_zip_that_proves_itself(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"one":1}', (b"a map", b"a plan"))
    append(now, b'{"two":2}')
    packed = made(astana, tmp_path / "stick.zip", now)
    assert [path.name for path in packed.files] == ["stick.zip"]
    data = packed.files[0].read_bytes()
    manifest, entries = verified(data)
    assert (manifest.origin, manifest.recipient) == ("hub.chorsu.example", astana.name)
    assert (manifest.since, manifest.size, manifest.part) == (0, 2, 1)
    assert sorted(blobs_in(data).values()) == [b"a map", b"a plan", b'{"one":1}', b'{"two":2}']
    assert [entry.blob in blobs_in(data) for entry in entries] == [True, True]
    assert packed.sealed is False


def test_only_what_still_holds_is_carried(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    record = append(now, b'{"first":1}', (b"old map",))
    again(record, now, b'{"second":2}', [])
    data = made(astana, tmp_path / "stick.zip", now).files[0].read_bytes()
    assert list(blobs_in(data).values()) == [b'{"second":2}']
    assert len(verified(data)[1]) == 2


def test_records_for_the_network_travel_encrypted_to_the_peer(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"public":1}')
    append(now, b'{"network":1}', (b"inner map",), audience="network")
    packed = made(astana, tmp_path / "stick.zip", now)
    assert [path.name for path in packed.files] == ["stick.zip.age"]
    data = packed.files[0].read_bytes()
    assert data.startswith(MAGIC)
    assert b"network" not in data
    opened = io.BytesIO()
    assert unseal(io.BytesIO(data), opened, astana.key) is True
    verified(opened.getvalue())
    assert len(blobs_in(opened.getvalue())) == 3


def test_a_node_not_confirmed_gets_no_record_for_the_network(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"public":1}')
    append(now, b'{"network":1}', (b"inner map",), audience="network")
    actions.refuse_peer(name=astana.name)
    packed = made(astana, tmp_path / "stick.zip", now)
    assert (packed.sealed, packed.files[0].name) == (False, "stick.zip")
    assert list(blobs_in(packed.files[0].read_bytes()).values()) == [b'{"public":1}']


@pytest.mark.parametrize("audience", ["public", "network"])
def test_split_into_parts_none_larger_than_asked_and_each_of_use_alone(
    astana: MemoryNode, tmp_path: Path, now: datetime, audience: str
) -> None:
    wanted = {}
    for number in range(12):
        files = tuple(bytes([number, n]) * 9000 for n in range(number % 4))
        append(now, b'{"n":%d}' % number, files, audience)
        wanted[b'{"n":%d}' % number] = set(files)
    packed = made(astana, tmp_path / "stick.zip", now, max_bytes=60_000)
    assert len(packed.files) > 4
    assert [path.stat().st_size <= 60_000 for path in packed.files] == [True] * len(packed.files)
    came: dict[str, bytes] = {}
    for number, path in enumerate(packed.files, 1):
        data = path.read_bytes()
        if audience == "network":
            opened = io.BytesIO()
            assert unseal(io.BytesIO(data), opened, astana.key)
            data = opened.getvalue()
        manifest, entries = verified(data)
        assert (manifest.part, len(entries)) == (number, 12)
        assert [one.name for one in manifest.parts] == [one.name for one in packed.files]
        here = blobs_in(data)
        line = manifest.parts[number - 1]
        words = [entry.blob for entry in entries[line.start : line.end]]
        assert [one in here for one in words] == [True] * len(words)
        came |= here
    everything = {*wanted, *(file for files in wanted.values() for file in files)}
    assert set(came.values()) == everything
    assert (packed.left_out, packed.lost) == ([], [])


def test_a_file_larger_than_a_part_is_left_out_by_name(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"one":1}', (bytes(50_000), b"small"))
    packed = made(astana, tmp_path / "stick.zip", now, max_bytes=20_000)
    assert packed.left_out == [hashlib.sha256(bytes(50_000)).hexdigest()]
    data = packed.files[0].read_bytes()
    assert sorted(blobs_in(data).values()) == [b"small", b'{"one":1}']


def test_parts_smaller_than_the_log_alone_are_refused(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"one":1}')
    with pytest.raises(NotPacked) as caught:
        made(astana, tmp_path / "stick.zip", now, max_bytes=2000)
    assert caught.value.code == "bundle-size"
    assert list(tmp_path.iterdir()) == []


def test_a_blob_spoilt_on_this_disk_is_named_and_not_carried(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"one":1}', (b"a map",))
    digest = hashlib.sha256(b"a map").hexdigest()
    blobs.blob_path(digest).write_bytes(b"a mop")
    try:
        packed = made(astana, tmp_path / "stick.zip", now)
    finally:
        blobs.blob_path(digest).unlink()
    assert packed.lost == [digest]
    assert list(blobs_in(packed.files[0].read_bytes()).values()) == [b'{"one":1}']


def test_from_an_entry_on_with_the_tiles_that_prove_the_step(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    SEEN_ROOTS.clear()
    for number in range(600):
        append(now, b'{"n":%d}' % number)
        if number + 1 in (520, 560, 600):
            remember_root()
    data = made(astana, tmp_path / "stick.zip", now, since=520).files[0].read_bytes()
    manifest, entries = verified(data)
    assert (manifest.since, len(entries), len(blobs_in(data))) == (520, 80, 80)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        tiles = [name for name in file.namelist() if name.startswith("tile/")]
    assert tiles == [tile.path for tile in tiles_carried(520, 600)]
    assert tiles == ["tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"]


def test_since_beyond_the_end_is_refused(astana: MemoryNode, tmp_path: Path, now: datetime) -> None:
    append(now, b'{"one":1}')
    with pytest.raises(NotPacked) as caught:
        made(astana, tmp_path / "stick.zip", now, since=2)
    assert caught.value.code == "bundle-since"


def test_an_empty_log_makes_a_bundle_that_says_so(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    data = made(astana, tmp_path / "stick.zip", now).files[0].read_bytes()
    manifest, entries = verified(data)
    assert (manifest.size, entries) == (0, [])


def test_a_cut_export_leaves_nothing_that_looks_finished(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"one":1}', (bytes(1_000_000),))

    def stop(done: int, total: int) -> None:
        if done > 500_000:
            raise OSError(28, "No space left on device")

    order = Order(astana.name, astana.key.verify_key, 0, GIB, now)
    with pytest.raises(OSError, match="No space"):
        pack(order, tmp_path / "stick.zip", stop)
    assert list(tmp_path.iterdir()) == []


def test_the_key_of_another_opens_nothing(
    astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    append(now, b'{"network":1}', audience="network")
    data = made(astana, tmp_path / "stick.zip", now).files[0].read_bytes()
    with pytest.raises(Exception, match="No matching keys"):
        unseal(io.BytesIO(data), io.BytesIO(), SigningKey.generate(astana.name))
