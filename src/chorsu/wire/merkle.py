"""Merkle trees as in RFC 6962 section 2.1: hashes, the compact range, proofs.

Indexes and sizes count leaves. `HashAt(level, index)` gives the hash of the complete subtree of
2**level leaves that starts at leaf index * 2**level; it is asked for complete subtrees only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chorsu.wire.errors import WireError

HashAt: TypeAlias = Callable[[int, int], bytes]
HASH_BYTES = 32
MAX_TREE_SIZE = 2**63 - 1
MAX_RANGE_BYTES = 8 + 63 * HASH_BYTES
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00, data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01, left, right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Range:
    """The right edge of a tree: the roots of its complete subtrees, largest first.

    All that is needed to append and to know the root: at most 63 hashes. Immutable.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_TREE_SIZE or len(self.hashes) != self.size.bit_count():
            raise WireError("range-malformed", f"{len(self.hashes)} hashes for size {self.size}")
        if any(len(one) != HASH_BYTES for one in self.hashes):
            raise WireError("range-malformed", "a hash that is not 32 bytes long")

    @classmethod
    def empty(cls) -> Range:
        """The range of a tree without leaves."""
        return cls(0, ())

    @classmethod
    def from_bytes(cls, data: bytes) -> Range:
        """Read what `to_bytes` wrote; raises `range-malformed`."""
        body = data[8:]
        if not 8 <= len(data) <= MAX_RANGE_BYTES or len(body) % HASH_BYTES:
            raise WireError("range-malformed", f"{len(data)} bytes")
        parts = (body[start : start + HASH_BYTES] for start in range(0, len(body), HASH_BYTES))
        return cls(int.from_bytes(data[:8], "big"), tuple(parts))

    def to_bytes(self) -> bytes:
        """The size as big-endian uint64, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    def append(self, leaf: bytes) -> Range:
        """The range with one more leaf hash."""
        return self.append_all((leaf,))

    def append_all(self, leaves: Iterable[bytes]) -> Range:
        """The range with more leaf hashes, in order."""
        stack, size = list(self.hashes), self.size
        for leaf in leaves:
            # Each trailing one bit of the size is a complete subtree as large as what we carry.
            carried, ones = leaf, size
            while ones & 1:
                carried = node_hash(stack.pop(), carried)
                ones >>= 1
            stack.append(carried)
            size += 1
        return Range(size, tuple(stack))

    def root(self) -> bytes:
        """The Merkle tree hash; of no leaves, SHA-256 of nothing."""
        return _join(self.hashes) if self.hashes else EMPTY_ROOT


def extend(edge: Range, leaf_hashes: Iterable[bytes], expected_root: bytes) -> Range:
    """`edge` with leaves added; raises `root-mismatch` unless that gives `expected_root`."""
    grown = edge.append_all(leaf_hashes)
    if grown.root() != expected_root:
        raise WireError("root-mismatch", f"{grown.size} leaves do not give the signed root")
    return grown


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """The audit path of leaf `index` in a tree of `size` leaves, lowest sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            path.append(subtree_root(middle, end, hash_at))
            end = middle
        else:
            path.append(subtree_root(start, middle, hash_at))
            start = middle
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `proof-invalid` unless leaf hash `leaf` is at `index` of the tree with this root."""
    if not 0 <= index < size or any(len(one) != HASH_BYTES for one in proof):
        raise WireError("proof-invalid", f"index {index} in size {size}")
    position, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise WireError("proof-invalid", "longer than the tree is high")
        if position & 1 or position == last:
            current = node_hash(sibling, current)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        position, last = position >> 1, last >> 1
    if last or current != root:
        raise WireError("proof-invalid", "the leaf does not lead to the root")


def consistency_proof(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """Hashes that show the tree of `old` leaves to be a prefix of the tree of `new` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"not a growth: {old} to {new}")
    path: list[bytes] = []
    if old in (0, new):
        return path
    start, end, whole_old = 0, new, True
    while end != old:
        middle = start + _largest_power_below(end - start)
        if old <= middle:
            path.append(subtree_root(middle, end, hash_at))
            end = middle
        else:
            path.append(subtree_root(start, middle, hash_at))
            start, whole_old = middle, False
    if not whole_old:
        path.append(subtree_root(start, end, hash_at))
    return path[::-1]


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `proof-invalid` unless the proof shows that the new tree only added leaves."""
    if not 0 <= old <= new or any(len(one) != HASH_BYTES for one in proof):
        raise WireError("proof-invalid", f"sizes {old} to {new}")
    if old in (0, new):
        expected_old = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != expected_old:
            raise WireError("proof-invalid", "nothing to prove, or two roots for one size")
        return
    # As RFC 9162 section 2.1.4.2: fold the same path into both roots.
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise WireError("proof-invalid", "no hashes")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            raise WireError("proof-invalid", "longer than the tree is high")
        if position & 1 or position == last:
            first, second = node_hash(one, first), node_hash(one, second)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, one)
        position, last = position >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise WireError("proof-invalid", "the old tree is not a prefix of the new one")


def subtree_root(start: int, end: int, hash_at: HashAt) -> bytes:
    """Merkle tree hash of leaves start..end, where start is a place RFC 6962 splits at."""
    hashes: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(hash_at(level, start >> level))
        start += 1 << level
    return _join(hashes) if hashes else EMPTY_ROOT


def _join(hashes: Sequence[bytes]) -> bytes:
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
