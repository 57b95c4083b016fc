from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.checkpoint import (
    MAX_SIZE,
    Checkpoint,
    cosign,
    open_checkpoint,
    open_cosignature,
    parse_checkpoint,
    sign_checkpoint,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import EMPTY_ROOT
from chorsu.wire.note import parse_note
from tests.wire.refusal import refusal

LOG = SigningKey.from_bytes(bytes(32), "hub.chorsu.example")
WITNESS = SigningKey.from_bytes(bytes(31) + b"w", "tashkent.chorsu.example")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ONE = Checkpoint(LOG.name, 1, bytes(range(32)))


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_is_opened_again(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(LOG.name, size, root)
    assert open_checkpoint(sign_checkpoint(checkpoint, LOG), LOG.verify_key) == checkpoint


@given(st.text(max_size=80))
def test_any_text_is_a_checkpoint_or_refused(text: str) -> None:
    text = f"log.example\n{text}"
    code = refusal(lambda: parse_checkpoint(text))
    assert code == "checkpoint-malformed" or parse_checkpoint(text).text() == text


@pytest.mark.parametrize(
    "fields",
    [
        (LOG.name, -5, bytes(32), ()),
        (LOG.name, MAX_SIZE + 1, bytes(32), ()),
        (LOG.name, 1, bytes(31), ()),
        (LOG.name, 0, bytes(32), ()),
        ("", 1, bytes(32), ()),
        ("a\nb", 1, bytes(32), ()),
        (LOG.name, 1, bytes(32), ("",)),
    ],
)
def test_what_could_not_be_read_is_not_made(
    fields: tuple[str, int, bytes, tuple[str, ...]],
) -> None:
    with pytest.raises(WireError) as caught:
        Checkpoint(*fields)
    assert caught.value.code == "checkpoint-malformed"


def test_the_empty_log_has_one_root() -> None:
    empty = Checkpoint(LOG.name, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, LOG), LOG.verify_key) == empty


def test_a_node_signs_no_checkpoint_of_another() -> None:
    with pytest.raises(WireError) as caught:
        sign_checkpoint(ONE, WITNESS)
    assert caught.value.code == "wrong-origin"


def test_a_cosigned_checkpoint_still_opens_and_tells_when() -> None:
    note = cosign(sign_checkpoint(ONE, LOG), WITNESS, NOW)
    assert open_checkpoint(note, LOG.verify_key) == ONE
    cosignature = open_cosignature(note, WITNESS.verify_key)
    assert (cosignature.witness, cosignature.checkpoint, cosignature.time) == (
        WITNESS.name,
        ONE,
        NOW,
    )


def test_cosigning_again_replaces_the_older_cosignature() -> None:
    note = cosign(sign_checkpoint(ONE, LOG), WITNESS, NOW)
    later = cosign(note, WITNESS, NOW + timedelta(days=1))
    assert open_cosignature(later, WITNESS.verify_key).time == NOW + timedelta(days=1)
    assert len(parse_note(later).signatures) == 2


def test_a_log_may_be_its_own_witness_without_confusion() -> None:
    note = cosign(sign_checkpoint(ONE, LOG), LOG, NOW)
    assert open_checkpoint(note, LOG.verify_key) == ONE
    assert open_cosignature(note, LOG.verify_key).time == NOW


def test_a_cosignature_is_not_carried_over_to_another_checkpoint() -> None:
    theirs = parse_note(cosign(sign_checkpoint(ONE, LOG), WITNESS, NOW)).signatures[1]
    forked = sign_checkpoint(Checkpoint(LOG.name, 1, bytes(32)), LOG)
    with pytest.raises(WireError) as caught:
        open_cosignature(forked + theirs.line().encode(), WITNESS.verify_key)
    assert caught.value.code == "bad-signature"


def test_a_cosignature_is_not_the_logs_signature() -> None:
    note = cosign(sign_checkpoint(ONE, LOG), WITNESS, NOW)
    with pytest.raises(WireError) as caught:
        open_checkpoint(note, WITNESS.verify_key)
    assert caught.value.code == "wrong-key"


def test_what_is_no_checkpoint_is_not_cosigned() -> None:
    with pytest.raises(WireError) as caught:
        cosign(b"text\n\n" + sign_checkpoint(ONE, LOG).split(b"\n\n")[1], WITNESS, NOW)
    assert caught.value.code == "checkpoint-malformed"


@pytest.mark.parametrize("year", [1, 1969])
def test_a_cosignature_from_before_the_epoch_is_not_made(year: int) -> None:
    with pytest.raises(WireError) as caught:
        cosign(sign_checkpoint(ONE, LOG), WITNESS, datetime(year, 1, 1, tzinfo=UTC))
    assert caught.value.code == "cosignature-malformed"
