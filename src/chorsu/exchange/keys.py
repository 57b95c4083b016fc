"""The node's own key: made once, kept in the data folder, read by nobody but the node's user."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey

SEED_BYTES = 32


class UnusableKey(Exception):  # noqa: N818 - says what is wrong
    """The node's key file cannot be used; put the kept copy back, or peers will refuse the node."""


def key_path() -> Path:
    """Where the key lies: 32 bytes, mode 0600."""
    return Path(settings.DATA_DIR) / "keys" / "node.key"


def signing_key() -> SigningKey:
    """The node's key, made at first use. Raises `UnusableKey` for a damaged file."""
    return _read_or_make(key_path(), settings.NODE_NAME)


@lru_cache(maxsize=16)
def _read_or_make(path: Path, name: str) -> SigningKey:
    if not path.exists():
        _make(path, name)
    try:
        return SigningKey.from_bytes(path.read_bytes(), name)
    except WireError as error:
        raise UnusableKey(f"{path}: {error.detail}") from error


def _make(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(SigningKey.generate(name).seed)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, not a rename: of two processes that start at once, the first one's key stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
