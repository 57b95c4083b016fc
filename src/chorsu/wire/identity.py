"""Signing in at another node with the home academy: what the two nodes say to each other.

The home node is an OpenID Connect provider (Core 1.0: authorization code, PKCE S256, `nonce`,
pairwise `sub`), the teaching node its client. Between nodes of this network nothing of that rests
on a shared secret: the token request is signed as every request between peers is (`wire.requests`),
and the provider's RSA keys, by which ID tokens are checked, come as a note signed with the node's
own key. So does the confirmation that a person was forgotten.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import jwt

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise, printable
from chorsu.wire.envelope import MAX_SAFE_INTEGER, Json, JsonValue, canonical_json, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.note import MAX_NOTE_BYTES, open_note, sign

ALLOW_PATH = "/sign-in/allow"
"""Where the home node asks its person: OpenID Connect's authorization endpoint."""
RETURN_PATH = "/sign-in/returned"
"""Where the person comes back to at the teaching node: its one redirect URI."""
TOKEN_PATH = "/exchange/identity/token"  # noqa: S105 - an address
KEYS_PATH = "/exchange/identity/keys"
FORGET_PATH = "/exchange/identity/forget"
KEYS_HEADER = "chorsu-identity-keys/v1"
FORGOTTEN_HEADER = "chorsu-forgotten/v1"
CLAIMS = ("name", "email", "position", "language")
"""What a person may let another node know, each for itself; scopes have the same names."""
MAX_TOKEN_BYTES = 16 * 1024
MAX_FORGET_BYTES = 512
MAX_AGE_S = 600
CLOCK_S = 120
"""Clocks of two nodes differ by so much."""
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_MAX_NAME = 150


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, as their home says; empty: the person did not agree to tell it."""

    subject: str
    name: str = ""
    email: str = ""
    position: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """That the node that signs it has forgotten the person whom `home` calls `subject`.

    `rows` of its database were deleted; 0: nobody of that name was there. Raises
    `identity-malformed`.
    """

    home: str
    subject: str
    rows: int
    time: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", whole_seconds(self.time))
        parse_name(self.home)
        _require(_SUBJECT.fullmatch(self.subject), "subject")
        _require(0 <= self.rows <= MAX_SAFE_INTEGER, "rows")

    def to_bytes(self, key: SigningKey) -> bytes:
        """The signed note."""
        value: dict[str, Json] = {
            "home": self.home,
            "subject": self.subject,
            "rows": self.rows,
            "time": format_time(self.time),
        }
        return sign(f"{FORGOTTEN_HEADER}\n{canonical_json(value).decode()}\n", key)


def open_forgotten(data: bytes, key: VerifyKey) -> Forgotten:
    """Read a confirmation that `key` signed; raises `identity-malformed` and the codes of notes."""
    members = _lines(open_note(data, [key]).text, FORGOTTEN_HEADER)
    _require(members.keys() == {"home", "subject", "rows", "time"}, "members")
    rows = members["rows"]
    if not isinstance(rows, int) or isinstance(rows, bool):
        raise WireError("identity-malformed", "rows")
    try:
        time = parse_time(_string(members, "time"))
    except InvalidTime as error:
        raise WireError("identity-malformed", "time") from error
    return Forgotten(_string(members, "home"), _string(members, "subject"), rows, time)


def is_subject(text: str) -> bool:
    """Whether a text can be the identifier of a person at another node."""
    return _SUBJECT.fullmatch(text) is not None


def encode_forget(subject: str) -> bytes:
    """The body that asks a node to forget somebody; raises `identity-malformed`."""
    _require(_SUBJECT.fullmatch(subject), "subject")
    return canonical_json({"subject": subject})


def parse_forget(data: bytes) -> str:
    """Whom a peer asks to have forgotten; raises `identity-malformed` and the codes of JSON."""
    members = parse_json(data, MAX_FORGET_BYTES, max_depth=2)
    if not isinstance(members, dict) or members.keys() != {"subject"}:
        raise WireError("identity-malformed", "members")
    subject = _string(members, "subject")
    _require(_SUBJECT.fullmatch(subject), "subject")
    return subject


def sign_keys(jwks: Mapping[str, Json], key: SigningKey) -> bytes:
    """The provider's public keys (RFC 7517) as a note of the node."""
    return sign(f"{KEYS_HEADER}\n{canonical_json(dict(jwks)).decode()}\n", key)


def open_keys(data: bytes, key: VerifyKey) -> Mapping[str, JsonValue]:
    """The JWK set that `key` signed; raises `identity-malformed` and the codes of notes."""
    return _lines(open_note(data, [key]).text, KEYS_HEADER)


def challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def parse_token_answer(data: bytes) -> str:
    """The ID token of a token answer (Core 1.0, section 3.1.3.3); raises `identity-malformed`."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise WireError("identity-malformed", "not JSON") from error
    token = value.get("id_token") if isinstance(value, dict) else None
    if not isinstance(token, str):
        raise WireError("identity-malformed", "no ID token")
    return token


def read_id_token(
    token: str,
    jwks: Mapping[str, JsonValue],
    *,
    issuer: str,
    audience: str,
    nonce: str,
    now: datetime,
) -> Identity:
    """Check an ID token as Core 1.0, section 3.1.3.7, says; raises `identity-token`.

    `jwks` is the issuer's JWK set, `issuer` its address, `audience` this node's name. Claims that
    nobody asked for, or of a form that can't be, are left out.
    """
    try:
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=audience,
            issuer=issuer,
            # Times are checked below, by the clock that the caller reads.
            options={
                "require": ["iss", "aud", "sub", "exp", "iat", "nonce"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError("identity-token", type(error).__name__) from error
    if claims["aud"] != audience or claims["nonce"] != nonce:
        raise WireError("identity-token", "for another audience, or another sign-in")
    _check_times(claims["iat"], claims["exp"], now.timestamp())
    subject = claims["sub"]
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise WireError("identity-token", "sub")
    return Identity(
        subject=subject,
        name=_told(claims.get("name"))[:_MAX_NAME].strip(),
        email=_fitting(_told(claims.get("email")), _EMAIL),
        position=_fitting(_told(claims.get("position")), _CODE),
        language=found if (found := _told(claims.get("locale"))) in TAGS else "",
    )


def _check_times(issued: object, expires: object, now: float) -> None:
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise WireError("identity-token", "times")
    if not (now - MAX_AGE_S - CLOCK_S <= issued <= now + CLOCK_S and now <= expires + CLOCK_S):
        raise WireError("identity-token", "too old, or from the future")


def _told(value: object) -> str:
    if not isinstance(value, str) or printable(value) != value:
        return ""
    return " ".join(normalise(value).split())


def _fitting(value: str, form: re.Pattern[str]) -> str:
    return value if form.fullmatch(value) else ""


def _lines(text: str, header: str) -> Mapping[str, JsonValue]:
    lines = text.split("\n")
    _require(len(lines) == 3 and lines[0] == header, "first line")
    value = parse_json(lines[1].encode(), MAX_NOTE_BYTES, max_depth=4)
    if not isinstance(value, dict):
        raise WireError("identity-malformed", "members")
    return cast("Mapping[str, JsonValue]", value)


def _string(members: Mapping[str, JsonValue], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise WireError("identity-malformed", name)
    return value


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("identity-malformed", what)
