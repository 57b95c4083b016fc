from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.errors import CODES
from chorsu.wire.keys import SigningKey, VerifyKey
from chorsu.wire.requests import sign_request, verify_request, verify_signature
from tests.wire.refusal import refusal

KEY = SigningKey.from_bytes(bytes(32), "dushanbe.chorsu.example")
KNOWN = {KEY.name: KEY.verify_key}
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
URL = "http://127.0.0.1:8002/exchange/blob/00?part=1"

header_values = st.text(st.characters(max_codepoint=0x2FF), max_size=80)


def signed(body: bytes | None = None) -> dict[str, str]:
    return sign_request(KEY, "POST", URL, body, NOW, "nonce")


def said(
    headers: Mapping[str, str],
    body: bytes,
    resolve: Callable[[str], VerifyKey | None],
    now: datetime,
    window_s: int = 300,
) -> str | None:
    """The code with which the request is refused, or None."""
    return refusal(lambda: verify_request("POST", URL, headers, body, resolve, now, window_s))


def test_a_signed_request_tells_who_when_and_its_nonce() -> None:
    request = verify_signature("POST", URL, signed(b"{}"), b"{}", KNOWN.get, NOW)
    assert (request.key, request.created, request.nonce) == (KEY.verify_key, NOW, "nonce")


@pytest.mark.parametrize("body", [None, b"", b"x", bytes(range(256))])
@pytest.mark.parametrize("url", [URL, "https://a.example/p", "https://a.example"])
def test_any_body_at_any_address_is_verified(url: str, body: bytes | None) -> None:
    headers = sign_request(KEY, "PUT", url, body, NOW, "n")
    assert verify_request("PUT", url, headers, body or b"", KNOWN.get, NOW) == KEY.verify_key


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_header_names_have_no_case(case: object) -> None:
    assert callable(case)
    headers = {case(name): value for name, value in signed(b"x").items()}
    assert verify_request("POST", URL, headers, b"x", KNOWN.get, NOW) == KEY.verify_key
    assert verify_request("POST", URL, httpx.Headers(headers), b"x", KNOWN.get, NOW).name


def test_other_headers_and_proxies_do_not_matter() -> None:
    headers = {**signed(b"x"), "Via": "1.1 proxy", "X-Forwarded-For": "10.0.0.1", "Host": "other"}
    assert verify_request("POST", URL, headers, b"x", KNOWN.get, NOW) == KEY.verify_key


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_within_the_window_a_request_is_timely(seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    assert verify_request("POST", URL, signed(), b"", KNOWN.get, later) == KEY.verify_key


@pytest.mark.parametrize("seconds", [-301, 301, 10**9])
def test_a_replay_outside_the_window_is_refused(seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    assert said(signed(), b"", KNOWN.get, later) == "request-expired"


def test_a_shorter_window_is_kept() -> None:
    later = NOW + timedelta(seconds=6)
    assert said(signed(), b"", KNOWN.get, later, 5) == "request-expired"


def test_a_digest_stripped_from_the_request_is_missed() -> None:
    headers = {name: v for name, v in signed(b"x").items() if name != "Content-Digest"}
    assert said(headers, b"x", KNOWN.get, NOW) == "request-signature"


def test_a_digest_put_in_afterwards_counts_for_nothing() -> None:
    headers = {**signed(None), "Content-Digest": signed(b"x")["Content-Digest"]}
    assert said(headers, b"x", KNOWN.get, NOW) == "request-digest"


def test_a_body_cut_away_is_missed() -> None:
    assert said(signed(b"x"), b"", KNOWN.get, NOW) == "request-digest"


def test_a_resolver_that_gives_another_nodes_key_is_not_believed() -> None:
    other = SigningKey.from_bytes(KEY.seed, "astana.chorsu.example").verify_key
    assert said(signed(), b"", lambda _: other, NOW) == "request-unknown-key"


def test_the_same_header_twice_is_refused() -> None:
    headers = {**signed(), "signature": signed()["Signature"]}
    assert said(headers, b"", KNOWN.get, NOW) == "request-signature"


def test_an_endless_header_is_not_parsed() -> None:
    headers = {**signed(), "Signature-Input": "a=" + "(" * 5000}
    assert said(headers, b"", KNOWN.get, NOW) == "request-signature"


@pytest.mark.parametrize("name", ["Signature", "Content-Digest"])
def test_base64_with_loose_bits_is_refused(name: str) -> None:
    headers = sign_request(KEY, "POST", URL, b"x", NOW, "nonce")
    body, last, end = re.fullmatch(r"(.*)(.)(=+:)", headers[name]).groups()  # type: ignore[union-attr]
    loose = {**headers, name: f"{body}{chr(ord(last) + 1)}{end}"}
    code = refusal(lambda: verify_request("POST", URL, loose, b"x", KNOWN.get, NOW))
    assert code == "request-signature"


@given(header_values, header_values)
def test_nonsense_in_the_headers_is_refused_with_a_code(one: str, other: str) -> None:
    headers = {"Signature-Input": one, "Signature": other}
    code = refusal(lambda: verify_request("GET", URL, headers, b"", KNOWN.get, NOW))
    assert code in CODES


@given(st.data())
def test_a_changed_character_in_the_headers_is_refused_with_a_code(data: st.DataObject) -> None:
    headers = sign_request(KEY, "POST", URL, b"x", NOW, "nonce")
    name = data.draw(st.sampled_from(sorted(headers)))
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    char = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = {**headers, name: headers[name][:at] + char + headers[name][at + 1 :]}
    code = refusal(lambda: verify_request("POST", URL, changed, b"x", KNOWN.get, NOW))
    # A label is not signed: the same new label in both headers would be as good as ours.
    assert code in CODES or changed == headers


@given(st.text(max_size=40))
def test_a_nonsense_address_is_refused_with_a_code(url: str) -> None:
    headers = signed()
    assert refusal(lambda: verify_request("POST", url, headers, b"", KNOWN.get, NOW)) in CODES
    code = refusal(lambda: sign_request(KEY, "POST", url, None, NOW, "nonce"))
    assert code in {None, "request-unsigned"}


@pytest.mark.parametrize("nonce", ["", "x" * 129, "line\n", "ё"])
def test_a_nonce_that_could_not_be_read_is_not_signed(nonce: str) -> None:
    code = refusal(lambda: sign_request(KEY, "POST", URL, None, NOW, nonce))
    assert code == "request-unsigned"


class _Stranger(HTTPSignatureKeyResolver):
    """Keys of a signer that follows RFC 9421 but not all of this network's profile."""

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(KEY.seed)

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        raise NotImplementedError


def strangely_signed(
    components: tuple[str, ...] = ("@query", "@path", "@authority", "@method"),
    *,
    nonce: str | None = "n",
    tag: str | None = "chorsu",
    expires: datetime | None = None,
) -> dict[str, str]:
    request = httpx.Request("POST", URL)
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Stranger())
    signer.sign(
        request,
        key_id=KEY.name,
        created=NOW,
        expires=expires,
        nonce=nonce,
        tag=tag,
        label="sig1",
        include_alg=False,
        covered_component_ids=components,
    )
    return dict(request.headers)


def test_a_signature_of_other_software_in_another_order_is_verified() -> None:
    headers = strangely_signed(("@query", "@path", "host", "@authority", "@method"))
    assert verify_request("POST", URL, headers, b"", KNOWN.get, NOW) == KEY.verify_key


@pytest.mark.parametrize("left_out", ["@method", "@authority", "@path", "@query"])
def test_a_signature_that_leaves_something_open_is_refused(left_out: str) -> None:
    every = ("@method", "@authority", "@path", "@query")
    headers = strangely_signed(tuple(one for one in every if one != left_out))
    assert said(headers, b"", KNOWN.get, NOW) == "request-signature"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (strangely_signed(nonce=None), "request-unsigned"),
        (strangely_signed(tag=None), "request-signature"),
        (strangely_signed(tag="another network"), "request-signature"),
        (strangely_signed(expires=NOW - timedelta(seconds=1)), "request-expired"),
        (strangely_signed(expires=NOW), None),
    ],
)
def test_a_signature_without_what_the_profile_demands_is_refused(
    headers: dict[str, str], code: str | None
) -> None:
    assert said(headers, b"", KNOWN.get, NOW) == code


def test_two_signatures_of_this_network_are_one_too_many() -> None:
    ours, theirs = signed(), strangely_signed()
    headers = {
        "Signature-Input": f"{ours['Signature-Input']}, {theirs['signature-input']}",
        "Signature": f"{ours['Signature']}, {theirs['signature']}",
    }
    assert said(headers, b"", KNOWN.get, NOW) == "request-signature"


def test_a_signature_for_another_network_beside_ours_is_ignored() -> None:
    ours, theirs = signed(), strangely_signed(tag="another network")
    headers = {
        "Signature-Input": f"{theirs['signature-input']}, {ours['Signature-Input']}",
        "Signature": f"{theirs['signature']}, {ours['Signature']}",
    }
    assert said(headers, b"", KNOWN.get, NOW) is None
