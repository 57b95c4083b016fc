"""The text of a certificate's code: base45 by its standard, and the same bytes come back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.credential_code import base45, code_chars, decode_code, encode_code, from_base45
from tests.vectors.credentials import SIGNED
from tests.wire.refusal import refusal

RFC_9285 = (
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
)


@pytest.mark.parametrize(("data", "text"), RFC_9285)
def test_the_examples_of_the_standard(data: bytes, text: str) -> None:
    assert (base45(data), from_base45(text)) == (text, data)


@given(st.binary(max_size=300))
def test_bytes_come_back(data: bytes) -> None:
    assert from_base45(base45(data) or "") == data if data else True


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "ABCD", "::", "a", "A\n", "Ä12"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    assert refusal(lambda: from_base45(text)) == "code-malformed"


def test_a_credential_comes_back_byte_for_byte() -> None:
    text = encode_code(SIGNED)
    assert decode_code(text) == SIGNED
    assert len(text) == code_chars(SIGNED)
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
