from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import MAX_NOTE_BYTES, Note, open_note, parse_note, sign
from tests.wire.refusal import refusal

KEY = SigningKey.from_bytes(bytes(32), "bishkek.chorsu.example")
OTHER = SigningKey.from_bytes(bytes(31) + b"1", "dushanbe.chorsu.example")
# Note text may hold anything but ASCII control characters, also what str.splitlines breaks at.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20) | st.just("\n")).map(
    lambda text: text + "\n"
)


@given(TEXTS)
def test_any_text_signed_is_opened_again(text: str) -> None:
    note = open_note(sign(text, KEY), [OTHER.verify_key, KEY.verify_key])
    assert note.text == text
    assert [one.name for one in note.signatures] == [KEY.name]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    code = refusal(lambda: parse_note(data))
    assert code == "note-malformed" or parse_note(data).to_bytes() == data


@given(st.data())
def test_no_flipped_bit_goes_unseen(data: st.DataObject) -> None:
    note = bytearray(sign("chorsu\nsecond line\n", KEY))
    bit = data.draw(st.integers(0, len(note) * 8 - 1))
    note[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(WireError):
        open_note(bytes(note), [KEY.verify_key])


def test_signatures_of_strangers_are_ignored_not_returned() -> None:
    ours = parse_note(sign("text\n", KEY))
    theirs = parse_note(sign("text\n", OTHER))
    both = Note("text\n", theirs.signatures + ours.signatures)
    assert open_note(both.to_bytes(), [KEY.verify_key]) == ours


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    ours = parse_note(sign("text\n", KEY))
    theirs = parse_note(sign("another text\n", OTHER))
    both = Note("text\n", ours.signatures + theirs.signatures).to_bytes()
    with pytest.raises(WireError) as caught:
        open_note(both, [KEY.verify_key, OTHER.verify_key])
    assert caught.value.code == "bad-signature"


def test_a_note_without_known_keys_is_never_opened() -> None:
    with pytest.raises(WireError) as caught:
        open_note(sign("text\n", KEY), [])
    assert caught.value.code == "wrong-key"


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "nul\0\n", "\r\n", "\ud800\n"])
def test_what_is_no_note_text_is_not_signed(text: str) -> None:
    with pytest.raises(WireError) as caught:
        sign(text, KEY)
    assert caught.value.code == "note-malformed"


def test_size_is_capped_before_anything_is_read() -> None:
    with pytest.raises(WireError) as caught:
        parse_note(b"\xff" * (MAX_NOTE_BYTES + 1))
    assert caught.value.code == "note-too-large"


def test_sixteen_signatures_are_accepted_as_the_specification_demands() -> None:
    keys = [SigningKey.from_bytes(bytes(31) + bytes([n]), f"w{n}.example") for n in range(16)]
    signatures = tuple(parse_note(sign("text\n", key)).signatures[0] for key in keys)
    note = open_note(Note("text\n", signatures).to_bytes(), [key.verify_key for key in keys])
    assert note.signatures == signatures


def test_a_note_over_its_cap_is_not_written() -> None:
    with pytest.raises(WireError) as caught:
        sign("x" * MAX_NOTE_BYTES + "\n", KEY)
    assert caught.value.code == "note-too-large"
