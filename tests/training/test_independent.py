"""What this software signs and lists, read by another implementation; and the other way round."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import jwt
import pytest
from jwt.algorithms import OKPAlgorithm
from openvc.status.bitstring import decode_bitstring, encode_bitstring, get_status_bit
from openvc.status.status_list import check_credential_status

from chorsu.wire.statuslist import decode_list, empty_list, encode_list, is_set, with_set
from tests.vectors.credentials import CREDENTIAL, INDEX, SIGNED
from tests.vectors.sample import BEIJING

W3C_EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""The list of the examples of Bitstring Status List v1.0: 131,072 bits, none of them set."""


def verified(compact: bytes) -> dict[str, Any]:
    """The payload of a JWS, verified by PyJWT with the public key as a JWK."""
    x = base64.urlsafe_b64encode(BEIJING.verify_key.public).rstrip(b"=").decode()
    key = OKPAlgorithm.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x})
    reader = jwt.PyJWT()
    # The library knows the algorithm by its older name alone.
    reader._jws.register_algorithm("Ed25519", OKPAlgorithm())
    options = {"require": ["iss", "sub", "nbf", "jti"], "verify_exp": True}
    return reader.decode(compact, key=key, algorithms=["Ed25519"], options=options, leeway=10**9)


def test_another_implementation_verifies_the_credential() -> None:
    found = verified(SIGNED.compact)
    assert found == CREDENTIAL.members()
    assert jwt.get_unverified_header(SIGNED.compact) == {
        "alg": "Ed25519",
        "kid": f"did:web:beijing.chorsu.example#{BEIJING.key_id:08x}",
        "typ": "vc+jwt",
    }


def test_another_implementation_refuses_a_changed_one() -> None:
    header, payload, signature = SIGNED.compact.split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    claims["credentialSubject"]["licenseNumber"] = "CN-NAG-2026-000124"
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    with pytest.raises(jwt.InvalidSignatureError):
        verified(b".".join((header, other, signature)))


def test_lists_are_read_and_written_alike_by_both() -> None:
    positions = random.Random(5).sample(range(131_072), 500)
    bits = empty_list()
    for position in positions:
        bits = with_set(bits, position)
    theirs = decode_bitstring(encode_list(bits))
    assert theirs == bits
    assert all(get_status_bit(theirs, one) == 1 for one in positions)
    assert decode_list(encode_bitstring(bits)) == bits


def test_the_example_of_the_standard_is_read() -> None:
    bits = decode_list(W3C_EXAMPLE)
    assert (len(bits) * 8, any(bits)) == (131_072, False)


@pytest.mark.parametrize("revoked", [False, True])
def test_another_implementation_finds_the_credential_in_the_published_list(
    *, revoked: bool
) -> None:
    bits = with_set(empty_list(), INDEX) if revoked else with_set(empty_list(), INDEX + 1)
    members = CREDENTIAL.members()
    status = members["credentialStatus"]
    assert isinstance(status, dict)
    listed = {
        "id": status["statusListCredential"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": members["iss"],
        "credentialSubject": {
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_list(bits),
        },
    }
    found = check_credential_status(members, resolve_status_list=lambda _address: listed)
    assert found.revoked is revoked
    assert is_set(bits, INDEX) is revoked
