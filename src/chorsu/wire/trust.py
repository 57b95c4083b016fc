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

11. A node's key is replaced by a succession that the old key and the new one signed. A chain of
   successions is believed from the known key on: that key is replaced in it, or is its last. Else
   `chain-broken`; a chain of another node is that too.
12. A key has one successor. A chain that names another than the one followed is `two-successors`;
   the first seen stands.
13. A checkpoint signed by a replaced key and by no present one is never a new offer (`old-key`).
   Up to the size of that key's succession it is what was signed then: a proof of the past and no
   more; at that size it has the succession's root (else `fork`). Over it, somebody used the key
   after it was replaced (`old-key`). Rule 10 counts such notes of this node's own log likewise.
   Of fewer, what a revoked key alone signed contradicts nothing: a thief can sign an old size.
14. The first checkpoint by a new key contains the log of every succession on the way to it: it is
   not smaller (`rolled-back`) and a consistency proof leads from size and root of the succession
   to it (`fork` at the same size, else `proof-invalid`). Only then is the new key known.
15. A copy of this node's own log that a peer shows, after the own one was lost, counts if this
   node's key signed its checkpoint. All such checkpoints and the own log must be beginnings of
   the longest; two that are not prove that the log forked, and then nothing is put back.

16. A checkpoint of another node's log that a third one shows counts by that log's own key alone
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
from chorsu.wire.note import parse_note
from chorsu.wire.succession import Succession


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


def check_witnessed(
    note: bytes, own: VerifyKey, witness: VerifyKey, replaced: Sequence[Succession] = ()
) -> Cosignature:
    """Rule 10: what a peer has seen of the log whose key is `own`; not compared with it yet."""
    open_signed(note, own, replaced)
    return open_cosignature(note, witness)


def follow_keys(
    chain: Sequence[Succession], known: VerifyKey, kept: Sequence[Succession] = ()
) -> tuple[Succession, ...]:
    """Rules 11 and 12: the successions that lead on from the known key; none if it is present.

    `kept` are those followed before.
    """
    if pair := rivals(kept, chain):
        raise WireError("two-successors", f"of {pair[0].old.vkey}")
    replaced = [number for number, one in enumerate(chain) if one.old == known]
    if replaced:
        return tuple(chain[replaced[0] :])
    if chain and chain[-1].new != known:
        raise WireError("chain-broken", f"does not lead from {known.vkey}")
    return ()


def rivals(
    kept: Sequence[Succession], chain: Sequence[Succession]
) -> tuple[Succession, Succession] | None:
    """Two successions of one key, the one kept first, if the chains hold such: the evidence."""
    first = {one.old.public: one for one in kept}
    for one in chain:
        held = first.get(one.old.public)
        if held is not None and held != one:
            return held, one
    return None


def open_by_old_key(
    note: bytes, replaced: Sequence[Succession]
) -> tuple[Checkpoint, VerifyKey] | None:
    """Rule 13: the checkpoint, with the replaced key that signed it; None if none of them did."""
    signers = {(one.name, one.key_id) for one in parse_note(note).signatures}
    for one in reversed(replaced):
        if (one.name, one.old.key_id) not in signers:
            continue
        checkpoint = open_checkpoint(note, one.old)
        if checkpoint.size > one.size:
            raise WireError("old-key", f"{checkpoint.size} entries, replaced at {one.size}")
        if checkpoint.size == one.size and checkpoint.root != one.root:
            raise WireError("fork", f"not the root for size {one.size} that replaced the key")
        return checkpoint, one.old
    return None


def is_of_revoked_key(note: bytes, key: VerifyKey, replaced: Sequence[Succession]) -> bool:
    """Rule 13: whether a verified note of a log has its word by a key that was revoked."""
    signers = {(one.name, one.key_id) for one in parse_note(note).signatures}
    if (key.name, key.key_id) in signers:
        return False
    by = next((one for one in reversed(replaced) if (one.name, one.old.key_id) in signers), None)
    return by is not None and by.revoked


def open_signed(note: bytes, key: VerifyKey, replaced: Sequence[Succession] = ()) -> Checkpoint:
    """Rules 1, 2 and 13: a checkpoint signed by a log's key, or in its time by a replaced one."""
    try:
        return open_checkpoint(note, key)
    except WireError as error:
        found = open_by_old_key(note, replaced) if error.code == "wrong-key" else None
        if found is None:
            raise
        return found[0]


def check_succession(one: Succession, offered: Checkpoint, proof: Sequence[bytes]) -> None:
    """Rule 14: whether a checkpoint by the new key contains the log that the succession names."""
    check_growth(Checkpoint(one.name, one.size, one.root), offered, proof)


def check_copy(note: bytes, own: VerifyKey, replaced: Sequence[Succession] = ()) -> Checkpoint:
    """Rule 15: a checkpoint of the log whose key is `own`, as a peer has kept it."""
    return open_signed(note, own, replaced)


def check_shown(
    note: bytes, subject: VerifyKey, witness: VerifyKey, replaced: Sequence[Succession] = ()
) -> Cosignature:
    """Rule 16: a checkpoint of the log whose key is `subject`, as `witness` shows and cosigned it.

    Without a cosignature that holds it says nothing of the witness; then nothing is kept.
    """
    open_signed(note, subject, replaced)
    return open_cosignature(note, witness)


def agree(one: Checkpoint, other: Checkpoint) -> bool:
    """Rules 15 and 16 for two checkpoints of one log by themselves: no two roots for one size."""
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
