from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range, inclusion_proof, leaf_hash, verify_inclusion
from chorsu.wire.tiles import (
    ENTRIES,
    Tile,
    bundles_for,
    decode_bundle,
    encode_bundle,
    entries_path,
    hash_reader,
    parse_tile_path,
    tile_hashes,
    tile_path,
    tiles_for,
)
from tests.wire.refusal import refusal

LEAVES = [leaf_hash(str(number).encode()) for number in range(700)]


def test_paths_are_those_of_tlog_tiles() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 17) == "tile/1/000.p/17"
    assert entries_path(1000, 1) == "tile/entries/x001/000.p/1"


@given(st.integers(ENTRIES, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_a_path_reads_back(level: int, index: int, width: int) -> None:
    assert parse_tile_path(Tile(level, index, width).path) == Tile(level, index, width)


@pytest.mark.parametrize("place", [(64, 0, 1), (-2, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_no_tile_has_such_a_place(place: tuple[int, int, int]) -> None:
    with pytest.raises(WireError) as caught:
        tile_path(*place)
    assert caught.value.code == "tile-path"


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_for(70_000))
    assert Counter((tile.level, tile.width == 256) for tile in tiles) == {
        (0, True): 273,
        (0, False): 1,
        (1, True): 1,
        (1, False): 1,
        (2, False): 1,
    }
    partial = {(tile.level, tile.index): tile.width for tile in tiles if tile.width < 256}
    assert partial == {(0, 273): 112, (1, 1): 17, (2, 0): 1}


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, []),
        (1, ["tile/0/000.p/1"]),
        (255, ["tile/0/000.p/255"]),
        (256, ["tile/0/000", "tile/1/000.p/1"]),
        (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
    ],
)
def test_small_trees_have_these_tiles(size: int, paths: list[str]) -> None:
    assert [tile.path for tile in tiles_for(size)] == paths


@pytest.mark.parametrize(
    ("start", "end", "paths"),
    [
        (0, 0, []),
        (3, 3, []),
        (256, 256, []),
        (0, 3, ["tile/entries/000.p/3"]),
        (2, 256, ["tile/entries/000"]),
        (256, 257, ["tile/entries/001.p/1"]),
        (255, 513, ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/1"]),
    ],
)
def test_bundles_between_two_sizes(start: int, end: int, paths: list[str]) -> None:
    assert [tile.path for tile in bundles_for(start, end)] == paths


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 700])
def test_the_tiles_of_a_tree_are_all_there(size: int) -> None:
    tiles = tile_hashes(LEAVES[:size])
    assert list(tiles) == list(tiles_for(size))
    assert all(len(data) == 32 * tile.width for tile, data in tiles.items())


@pytest.mark.parametrize("size", [1, 256, 257, 700])
def test_proofs_are_made_of_tiles_alone(size: int) -> None:
    tiles = tile_hashes(LEAVES[:size])
    root = Range.empty().append_all(LEAVES[:size]).root()
    hash_at = hash_reader(size, tiles.__getitem__)
    for index in {0, size // 2, size - 1}:
        verify_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, hash_at), root)


def test_a_cut_tile_makes_no_proof() -> None:
    tiles = tile_hashes(LEAVES)
    hash_at = hash_reader(700, lambda tile: tiles[tile][:-1])
    with pytest.raises(WireError) as caught:
        inclusion_proof(0, 700, hash_at)
    assert caught.value.code == "proof-invalid"


entries = st.lists(st.binary(max_size=300), max_size=256)


@given(entries)
def test_a_bundle_reads_back(parts: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(parts), len(parts)) == parts


@given(st.binary(max_size=400), st.integers(0, 256))
def test_any_bytes_are_a_bundle_or_refused_as_one(data: bytes, count: int) -> None:
    code = refusal(lambda: decode_bundle(data, count))
    assert code == "bundle-malformed" or encode_bundle(decode_bundle(data, count)) == data


@pytest.mark.parametrize("parts", [[b""] * 257, [bytes(65536)]])
def test_what_does_not_fit_is_not_bundled(parts: list[bytes]) -> None:
    with pytest.raises(WireError) as caught:
        encode_bundle(parts)
    assert caught.value.code == "bundle-malformed"


def test_an_incomplete_subtree_is_a_fault_of_the_caller() -> None:
    tiles = tile_hashes(LEAVES[:3])
    with pytest.raises(ValueError, match="not complete"):
        hash_reader(3, tiles.__getitem__)(1, 1)
