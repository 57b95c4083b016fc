"""The rules of trust, each broken once by a node that does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest

from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import Checkpoint, cosign, open_checkpoint, sign_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, consistency_proof, leaf_hash
from chorsu.wire.tiles import hash_reader, tile_hashes
from chorsu.wire.trust import (
    Advanced,
    advance,
    advance_part,
    agree,
    check_copy,
    check_growth,
    check_history,
    check_offer,
    check_shown,
)
from tests.memory_node import MemoryNode
from tests.wire.refusal import refusal


def grow(node: MemoryNode, count: int) -> None:
    for number in range(count):
        node.publish("practice", new_id(), 1, {"number": number})


def take(node: MemoryNode, known: Advanced | None) -> Advanced:
    """Read what the node offers now, with the leaves after what is known."""
    checkpoint, edge = (known.checkpoint, known.range) if known else (None, Range.empty())
    _, _, note = node.respond("GET", "/exchange/checkpoint", {}, b"")
    return advance(checkpoint, edge, note, node.key.verify_key, node.leaves[edge.size :])


@pytest.fixture
def node() -> MemoryNode:
    made = MemoryNode("tashkent.chorsu.example")
    grow(made, 5)
    return made


def test_an_honest_log_is_followed_from_nothing_to_any_size(node: MemoryNode) -> None:
    known = None
    for growth in (0, 1, 3, 250, 300):
        grow(node, growth)
        known = take(node, known)
        assert known.checkpoint == node.checkpoint()
        assert known.range.size == len(node.leaves)


def test_an_empty_log_is_followed() -> None:
    node = MemoryNode("bishkek.chorsu.example")
    known = take(node, None)
    assert known.checkpoint.size == 0
    grow(node, 2)
    assert take(node, known).checkpoint.size == 2


def test_the_same_offer_again_changes_nothing(node: MemoryNode) -> None:
    known = take(node, None)
    assert take(node, known) == known


ATTACKS: list[tuple[str, Callable[[MemoryNode], None], str]] = [
    ("history rewritten, size kept", MemoryNode.rewrite_history, "fork"),
    ("last entry replaced", MemoryNode.fork, "fork"),
    ("rolled back", MemoryNode.roll_back, "rolled-back"),
    ("another key", MemoryNode.sign_with_another_key, "wrong-key"),
    ("another origin", lambda node: node.claim_origin("hub.chorsu.example"), "wrong-origin"),
    ("entries promised and not served", lambda node: node.promise_more(), "leaf-count"),
    ("a proxy's page", lambda node: node.serve_checkpoint(b"<html>"), "note-malformed"),
]


@pytest.mark.parametrize(
    ("attack", "code"), [one[1:] for one in ATTACKS], ids=[a[0] for a in ATTACKS]
)
def test_attack_is_refused_with_its_own_code(
    node: MemoryNode, attack: Callable[[MemoryNode], None], code: str
) -> None:
    known = take(node, None)
    attack(node)
    assert refusal(lambda: take(node, known)) == code


def test_history_rewritten_under_new_entries_is_a_root_mismatch(node: MemoryNode) -> None:
    known = take(node, None)
    node.rewrite_history()
    grow(node, 3)
    assert refusal(lambda: take(node, known)) == "root-mismatch"


def test_an_old_checkpoint_replayed_is_a_roll_back(node: MemoryNode) -> None:
    old = node.honest_checkpoint_note()
    grow(node, 1)
    known = take(node, None)
    node.serve_checkpoint(old)
    assert refusal(lambda: take(node, known)) == "rolled-back"


def test_an_entry_changed_on_the_way_is_a_root_mismatch(node: MemoryNode) -> None:
    note = node.honest_checkpoint_note()
    leaves = [*node.leaves[:-1], node.leaves[-1] + b" "]
    with pytest.raises(WireError) as caught:
        advance(None, Range.empty(), note, node.key.verify_key, leaves)
    assert caught.value.code == "root-mismatch"


def test_entries_in_another_order_are_a_root_mismatch(node: MemoryNode) -> None:
    note = node.honest_checkpoint_note()
    with pytest.raises(WireError) as caught:
        advance(None, Range.empty(), note, node.key.verify_key, node.leaves[::-1])
    assert caught.value.code == "root-mismatch"


def test_a_log_started_anew_with_the_same_key_is_a_roll_back_not_a_fresh_start(
    node: MemoryNode,
) -> None:
    known = take(node, None)
    node.leaves.clear()
    assert refusal(lambda: take(node, known)) == "rolled-back"


def test_damage_to_what_was_kept_is_told_from_a_lie_of_the_peer(node: MemoryNode) -> None:
    known = take(node, None)
    damaged = Advanced(known.checkpoint, Range.empty().append_all([leaf_hash(b"x")] * 5))
    assert refusal(lambda: take(node, damaged)) == "known-damaged"
    forgotten = Advanced(known.checkpoint, Range.empty())
    assert refusal(lambda: take(node, forgotten)) == "known-damaged"


def test_the_key_is_looked_at_before_the_text(node: MemoryNode) -> None:
    known = take(node, None)
    node.roll_back()
    node.sign_with_another_key()
    assert refusal(lambda: take(node, known)) == "wrong-key"


def test_what_is_known_of_one_log_is_not_continued_by_another(node: MemoryNode) -> None:
    known = take(node, None)
    other = MemoryNode("hub.chorsu.example")
    grow(other, 9)
    assert refusal(lambda: take(other, known)) == "wrong-origin"


def test_an_offer_is_judged_before_any_leaf_is_fetched(node: MemoryNode) -> None:
    offered = check_offer(None, Range.empty(), node.honest_checkpoint_note(), node.key.verify_key)
    assert offered == node.checkpoint()


def test_a_consistency_proof_tells_damage_from_rewritten_history(node: MemoryNode) -> None:
    known = take(node, None).checkpoint
    grow(node, 300)
    offered = open_checkpoint(node.honest_checkpoint_note(), node.key.verify_key)

    def proof() -> list[bytes]:
        tiles = tile_hashes([leaf_hash(leaf) for leaf in node.leaves])
        return consistency_proof(5, 305, hash_reader(305, tiles.__getitem__))

    check_history(known, offered, proof())
    node.rewrite_history()
    rewritten = open_checkpoint(node.honest_checkpoint_note(), node.key.verify_key)
    assert refusal(lambda: check_history(known, rewritten, proof())) == "proof-invalid"


def proof_from(node: MemoryNode, size: int) -> list[bytes]:
    """The consistency proof a reader makes of the node's tiles, as the node is now."""
    hashes = [leaf_hash(leaf) for leaf in node.leaves]
    hash_at = hash_reader(len(hashes), tile_hashes(hashes).__getitem__)
    return consistency_proof(size, len(hashes), hash_at)


def test_a_long_way_is_gone_in_proved_parts(node: MemoryNode) -> None:
    grow(node, 600)
    offered = node.checkpoint()
    edge = Range.empty()
    for end in (256, 512, 605):
        part = node.leaves[edge.size : end]
        edge = advance_part(edge, offered, part, proof_from(node, end))
    assert edge == take(node, None).range


def test_a_part_with_a_changed_entry_is_refused(node: MemoryNode) -> None:
    part = [*node.leaves[:2], node.leaves[2] + b" "]
    read = partial(advance_part, Range.empty(), node.checkpoint(), part, proof_from(node, 3))
    assert refusal(read) == "proof-invalid"


def test_a_part_beyond_the_offer_is_refused(node: MemoryNode) -> None:
    part = [*node.leaves, b"one more"]
    read = partial(advance_part, Range.empty(), node.checkpoint(), part, [])
    assert refusal(read) == "proof-invalid"


def test_a_newer_offer_continues_the_newest_even_while_a_part_is_missing(
    node: MemoryNode,
) -> None:
    newest = node.checkpoint()
    grow(node, 3)
    check_growth(newest, node.checkpoint(), proof_from(node, newest.size))


@pytest.mark.parametrize(
    ("attack", "code"),
    [(MemoryNode.roll_back, "rolled-back"), (MemoryNode.fork, "fork")],
)
def test_a_newer_offer_that_does_not_continue_the_newest_is_refused(
    node: MemoryNode, attack: Callable[[MemoryNode], None], code: str
) -> None:
    newest = node.checkpoint()
    attack(node)
    assert refusal(lambda: check_growth(newest, node.checkpoint(), [])) == code


def test_a_newer_offer_over_rewritten_history_is_refused(node: MemoryNode) -> None:
    newest = node.checkpoint()
    node.rewrite_history()
    grow(node, 3)
    proof = proof_from(node, newest.size)
    assert refusal(lambda: check_growth(newest, node.checkpoint(), proof)) == "proof-invalid"


def test_a_copy_of_the_own_log_counts_by_the_own_key_alone() -> None:
    """Rule 15."""
    own, stranger = SigningKey.generate("a.example"), SigningKey.generate("a.example")
    said = Checkpoint("a.example", 3, bytes(range(32)))
    assert check_copy(sign_checkpoint(said, own), own.verify_key) == said
    with pytest.raises(WireError) as refused:
        check_copy(sign_checkpoint(said, stranger), own.verify_key)
    assert refused.value.code == "wrong-key"


def test_what_a_third_one_shows_counts_by_both_keys() -> None:
    """Rule 16."""
    subject, witness = SigningKey.generate("a.example"), SigningKey.generate("b.example")
    said = Checkpoint("a.example", 3, bytes(range(32)))
    signed = sign_checkpoint(said, subject)
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    shown = check_shown(cosign(signed, witness, at), subject.verify_key, witness.verify_key)
    assert (shown.checkpoint, shown.time) == (said, at)
    impostor = SigningKey.generate("a.example")
    for note in (signed, cosign(sign_checkpoint(said, impostor), witness, at)):
        with pytest.raises(WireError) as refused:
            check_shown(note, subject.verify_key, witness.verify_key)
        assert refused.value.code == "wrong-key"


def test_two_checkpoints_agree_unless_one_size_has_two_roots() -> None:
    """Rules 11 and 12."""
    one = Checkpoint("a.example", 3, bytes(range(32)))
    other = Checkpoint("a.example", 3, bytes(32))
    assert agree(one, one)
    assert agree(one, Checkpoint("a.example", 4, bytes(32)))
    assert not agree(one, other)
