"""The signature of a credential, held against joserfc, which signs it."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chorsu.wire.credential import ALGORITHM, check_signature, parse
from chorsu.wire.keys import SigningKey
from tests.vectors.credentials import SIGNED
from tests.vectors.sample import BEIJING
from tests.wire.refusal import refusal

HEADER, PAYLOAD, SIGNATURE = SIGNED.compact.split(b".")
KEY = BEIJING.verify_key
JWK = OKPKey.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(KEY.public).rstrip(b"=").decode(),
    }
)
signatures = st.binary(min_size=64, max_size=64) | st.builds(
    lambda seed, whole: SigningKey.from_bytes(seed, BEIJING.name).sign(
        HEADER + b"." + PAYLOAD if whole else PAYLOAD
    ),
    st.binary(min_size=32, max_size=32) | st.just(BEIJING.seed),
    st.booleans(),
)


@given(signatures)
def test_a_signature_holds_here_if_it_does_for_joserfc(signature: bytes) -> None:
    compact = b".".join((HEADER, PAYLOAD, base64.urlsafe_b64encode(signature).rstrip(b"=")))
    try:
        jws.deserialize_compact(compact, JWK, algorithms=[ALGORITHM])
        theirs = None
    except JoseError:
        theirs = "bad-signature"
    assert refusal(lambda: check_signature(parse(compact), [KEY])) == theirs


@given(
    st.integers(0, len(SIGNED.compact)),
    st.sampled_from([b"=", b"==", b"+", b"/", b" ", b"\n", b"\x00", b"\xff", "я".encode(), b"%"]),
)
def test_a_character_base64url_does_not_have_is_refused_and_not_passed_over(
    place: int, character: bytes
) -> None:
    compact = SIGNED.compact[:place] + character + SIGNED.compact[place:]
    assert refusal(lambda: parse(compact)) == "credential-malformed"
