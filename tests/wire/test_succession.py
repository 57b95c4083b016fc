"""Successions of keys: what is printed is read, and rules 11 to 14 each broken once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import EMPTY_ROOT
from chorsu.wire.succession import (
    MAX_CHAIN_BYTES,
    MAX_SUCCESSION_BYTES,
    MAX_SUCCESSIONS,
    OldKey,
    check_links,
    key_line,
    open_succession,
    parse_chain,
    parse_known_key,
    print_chain,
    sign_succession,
)
from chorsu.wire.trust import check_witnessed, follow_keys, open_by_old_key, rivals
from tests.vectors.sample import ASTANA, BEIJING, CHECKPOINT, NOW
from tests.vectors.successions import EMPTY as NOTHING
from tests.vectors.successions import FIRST, NEXT, OTHER, SECOND, THIRD, changed
from tests.wire.refusal import refusal

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


def test_the_longest_name_has_room() -> None:
    old, new = SigningKey.generate(LONGEST), SigningKey.generate(LONGEST)
    made = sign_succession(old, new, size=0, root=EMPTY_ROOT, time=NOW, why="revoked")
    assert open_succession(made.note) == made
    assert MAX_SUCCESSION_BYTES // 2 < len(made.note) <= MAX_SUCCESSION_BYTES


def test_more_successions_than_a_chain_may_have() -> None:
    assert refusal(lambda: parse_chain(FIRST.note * (MAX_SUCCESSIONS + 1))) == "chain-malformed"
    assert refusal(lambda: parse_chain(b"\n" * (MAX_CHAIN_BYTES + 1))) == "chain-malformed"


def test_a_chain_is_read_as_printed() -> None:
    assert parse_chain(print_chain([FIRST, NEXT])) == (FIRST, NEXT)
    check_links([FIRST, NEXT])


def test_the_chain_is_followed_from_any_key_in_it() -> None:
    chain = (FIRST, NEXT)
    assert follow_keys(chain, BEIJING.verify_key) == (FIRST, NEXT)
    assert follow_keys(chain, SECOND.verify_key) == (NEXT,)
    assert follow_keys(chain, THIRD.verify_key) == ()
    assert follow_keys((), BEIJING.verify_key) == ()


@pytest.mark.parametrize("known", [OTHER, ASTANA])
def test_a_chain_that_leads_from_no_known_key(known: SigningKey) -> None:
    assert refusal(lambda: follow_keys((FIRST, NEXT), known.verify_key)) == "chain-broken"


def test_the_first_successor_stands() -> None:
    rival = changed(BEIJING, OTHER, NOTHING)
    assert refusal(lambda: follow_keys((rival,), SECOND.verify_key, (FIRST,))) == "two-successors"
    assert rivals((FIRST,), (rival,)) == (FIRST, rival)
    assert rivals((FIRST,), (FIRST, NEXT)) is None


def test_the_same_successor_for_another_reason_is_a_second_one() -> None:
    again = replace(FIRST, why="revoked")
    assert rivals((FIRST,), (again,)) == (FIRST, again)


def test_an_old_key_counts_up_to_its_size() -> None:
    note = sign_checkpoint(CHECKPOINT, BEIJING)
    assert open_by_old_key(note, (FIRST, NEXT)) == (CHECKPOINT, BEIJING.verify_key)
    longer = sign_checkpoint(replace(CHECKPOINT, size=4), BEIJING)
    assert refusal(lambda: open_by_old_key(longer, (FIRST, NEXT))) == "old-key"
    other = sign_checkpoint(replace(CHECKPOINT, root=bytes(32)), BEIJING)
    assert refusal(lambda: open_by_old_key(other, (FIRST, NEXT))) == "fork"
    assert open_by_old_key(sign_checkpoint(CHECKPOINT, THIRD), (FIRST, NEXT)) is None


def test_what_a_peer_has_seen_by_an_old_key_counts_as_far() -> None:
    seen = cosign(sign_checkpoint(CHECKPOINT, BEIJING), ASTANA, NOW)
    now = THIRD.verify_key, ASTANA.verify_key
    assert check_witnessed(seen, *now, (FIRST, NEXT)).checkpoint == CHECKPOINT
    assert refusal(lambda: check_witnessed(seen, *now)) == "wrong-key"
    far = Checkpoint(BEIJING.name, 9, bytes(32))
    longer = cosign(sign_checkpoint(far, BEIJING), ASTANA, NOW)
    assert refusal(lambda: check_witnessed(longer, *now, (FIRST, NEXT))) == "old-key"


@pytest.mark.parametrize(
    "known",
    [
        BEIJING.verify_key,
        OldKey(BEIJING.verify_key, 0, revoked=False),
        OldKey(BEIJING.verify_key, 2**63 - 1, revoked=True),
    ],
)
def test_a_line_of_a_list_of_keys_is_read_as_printed(known: object) -> None:
    assert parse_known_key(key_line(known)) == known  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tail",
    [" until", " until 03", " until -1", " until 3 lost", " to 3", "  until 3", " until 3 ", " "],
)
def test_a_line_of_another_form_is_refused(tail: str) -> None:
    with pytest.raises(WireError, match="key-malformed"):
        parse_known_key(BEIJING.vkey + tail)
