"""Names and Ed25519 keys of nodes, in the verifier-key form of c2sp.org/signed-note.

A verifier key is `name+hash+base64`: hash is the key id in 8 hex digits, base64 holds the
algorithm byte and the 32-byte public key. A node's key signs its checkpoints (algorithm 0x01),
cosigns its peers' (0x04) and signs its requests; the messages can't be taken for each other.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from chorsu.wire.errors import WireError

ALGORITHM_ED25519 = 0x01
ALGORITHM_COSIGNATURE = 0x04
MAX_NAME = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", re.ASCII)


def parse_name(text: str) -> str:
    """Return a node name unchanged; raises `name-malformed`.

    DNS-like, lower-case: labels of `a-z0-9-` joined by dots, at most 253 characters.
    """
    if len(text) > MAX_NAME or _NAME.fullmatch(text) is None:
        raise WireError("name-malformed", repr(text[:80]))
    return text


@functools.lru_cache(maxsize=1024)
def key_id(name: str, algorithm: int, public: bytes) -> int:
    """The 32-bit key id of signed-note: SHA-256(name, newline, algorithm, key), first 4 bytes."""
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()
    return int.from_bytes(digest[:4], "big")


def decode_base64(text: str) -> bytes | None:
    """Standard padded base64 in its one canonical spelling, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half of a node's key, with the name it answers to."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        parse_name(self.name)
        if len(self.public) != 32:
            raise WireError("key-malformed", f"a public key of {len(self.public)} bytes")
        if _has_small_order(self.public):
            raise WireError("key-malformed", "a public key anyone could sign for")

    @staticmethod
    def parse(vkey: str) -> VerifyKey:
        """Read `name+hash+base64`; raises `key-malformed` or `name-malformed`."""
        return _parsed(vkey)

    @property
    def vkey(self) -> str:
        """`name+hash+base64`."""
        material = bytes([ALGORITHM_ED25519]) + self.public
        return f"{self.name}+{self.key_id:08x}+{base64.b64encode(material).decode()}"

    @property
    def key_id(self) -> int:
        """Id of this key's signatures on notes."""
        return key_id(self.name, ALGORITHM_ED25519, self.public)

    @property
    def cosigner_key_id(self) -> int:
        """Id of this key's cosignatures on other logs' checkpoints."""
        return key_id(self.name, ALGORITHM_COSIGNATURE, self.public)

    @property
    def fingerprint(self) -> str:
        """What two people read to each other: 8 groups of 4 hex digits.

        The first 128 bits of the SHA-256 of the public key.
        """
        digits = hashlib.sha256(self.public).hexdigest()[:32]
        return " ".join(digits[start : start + 4] for start in range(0, 32, 4))

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's Ed25519 signature (RFC 8032) of `message`."""
        try:
            _loaded(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


# Whoever verifies knows few keys, and meets their names in every file.
@functools.lru_cache(maxsize=256)
def _loaded(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


@functools.lru_cache(maxsize=256)
def _parsed(vkey: str) -> VerifyKey:
    match = _VKEY.fullmatch(vkey) if len(vkey) <= MAX_NAME + 60 else None
    if match is None:
        raise WireError("key-malformed", f"not name+hash+base64: {vkey[:80]!r}")
    material = decode_base64(match[3])
    if material is None or len(material) != 33 or material[0] != ALGORITHM_ED25519:
        raise WireError("key-malformed", "not an Ed25519 key of signed-note")
    key = VerifyKey(match[1], material[1:])
    if key.vkey != vkey:
        raise WireError("key-malformed", "the key id is not that of name and key")
    return key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A node's private key; `repr` never shows the seed."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        parse_name(self.name)
        if len(self.seed) != 32:
            raise WireError("key-malformed", f"a seed of {len(self.seed)} bytes, expected 32")

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new key from the system's random source."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_bytes(cls, seed: bytes, name: str) -> SigningKey:
        """The key of a kept 32-byte seed."""
        return cls(name, seed)

    @property
    def verify_key(self) -> VerifyKey:
        """The public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifyKey(self.name, private.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        """The public half as `name+hash+base64`."""
        return self.verify_key.vkey

    @property
    def key_id(self) -> int:
        """Id of this key's signatures on notes."""
        return self.verify_key.key_id

    @property
    def fingerprint(self) -> str:
        """As `VerifyKey.fingerprint`."""
        return self.verify_key.fingerprint

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature (RFC 8032) of `message`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


# y coordinates of the eight points of small order on Curve25519's Edwards form: for such a
# "key" signatures can be made without any secret.
_P = 2**255 - 19
_Y_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _Y_ORDER_8, _P - _Y_ORDER_8})


def _has_small_order(public: bytes) -> bool:
    y = int.from_bytes(public, "little") & (2**255 - 1)
    return y % _P in _SMALL_ORDER_Y
