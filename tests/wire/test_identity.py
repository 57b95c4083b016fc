"""What nodes say of a sign-in: read as written, and nothing else is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chorsu.wire.envelope import canonical_json
from chorsu.wire.errors import WireError
from chorsu.wire.identity import (
    FORGOTTEN_HEADER,
    KEYS_HEADER,
    Forgotten,
    challenge,
    encode_forget,
    open_forgotten,
    open_keys,
    parse_forget,
    parse_token_answer,
    sign_keys,
)
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import sign

KEY = SigningKey.generate("beijing.chorsu.example")
SAID = Forgotten(
    "bishkek.chorsu.example", "a-person-of-bishkek", 12, datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
)


def note(header: str, text: str) -> bytes:
    return sign(f"{header}\n{text}\n", KEY)


def test_a_confirmation_is_read_as_it_was_signed() -> None:
    assert open_forgotten(SAID.to_bytes(KEY), KEY.verify_key) == SAID


def test_a_confirmation_by_another_key_or_changed_on_the_way_is_refused() -> None:
    other = SigningKey.generate(KEY.name)
    signed = SAID.to_bytes(KEY)

    with pytest.raises(WireError):
        open_forgotten(SAID.to_bytes(other), KEY.verify_key)
    for place in range(0, len(signed), 7):
        spoiled = bytearray(signed)
        spoiled[place] ^= 1
        with pytest.raises(WireError):
            open_forgotten(bytes(spoiled), KEY.verify_key)


MEMBERS = {
    "home": "bishkek.chorsu.example",
    "subject": "a-person-of-bishkek",
    "rows": 12,
    "time": "2026-11-28T09:30:00Z",
}


@pytest.mark.parametrize(
    "text",
    [
        canonical_json({**MEMBERS, "rows": -1}).decode(),
        canonical_json({**MEMBERS, "rows": "12"}).decode(),
        canonical_json({**MEMBERS, "rows": True}).decode(),
        canonical_json({**MEMBERS, "time": "yesterday"}).decode(),
        canonical_json({**MEMBERS, "subject": "a person"}).decode(),
        canonical_json({**MEMBERS, "subject": 7}).decode(),
        canonical_json({**MEMBERS, "home": "Not A Name"}).decode(),
        canonical_json({**MEMBERS, "name": "Aiperi"}).decode(),
        canonical_json({k: v for k, v in MEMBERS.items() if k != "home"}).decode(),
        canonical_json(MEMBERS).decode() + "\n{}",
        canonical_json(MEMBERS).decode().replace(":", ": "),
        "[]",
        "",
    ],
)
def test_a_confirmation_of_another_form_is_refused_though_it_is_signed(text: str) -> None:
    with pytest.raises(WireError):
        open_forgotten(note(FORGOTTEN_HEADER, text), KEY.verify_key)


def test_one_signed_note_does_not_pass_for_the_other() -> None:
    with pytest.raises(WireError, match="identity-malformed"):
        open_forgotten(note(KEYS_HEADER, canonical_json(MEMBERS).decode()), KEY.verify_key)
    with pytest.raises(WireError, match="identity-malformed"):
        open_keys(SAID.to_bytes(KEY), KEY.verify_key)


def test_keys_are_read_as_they_were_signed() -> None:
    jwks = {"keys": [{"kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB"}]}

    assert open_keys(sign_keys(jwks, KEY), KEY.verify_key) == jwks


def test_a_question_to_forget_is_read_as_it_was_written() -> None:
    assert parse_forget(encode_forget("a-person-of-bishkek")) == "a-person-of-bishkek"


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"id_token":7}', b"\xff", b"7"])
def test_an_answer_without_a_token_is_refused(answer: bytes) -> None:
    with pytest.raises(WireError, match="identity-malformed"):
        parse_token_answer(answer)


def test_a_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    assert (
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )
