"""The node's own LTI key: made at first use, kept in the data folder, mode 0600."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from chorsu.tools.tokens import new_key, public_set


def own_pem() -> str:
    """The private key, as PEM."""
    return _read(str(settings.DATA_DIR))


def own_set() -> dict[str, object]:
    """The public key, as a JWK Set."""
    return public_set(own_pem())


@lru_cache(maxsize=8)
def _read(folder: str) -> str:
    path = Path(folder) / "keys" / "lti.pem"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"lti.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key())
            file.flush()
            # Else what is left after a power cut may be an empty file, and no key ever again.
            os.fsync(file.fileno())
        try:
            # Of two processes that make a key at once the first one's stays.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii")
