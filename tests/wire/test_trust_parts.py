"""Rule 9 of trust: a long step taken in parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chorsu.wire.checkpoint import Checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range, consistency_proof, leaf_hash, subtree_root
from chorsu.wire.tiles import Tile, hash_reader, tile_hashes
from chorsu.wire.trust import advance_part, check_growth

LEAVES = [b"leaf %d" % number for number in range(700)]
TILES = tile_hashes([leaf_hash(leaf) for leaf in LEAVES])
HASH_AT = hash_reader(700, lambda place: TILES[Tile(place.level, place.index, place.width)])
OFFERED = Checkpoint("a.example", 700, subtree_root(0, 700, HASH_AT))


def held(size: int) -> Range:
    return Range.empty().append_all(leaf_hash(leaf) for leaf in LEAVES[:size])


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 256), (256, 512), (3, 699), (0, 700)])
def test_a_part_of_the_offer_is_accepted(start: int, end: int) -> None:
    proof = consistency_proof(end, 700, HASH_AT)
    assert advance_part(held(start), OFFERED, LEAVES[start:end], proof) == held(end)


def test_a_part_with_a_changed_leaf() -> None:
    leaves = [*LEAVES[:99], b"forged"]
    with pytest.raises(WireError) as caught:
        advance_part(held(0), OFFERED, leaves, consistency_proof(100, 700, HASH_AT))
    assert caught.value.code == "proof-invalid"


def test_a_part_after_a_past_that_was_another() -> None:
    other = Range.empty().append_all(leaf_hash(b"other") for _ in range(256))
    proof = consistency_proof(512, 700, HASH_AT)
    with pytest.raises(WireError) as caught:
        advance_part(other, OFFERED, LEAVES[256:512], proof)
    assert caught.value.code == "proof-invalid"


def test_growth_from_a_note_accepted_before() -> None:
    newest = Checkpoint("a.example", 300, held(300).root())
    check_growth(newest, OFFERED, consistency_proof(300, 700, HASH_AT))


@pytest.mark.parametrize(
    ("newest", "code"),
    [
        (replace(OFFERED, size=701), "rolled-back"),
        (replace(OFFERED, root=bytes(32)), "fork"),
        (Checkpoint("a.example", 300, bytes(32)), "proof-invalid"),
    ],
)
def test_growth_that_is_none(newest: Checkpoint, code: str) -> None:
    proof = consistency_proof(300, 700, HASH_AT) if newest.size == 300 else []
    with pytest.raises(WireError) as caught:
        check_growth(newest, OFFERED, proof)
    assert caught.value.code == code
