"""Proofs of inclusion and consistency against a slow, plain reading of RFC 6962, section 2.1."""

from __future__ import annotations

import hashlib

from chorsu.wire.errors import WireError
from chorsu.wire.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.fuzz.target import Target

LEAVES = [leaf_hash(bytes([number])) for number in range(40)]
_HEADER = 4


def tree_targets() -> list[Target]:
    """Both kinds of proof: `old or index, size, kept length, edits`, then changed hashes."""
    seeds = [bytes([index, size, 0, 0]) for index, size in ((0, 1), (3, 5), (7, 8), (20, 33))]
    return [
        Target("inclusion", "bytes", seeds, _inclusion),
        Target("consistency", "bytes", seeds, _consistency),
    ]


def _inclusion(data: bytes) -> None:
    index, size, edits = _case(data)
    if not size:
        return
    honest = _path(index % size, LEAVES[:size])
    proof = _edited(honest, edits)
    claimed, claimed_size, leaf = index % size, size, LEAVES[index % size]
    if edits[:1] == b"\x01":
        claimed = edits[-1]
    elif edits[:1] == b"\x02":
        claimed_size = edits[-1]
    elif edits[:1] == b"\x03":
        leaf = LEAVES[edits[-1] % len(LEAVES)]
    try:
        verify_inclusion(leaf, claimed, claimed_size, proof, _root(LEAVES[:size]))
    except WireError:
        assert (proof, claimed, claimed_size, leaf) != (
            honest,
            index % size,
            size,
            LEAVES[index % size],
        ), "an honest proof was refused"
        return
    # Another size may have the same path to the same place: the root is what is signed with it.
    assert leaf == LEAVES[index % size]
    assert proof == honest
    assert claimed_size != size or claimed == index % size


def _consistency(data: bytes) -> None:
    old, size, edits = _case(data)
    old = min(old, size)
    honest = [] if old in (0, size) else _steps(old, LEAVES[:size], whole=True)
    proof = _edited(honest, edits)
    roots = [_root(LEAVES[:old]), _root(LEAVES[:size])]
    wrong = edits[:1] in (b"\x01", b"\x02") and roots[edits[0] - 1] != LEAVES[0]
    if wrong:
        roots[edits[0] - 1] = LEAVES[0]
    try:
        verify_consistency(old, roots[0], size, roots[1], proof)
    except WireError:
        assert wrong or proof != honest, "an honest proof was refused"
        return
    # From nothing everything is a growth, so the new root is not looked at.
    assert proof == honest
    assert not wrong or (old == 0 and edits[:1] == b"\x02" and size)


def _case(data: bytes) -> tuple[int, int, bytes]:
    padded = data.ljust(_HEADER, b"\0")
    return padded[0] % 41, padded[1] % 41, data[2:]


def _edited(honest: list[bytes], edits: bytes) -> list[bytes]:
    """The proof with a hash changed, dropped, doubled or swapped by each three bytes of `edits`."""
    proof = list(honest)
    for at in range(2, len(edits) - 2, 3):
        how, place, value = edits[at : at + 3]
        place %= len(proof) + 1
        if how % 4 == 0 and place < len(proof):
            proof[place] = bytes([proof[place][0] ^ value]) + proof[place][1:]
        elif how % 4 == 1:
            del proof[place : place + 1]
        elif how % 4 == 2:
            proof.insert(place, LEAVES[value % len(LEAVES)])
        elif place + 1 < len(proof):
            proof[place], proof[place + 1] = proof[place + 1], proof[place]
    return proof


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = _half(len(leaves))
    return hashlib.sha256(b"\x01" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*_path(index, leaves[:half]), _root(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _root(leaves[:half])]


def _steps(old: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [_root(leaves)]
    half = _half(len(leaves))
    if old <= half:
        return [*_steps(old, leaves[:half], whole=whole), _root(leaves[half:])]
    return [*_steps(old - half, leaves[half:], whole=False), _root(leaves[:half])]


def _half(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half
