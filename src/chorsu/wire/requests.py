"""Signed requests between nodes: HTTP message signatures, RFC 9421, with Ed25519.

A request is signed over `@method`, `@authority`, `@path`, `@query` where there is one, and
`content-digest` (RFC 9530) where there is a body; with `created`, `nonce`, `keyid` (the node's
name), `alg="ed25519"` and `tag="chorsu"`. Requests are safe to receive twice, so a nonce need not
be remembered; one that is not must remember `VerifiedRequest.nonce` for twice the window.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    VerifyResult,
)
from http_message_signatures.algorithms import ED25519
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, decode_base64

TAG = "chorsu"
LABEL = "chorsu"
DEFAULT_WINDOW_S = 300
MAX_HEADER_CHARS = 4096
MAX_NONCE_CHARS = 128
_ALWAYS_COVERED = ("@method", "@authority", "@path")
_BYTE_SEQUENCE = re.compile(r":([^:]*):")
_SIGNATURE_HEADERS = ("signature", "signature-input", "content-digest")


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """Who signed a request, when (UTC), and the nonce they chose."""

    key: VerifyKey
    created: datetime
    nonce: str


@dataclass
class _Message:
    """What the signature library reads and writes: a request without any transport."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(
        self,
        *,
        signing: SigningKey | None = None,
        resolve: Callable[[str], VerifyKey | None] = lambda name: None,
    ) -> None:
        self.signing = signing
        self.resolve = resolve
        self.resolved: VerifyKey | None = None
        self.asked = False

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        if self.signing is None:
            raise WireError("request-unsigned", "no key to sign with")
        return Ed25519PrivateKey.from_private_bytes(self.signing.seed)

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        self.asked = True
        self.resolved = self.resolve(key_id)
        if self.resolved is None or self.resolved.name != key_id:
            self.resolved = None
            return None
        return Ed25519PublicKey.from_public_bytes(self.resolved.public)


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(
        self, sig_input: object, max_age: timedelta | None = None
    ) -> None:
        """Nothing: the library would read the machine's clock; `_check_time` is told `now`."""


def sign_request(
    key: SigningKey, method: str, url: str, body: bytes | None, now: datetime, nonce: str
) -> dict[str, str]:
    """The headers to send with a request: `Signature-Input`, `Signature`, `Content-Digest`.

    `url` is absolute, as the other node will see it; `nonce` is 1..128 printable ASCII characters
    never used before. Raises `request-unsigned` if such a request can't be signed.
    """
    if not 1 <= len(nonce) <= MAX_NONCE_CHARS:
        raise WireError("request-unsigned", "a nonce of no or too many characters")
    message = _Message(method, url)
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Keys(signing=key))
    try:
        signer.sign(
            message,
            key_id=key.name,
            created=now,
            nonce=nonce,
            label=LABEL,
            tag=TAG,
            covered_component_ids=_covered(url),
            body=body,
        )
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise WireError("request-unsigned", str(error)) from error
    return message.headers


def verify_request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    resolve: Callable[[str], VerifyKey | None],
    now: datetime,
    window_s: int = DEFAULT_WINDOW_S,
) -> VerifyKey:
    """The key that signed this request; as `verify_signature`, which also tells when."""
    return verify_signature(method, url, headers, body, resolve, now, window_s).key


def verify_signature(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    resolve: Callable[[str], VerifyKey | None],
    now: datetime,
    window_s: int = DEFAULT_WINDOW_S,
) -> VerifiedRequest:
    """Check a request that came in.

    `url` is absolute and built from this node's own address, not from the Host header; `headers`
    are matched whatever their case; `resolve` maps a node's name to its key if it is known.
    Raises `request-unsigned`, `request-unknown-key`, `request-digest`, `request-signature`, or
    `request-expired` if signed over `window_s` seconds before or after `now`.
    """
    message = _Message(method, url, _lower_case(headers))
    if not message.headers.keys() >= {"signature", "signature-input"}:
        raise WireError("request-unsigned", "no Signature and Signature-Input")
    _refuse_loose_base64(message)
    keys = _Keys(resolve=resolve)
    result = _verify(message, keys)
    if keys.resolved is None:
        raise WireError("request-unknown-key", "nobody here knows the key")
    created, nonce = result.parameters.get("created"), result.nonce
    if not isinstance(created, int) or not nonce or len(nonce) > MAX_NONCE_CHARS:
        raise WireError("request-unsigned", "created and nonce must be signed")
    _check_time(created, result.parameters.get("expires"), now, window_s)
    _check_body(message, result, body)
    return VerifiedRequest(keys.resolved, _moment(created, now), nonce)


def _refuse_loose_base64(message: _Message) -> None:
    """One signature has one spelling: the library would take base64 with loose bits at its end."""
    for name in ("signature", "content-digest"):
        for material in _BYTE_SEQUENCE.findall(message.headers.get(name, "")):
            if decode_base64(material) is None:
                raise WireError("request-signature", f"{name}: base64 that is not canonical")


def _verify(message: _Message, keys: _Keys) -> VerifyResult:
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=keys)
    try:
        results = verifier.verify(
            message, max_age=None, expect_tag=TAG, require_components=_covered(message.url)
        )
    except (HTTPMessageSignaturesException, ValueError) as error:
        if keys.asked and keys.resolved is None:
            raise WireError("request-unknown-key", "nobody here knows the key") from error
        raise WireError("request-signature", str(error)[:200]) from error
    if len(results) != 1:
        raise WireError("request-signature", "more than one signature of this network")
    return results[0]


def _check_body(message: _Message, result: VerifyResult, body: bytes) -> None:
    if not body and "content-digest" not in message.headers:
        return
    try:
        covered = ContentDigest.verify_components(result.covered_components, body)
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError) as error:
        raise WireError("request-digest", str(error)[:200]) from error
    if not covered:
        raise WireError("request-digest", "the body is not covered by the signature")


def _check_time(created: int, expires: object, now: datetime, window_s: int) -> None:
    seconds = now.timestamp()
    if abs(seconds - created) > window_s:
        raise WireError("request-expired", f"signed {seconds - created:.0f} s ago")
    if isinstance(expires, int) and seconds > expires:
        raise WireError("request-expired", f"expired {seconds - expires:.0f} s ago")


def _moment(created: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(created, now.tzinfo)


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in _SIGNATURE_HEADERS and (lower in found or len(value) > MAX_HEADER_CHARS):
            raise WireError("request-signature", f"{lower} twice or too long")
        found[lower] = value
    return found


def _covered(url: str) -> tuple[str, ...]:
    return (*_ALWAYS_COVERED, "@query") if urlsplit(url).query else _ALWAYS_COVERED
