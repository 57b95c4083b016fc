"""When a node believes what a peer's log offers. All rules are here, and numbered.

1. The checkpoint note is signed by the key that was confirmed when the nodes became peers.
   `wrong-key` if that key did not sign, `bad-signature` if it is claimed and does not verify.
   Nothing else of a note is read before this.
2. The checkpoint is of the log that key speaks for: origin and key name are the same.
   Else `wrong-origin`.
3. What this node kept of the log is whole: the compact range has the size and the root of the
   last accepted checkpoint. Else `known-damaged`: the fault is here, not with the peer.
4. A log never shrinks: the offered size is not below the accepted one. Else `rolled-back`.
5. A log never has two roots for one size. Else `fork`.
6. There are exactly as many new leaves as the two sizes say. Else `leaf-count`.
7. The accepted leaves followed by the new ones hash to the offered root. Else `root-mismatch`:
   a leaf was changed on the way, or history before it was rewritten; a consistency proof from
   the peer's tiles (`check_history`) tells which.
8. Only then are checkpoint and range accepted, both together.
9. A long step may be taken in parts. Leaves short of the offered size are accepted with a
   consistency proof that leads from them to the offered root (else `proof-invalid`), and the
   offered note is accepted with them; a later offer must have grown from that note too.

10. A peer's cosignature under a checkpoint of this node's own log counts if this node's key signed
   the checkpoint (rules 1 and 2) and the peer's key, confirmed when the nodes became peers,
   cosigned it. Else `wrong-key`, `bad-signature`, `cosignature-malformed`. If this node's log is
   shorter, or has another root at that size, the fault is here: nothing more may be appended.

11. A copy of this node's own log that a peer shows, after the own one was lost, counts if this
   node's key signed its checkpoint. All such checkpoints and the own log must be beginnings of
   the longest; two that are not prove that the log forked, and then nothing is put back.

12. A checkpoint of another node's log that a third one shows counts by that log's own key alone
   (rules 1 and 2): who shows it can hide what it saw, and invent nothing. It is held against what
   was accepted of that log; another root at the same size is a `fork`.

A blob is checked against its entry by `envelope.check_blob`; a log that breaks 4, 5 or 7 is never
repaired by forgetting what was accepted, only by a person's decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chorsu.wire.checkpoint import Checkpoint, Cosignature, open_checkpoint, open_cosignature
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import EMPTY_ROOT, Range, extend, leaf_hash, verify_consistency


@dataclass(frozen=True, slots=True)
class Advanced:
    """The accepted state of a peer's log: to be stored together, in one transaction."""

    checkpoint: Checkpoint
    range: Range


def check_offer(
    known: Checkpoint | None, known_range: Range, offered_note: bytes, key: VerifyKey
) -> Checkpoint:
    """Rules 1 to 5, before any leaf is fetched: the offered checkpoint, verified.

    `known` is None and `known_range` empty for a log never seen. The new leaves to fetch are
    those from `known_range.size` to the returned size.
    """
    offered = open_checkpoint(offered_note, key)
    size, root = (known.size, known.root) if known else (0, EMPTY_ROOT)
    if known is not None and known.origin != offered.origin:
        raise WireError("wrong-origin", f"{offered.origin!r} offered for {known.origin!r}")
    if known_range.size != size or known_range.root() != root:
        raise WireError("known-damaged", f"range of {known_range.size}, checkpoint of {size}")
    if offered.size < size:
        raise WireError("rolled-back", f"from {size} to {offered.size}")
    if offered.size == size and offered.root != root:
        raise WireError("fork", f"two roots for size {size}")
    return offered


def advance(
    known: Checkpoint | None,
    known_range: Range,
    offered_note: bytes,
    key: VerifyKey,
    leaves: Sequence[bytes],
) -> Advanced:
    """Rules 1 to 8: accept an offered checkpoint with the entries (whole leaves) it adds."""
    offered = check_offer(known, known_range, offered_note, key)
    if len(leaves) != offered.size - known_range.size:
        raise WireError(
            "leaf-count", f"{len(leaves)} leaves from {known_range.size} to {offered.size}"
        )
    grown = extend(known_range, map(leaf_hash, leaves), offered.root)
    return Advanced(offered, grown)


def advance_part(
    known_range: Range, offered: Checkpoint, leaves: Sequence[bytes], proof: Sequence[bytes]
) -> Range:
    """Rule 9: accept some of the leaves of an offer that `check_offer` let pass."""
    grown = known_range.append_all(map(leaf_hash, leaves))
    verify_consistency(grown.size, grown.root(), offered.size, offered.root, proof)
    return grown


def check_witnessed(note: bytes, own: VerifyKey, witness: VerifyKey) -> Cosignature:
    """Rule 10: what a peer has seen of the log whose key is `own`; not compared with it yet."""
    open_checkpoint(note, own)
    return open_cosignature(note, witness)


def check_copy(note: bytes, own: VerifyKey) -> Checkpoint:
    """Rule 11: a checkpoint of the log whose key is `own`, as a peer has kept it."""
    return open_checkpoint(note, own)


def check_shown(note: bytes, subject: VerifyKey, witness: VerifyKey) -> Cosignature:
    """Rule 12: a checkpoint of the log whose key is `subject`, as `witness` shows and cosigned it.

    Without a cosignature that holds it says nothing of the witness; then nothing is kept.
    """
    open_checkpoint(note, subject)
    return open_cosignature(note, witness)


def agree(one: Checkpoint, other: Checkpoint) -> bool:
    """Rules 11 and 12 for two checkpoints of one log by themselves: no two roots for one size."""
    return one.size != other.size or one.root == other.root


def check_growth(newest: Checkpoint, offered: Checkpoint, proof: Sequence[bytes]) -> None:
    """Rules 4, 5 and 9 against the newest accepted note, of which a part may still be missing."""
    if offered.size < newest.size:
        raise WireError("rolled-back", f"from {newest.size} to {offered.size}")
    if offered.size == newest.size and offered.root != newest.root:
        raise WireError("fork", f"two roots for size {newest.size}")
    check_history(newest, offered, proof)


def check_history(known: Checkpoint, offered: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise `proof-invalid` unless `proof` shows that `offered` only added leaves to `known`.

    After a `root-mismatch`: if the proof holds, the leaves were damaged on the way.
    """
    verify_consistency(known.size, known.root, offered.size, offered.root, proof)
