"""JSON Web Tokens of LTI: signed with the node's own key, verified with a tool's. No I/O.

RS256, as the IMS Security Framework 1.0 asks for; no other algorithm is believed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import TypeGuard

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from chorsu.kernel.text import has_unwanted
from chorsu.tools.rules import MAX_TEXT, LtiRefused

ALGORITHMS = ["RS256"]
KEY_BITS = 2048
LONGEST_S = 3600
"""Of a tool's own token, from `iat` to `exp`."""
SKEW_S = 60
"""By which two machines' clocks may differ."""
MAX_TOKEN = 16_000


def new_key() -> str:
    """A key of the node's own, as PEM."""
    return RSAKey.generate_key(KEY_BITS, private=True).as_pem(private=True).decode("ascii")


def public_set(pem: str) -> dict[str, object]:
    """The JWK Set in which the world finds the key."""
    key = _key(pem)
    told = key.as_dict(private=False)
    return {"keys": [{**told, "alg": "RS256", "use": "sig", "kid": key.thumbprint()}]}


def sign(claims: Mapping[str, object], pem: str) -> str:
    """A token of the node's."""
    key = _key(pem)
    header = {"alg": "RS256", "typ": "JWT", "kid": key.thumbprint()}
    return jwt.encode(header, dict(claims), key, algorithms=ALGORITHMS)


def verified(
    token: str, keys: Mapping[str, object], *, issuer: str, audiences: set[str], now: datetime
) -> dict[str, object]:
    """The claims of a tool's token. Raises `LtiRefused`.

    It must be signed by one of `keys`, name `issuer` as both its issuer and its subject and one
    of `audiences` as its audience, be neither old nor long-lived, and have an id.
    """
    claims = _believed(token, keys, "invalid_client", now)
    if claims.get("iss") != issuer or claims.get("sub") != issuer:
        raise LtiRefused("invalid_client", "iss or sub")
    if not any(isinstance(one, str) and one in audiences for one in _audiences(claims)):
        raise LtiRefused("invalid_client", "aud")
    if not _is_id(claims.get("jti")):
        raise LtiRefused("invalid_client", "jti")
    return claims


def verified_answer(
    token: str, keys: Mapping[str, object], *, issuer: str, audience: str, now: datetime
) -> dict[str, object]:
    """The claims of a tool's answer to a request of the node's. Raises `LtiRefused`.

    Signed by one of `keys`, from `issuer`, for `audience` and nobody else, neither old nor
    long-lived, with a nonce.
    """
    claims = _believed(token, keys, "invalid_request", now)
    if claims.get("iss") != issuer:
        raise LtiRefused("invalid_request", "iss")
    if _audiences(claims) != [audience] or claims.get("azp") not in (None, audience):
        raise LtiRefused("invalid_request", "aud or azp")
    if not _is_id(claims.get("nonce")):
        raise LtiRefused("invalid_request", "nonce")
    return claims


def _believed(
    token: str, keys: Mapping[str, object], code: str, now: datetime
) -> dict[str, object]:
    """The claims of a token whose signature and times hold; else refused with `code`."""
    if len(token) > MAX_TOKEN:
        raise LtiRefused(code, "a token of more than 16,000 characters")
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise LtiRefused(code, f"signature: {error}") from error
    claims = dict(found.claims)
    at, until = claims.get("iat"), claims.get("exp")
    if not is_time(at) or not is_time(until):
        raise LtiRefused(code, "iat or exp")
    here = now.timestamp()
    if at > here + SKEW_S or until < here - SKEW_S or until > at + LONGEST_S:
        raise LtiRefused(code, "too old, too early or valid for too long")
    return claims


def _audiences(claims: Mapping[str, object]) -> list[object]:
    aud = claims.get("aud")
    return aud if isinstance(aud, list) else [aud]


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and not has_unwanted(value)


def is_time(value: object) -> TypeGuard[int | float]:
    """Whether a claim is a time, in seconds since 1970. JSON as Python reads it also has `NaN`,
    which is neither early nor late.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < math.inf


def _key(pem: str) -> RSAKey:
    return RSAKey.import_key(pem)
