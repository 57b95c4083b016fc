"""The RSA key by which this node's ID tokens are signed: `keys/identity.pem` in its data folder.

OpenID Connect Core wants RS256 of every provider, so the node's Ed25519 key can't sign them; it
signs the public half, and so vouches for it (`wire.identity`).
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chorsu.exchange.keys import key_path

BITS = 2048


def identity_pem() -> str:
    """The private key as PEM (PKCS #8), made at first use with mode 0600."""
    path = key_path().with_name("identity.pem")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_new())
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: of two processes that start at once, the first one's key stays.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")


def _new() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
