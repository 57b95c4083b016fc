from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.keys import SigningKey
from chorsu.wire.node import NodeDocument, parse_address, parse_node
from tests.wire.refusal import refusal

KEY = SigningKey.from_bytes(bytes(32), "ashgabat.chorsu.example")


def test_a_node_document_reads_back_with_its_key() -> None:
    document = NodeDocument(
        KEY.name, KEY.vkey, "http://127.0.0.1:8003", ("tm-acs",), "chorsu/0.1.0", (1, 2)
    )
    assert parse_node(document.to_bytes()) == document
    assert document.verify_key == KEY.verify_key


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(data: bytes) -> None:
    assert refusal(lambda: parse_node(data)) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000",
        "https://hub.chorsu.example",
        "https://academy.example:8443/chorsu",
        "http://[::1]:8000",
    ],
)
def test_such_an_address_is_one(address: str) -> None:
    assert parse_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hub.chorsu.example",
        "HTTP://hub.example",
        "http://HUB.example",
        "http://",
        "http:///path",
        "http://a b",
        "http://a#b",
        "http://a?b",
        "http://a/",
        "http://a//b",
        "http://a/../b",
        "http://a:",
        "http://a:080",
        "http://a:65536",
        "http://u@a",
        "http://a\\b",
        "http://a/%2e%2e",
        "http://[zz]",
        "http://[1.2.3.4.5:::::]",
        "ftp://a",
        "http://" + "a" * 500,
    ],
)
def test_anything_else_is_no_address(address: str) -> None:
    assert refusal(lambda: parse_address(address)) == "node-malformed"


@pytest.mark.parametrize("data", [b"[]", b"null", b'"chorsu"', b"1"])
def test_json_that_is_no_object_is_no_node(data: bytes) -> None:
    assert refusal(lambda: parse_node(data)) == "node-malformed"
