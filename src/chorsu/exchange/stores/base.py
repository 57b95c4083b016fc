"""What every store promises: bytes under their hash, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK_BYTES = 1 << 16
PUTS_AT_ONCE = 8
UNTOUCHED = timedelta(days=7)
"""How long bytes lie before they may be called left over: longer than any transaction, and than
whoever sweeps may be away (`actions.visiting`), so that what came since then stays.
"""


class StoreFailed(OSError):  # noqa: N818 - says what is wrong
    """The store can't be reached, refuses, or gives back other bytes than it was given."""


class Store(Protocol):
    """Bytes by SHA-256. Methods raise `OSError`; names are checked by the caller."""

    @property
    def title(self) -> str:
        """What an administrator knows it by."""

    def keep(self, drafts: Sequence[tuple[Path, str, int]]) -> None:
        """Take over finished local files, each with its hash and length; they are gone after."""

    def has(self, sha256: str) -> bool:
        """Whether there are bytes under this name."""

    def open(self, sha256: str) -> BinaryIO | None:
        """The bytes as a file that can seek, read as they are asked for; None if not here."""

    def remove(self, sha256: str) -> bool:
        """Remove the bytes; False if there were none."""

    def untouched(self, now: datetime) -> Iterator[str]:
        """Names of bytes that nobody has put or put again for as long as `UNTOUCHED`."""

    def mark(self) -> str:
        """What the last who looked after the store has left in it; empty if nobody did."""

    def set_mark(self, text: str) -> None:
        """Leave that in its place."""

    def remove_untouched(self, sha256: str, now: datetime) -> bool:
        """Remove bytes if that is so still; False if not. Who puts them meanwhile has them."""


def require_same(sha256: str, file: BinaryIO) -> None:
    """Raise `StoreFailed` unless a file's bytes, from where it stands, are those of the hash."""
    found = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
    if found.hexdigest() != sha256:
        raise StoreFailed(f"{sha256} came back as {found.hexdigest()}")
