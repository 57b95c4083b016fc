"""Keys that a learning system publishes and that are none for its messages."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from joserfc.jwk import ECKey, OctKey

from chorsu.tools.claims import PlatformView
from chorsu.tools.messages import read_message
from chorsu.tools.rules import LtiRefused
from chorsu.tools.tokens import new_key, public_set
from tests.lti_platform import CLIENT, DEPLOYMENT, LearningSystem

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SYSTEM = LearningSystem("https://moodle.example", "", pem=new_key())
PLATFORM = PlatformView(
    id=1, key=uuid.UUID(int=1), name="Moodle", issuer=SYSTEM.url, client_id=CLIENT,
    deployments=[DEPLOYMENT], auth_url="", token_url="", keys_url="", cohorts=[], active=True,
)  # fmt: skip


def _as_its_own(key: object) -> dict[str, object]:
    """A set that gives this key for the one that the system signs with."""
    (own,) = public_set(SYSTEM.pem)["keys"]  # type: ignore[misc,attr-defined]
    told = {"kid": own["kid"], "alg": "RS256"}
    return {"keys": [{**key, **told} if isinstance(key, dict) else key]}


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-256").as_dict(private=False),
        OctKey.generate_key(256).as_dict(private=True),
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA"},
        {"kty": "unheard-of"},
        "no key",
        None,
    ],
    ids=["EC", "secret", "too short", "a number", "empty", "unknown", "text", "null"],
)
def test_a_key_that_is_none_for_it_refuses_the_message(key: object) -> None:
    token = SYSTEM.signed(SYSTEM.claims("nonce", NOW))
    with pytest.raises(LtiRefused):
        read_message(token, PLATFORM, _as_its_own(key), nonce="nonce", now=NOW)


def test_its_own_key_takes_it() -> None:
    token = SYSTEM.signed(SYSTEM.claims("nonce", NOW))
    keys = public_set(SYSTEM.pem)
    assert read_message(token, PLATFORM, keys, nonce="nonce", now=NOW)["sub"] == "17"
