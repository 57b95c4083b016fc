from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name

# The published key of Go's checksum database: key ids agree with the rest of the world.
GO_CHECKSUM_DATABASE = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_a_key_in_use_elsewhere_is_read() -> None:
    key = VerifyKey.parse(GO_CHECKSUM_DATABASE)
    assert (key.name, key.key_id) == ("sum.golang.org", 0x033DE0AE)
    assert key.vkey == GO_CHECKSUM_DATABASE


@given(st.binary(min_size=32, max_size=32))
def test_the_key_of_a_kept_seed_reads_back_and_verifies(seed: bytes) -> None:
    key = SigningKey.from_bytes(seed, "tashkent.chorsu.example")
    public = VerifyKey.parse(key.vkey)
    assert public == key.verify_key
    assert public.verify(key.sign(b"message"), b"message")
    assert not public.verify(key.sign(b"message"), b"massage")


def test_generated_keys_differ() -> None:
    assert SigningKey.generate("a.example").seed != SigningKey.generate("a.example").seed


def test_a_fingerprint_is_eight_groups_of_four_hex_digits() -> None:
    key = SigningKey.from_bytes(bytes(range(32)), "beijing.chorsu.example")
    assert key.fingerprint == "5647 5aa7 5463 474c 0285 df5d bf2b cab7"
    assert key.fingerprint == VerifyKey.parse(key.vkey).fingerprint


def test_printing_a_key_does_not_show_its_seed() -> None:
    key = SigningKey.from_bytes(b"s" * 32, "a.example")
    assert repr(key) == "SigningKey(name='a.example')"


def test_checkpoint_and_cosignature_ids_of_one_key_differ() -> None:
    key = VerifyKey.parse(GO_CHECKSUM_DATABASE)
    assert key.key_id != key.cosigner_key_id


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(WireError) as caught:
        SigningKey.from_bytes(bytes(length), "a.example")
    assert caught.value.code == "key-malformed"


@pytest.mark.parametrize("name", ["localhost", "a.b", "hub.chorsu.example", "x-1.example", "1.2"])
def test_dns_like_names_are_names(name: str) -> None:
    assert parse_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "a..b", "-a.b", "a-.b", "A.b", "a_b", "a b", "a+b", "a/b", "a.b\n", "ӑ.b"),
        "a" * 64,
        "a." * 127,
    ],
)
def test_anything_else_is_no_name(name: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_name(name)
    assert caught.value.code == "name-malformed"


@given(st.text(max_size=120))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    with pytest.raises(WireError):
        VerifyKey.parse(text)


def test_a_public_key_of_another_length_is_refused() -> None:
    with pytest.raises(WireError) as caught:
        VerifyKey("a.example", bytes(31) + b"12")
    assert caught.value.code == "key-malformed"


def test_bytes_that_are_no_point_of_the_curve_verify_nothing() -> None:
    key = VerifyKey("a.example", bytes([2]) + bytes(31))
    assert not key.verify(bytes(64), b"message")
