from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.errors import WireError
from chorsu.wire.merkle import (
    EMPTY_ROOT,
    Range,
    consistency_proof,
    extend,
    inclusion_proof,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

# The leaves and roots that implementations of RFC 6962 test each other with.
KNOWN_LEAVES = [
    bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
] + [bytes(range(0x60, 0x70))]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]


def edge_of(size: int) -> Range:
    return Range.empty().append_all(LEAVES[:size])


def hash_at(leaves: list[bytes], level: int, index: int) -> bytes:
    part = leaves[index << level : (index + 1) << level]
    assert len(part) == 1 << level
    return Range.empty().append_all(part).root()


AT = partial(hash_at, LEAVES)
sizes = st.integers(1, len(LEAVES))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_rfc_6962(size: int) -> None:
    edge = Range.empty().append_all(map(leaf_hash, KNOWN_LEAVES[:size]))
    assert edge.root().hex() == KNOWN_ROOTS[size]


def test_one_by_one_gives_the_same_range_as_all_at_once() -> None:
    edge = Range.empty()
    for size in range(len(LEAVES)):
        assert edge == edge_of(size)
        edge = edge.append(LEAVES[size])


@given(sizes)
def test_a_range_reads_back_from_its_bytes(size: int) -> None:
    assert Range.from_bytes(edge_of(size).to_bytes()) == edge_of(size)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(7),
        bytes(8) + bytes(32),
        edge_of(3).to_bytes()[:-1],
        edge_of(3).to_bytes()[:-32],
        edge_of(3).to_bytes() + bytes(32),
        b"\xff" * 8 + bytes(32 * 64),
    ],
)
def test_damaged_range_is_refused(data: bytes) -> None:
    with pytest.raises(WireError) as caught:
        Range.from_bytes(data)
    assert caught.value.code == "range-malformed"


def test_extending_to_the_signed_root_gives_the_range() -> None:
    assert extend(edge_of(5), LEAVES[5:9], edge_of(9).root()) == edge_of(9)


@pytest.mark.parametrize("leaves", [LEAVES[5:8], LEAVES[5:10], LEAVES[6:10], LEAVES[5:8][::-1]])
def test_other_leaves_do_not_extend_to_the_signed_root(leaves: list[bytes]) -> None:
    with pytest.raises(WireError) as caught:
        extend(edge_of(5), leaves, edge_of(9).root())
    assert caught.value.code == "root-mismatch"


@given(st.data(), sizes)
def test_every_leaf_is_proved_to_be_in(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, AT)
    verify_inclusion(LEAVES[index], index, size, proof, edge_of(size).root())


@given(st.data(), sizes)
def test_an_inclusion_proof_proves_nothing_else(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, AT), edge_of(size).root()
    lies = [
        (LEAVES[index], (index + 1) % size, size, proof, root) if size > 1 else None,
        (leaf_hash(b"another"), index, size, proof, root),
        (LEAVES[index], index, size, [*proof, root], root),
        (LEAVES[index], index, size, proof[:-1], root) if proof else None,
        (LEAVES[index], index, size, proof, leaf_hash(b"root")),
        (LEAVES[index], -1, size, proof, root),
        (LEAVES[index], size, size, proof, root),
        (LEAVES[index], index, size, [b"short", *proof[1:]], root) if proof else None,
    ]
    for lie in filter(None, lies):
        with pytest.raises(WireError) as caught:
            verify_inclusion(*lie)
        assert caught.value.code == "proof-invalid"


@given(sizes, sizes)
def test_growth_is_proved(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, AT)
    verify_consistency(old, edge_of(old).root(), new, edge_of(new).root(), proof)


@given(sizes, sizes)
def test_a_consistency_proof_proves_nothing_else(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = consistency_proof(old, new, AT)
    old_root, new_root, wrong = edge_of(old).root(), edge_of(new).root(), leaf_hash(b"wrong")
    lies = [
        (old, wrong, new, new_root, proof),
        (old, old_root, new, wrong, proof),
        (old, old_root, new, new_root, [*proof, wrong]),
        (old, old_root, new, new_root, proof[:-1]) if proof else None,
        (new, old_root, old, new_root, proof) if old != new else None,
    ]
    for lie in filter(None, lies):
        with pytest.raises(WireError) as caught:
            verify_consistency(*lie)
        assert caught.value.code == "proof-invalid"


def test_rewritten_history_has_no_consistency_proof() -> None:
    rewritten = [leaf_hash(b"rewritten"), *LEAVES[1:20]]
    new_root = Range.empty().append_all(rewritten).root()
    for proof in (
        consistency_proof(9, 20, AT),
        consistency_proof(9, 20, partial(hash_at, rewritten)),
    ):
        with pytest.raises(WireError):
            verify_consistency(9, edge_of(9).root(), 20, new_root, proof)


def test_everything_is_consistent_with_the_empty_tree() -> None:
    verify_consistency(0, EMPTY_ROOT, 9, edge_of(9).root(), [])
    with pytest.raises(WireError):
        verify_consistency(0, edge_of(9).root(), 9, edge_of(9).root(), [])


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = LEAVES[:2]
    assert node_hash(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, AT)


def test_no_proof_is_made_of_a_tree_that_shrank() -> None:
    with pytest.raises(ValueError, match="not a growth"):
        consistency_proof(4, 3, AT)


def test_a_hash_of_another_length_is_no_range() -> None:
    with pytest.raises(WireError) as caught:
        Range(1, (bytes(31),))
    assert caught.value.code == "range-malformed"


def test_an_empty_proof_of_growth_from_an_uneven_tree_is_refused() -> None:
    with pytest.raises(WireError) as caught:
        verify_consistency(3, edge_of(3).root(), 5, edge_of(5).root(), [])
    assert caught.value.code == "proof-invalid"


def test_a_range_of_a_hundred_thousand_leaves_stays_small() -> None:
    edge = Range.empty().append_all(LEAVES[number % 300] for number in range(100_000))
    assert (edge.size, len(edge.to_bytes())) == (100_000, 8 + 32 * (100_000).bit_count())
