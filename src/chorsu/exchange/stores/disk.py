"""A store on the node's own disk."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from chorsu.exchange.stores.base import PUTS_AT_ONCE, UNTOUCHED, require_same

LOCK_FILE = "lock"
MARK_FILE = "sweeper"


class DiskStore:
    """Files in a folder, named by their hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def title(self) -> str:
        """The folder."""
        return f"disk, {self._folder}"

    def path(self, sha256: str) -> Path:
        """Where the bytes of this hash lie, there or not."""
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def keep(self, drafts: Sequence[tuple[Path, str, int]]) -> None:
        """Rename each into its place; many are forced to disk together, at the price of one."""
        many = len(drafts) > 1
        if many:
            os.sync()
            # Only asking each for its errors is left to do, which is waiting.
            with ThreadPoolExecutor(max_workers=PUTS_AT_ONCE) as threads:
                list(threads.map(_force, drafts))
        elif drafts:
            _force(drafts[0])
        folders = set()
        for draft, sha256, size in drafts:
            path = self.path(sha256)
            is_whole = _is_whole(path, sha256, size)
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(fcntl.LOCK_SH):
                # Touched: it is wanted again, though its row may not be committed yet.
                if is_whole and _touch(path):
                    draft.unlink()
                    continue
                draft.replace(path)
            folders.add(path.parent)
        # The names must survive a power cut as well as the bytes do.
        if many and folders:
            os.sync()
        for folder in () if many else folders:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.path(sha256).exists()

    def open(self, sha256: str) -> BinaryIO | None:
        """The file."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> bool:
        """Unlink the file; who has it open reads on to its end."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def untouched(self, now: datetime) -> Iterator[str]:
        """By the time of the file."""
        before = (now - UNTOUCHED).timestamp()
        for path in self._folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield path.name

    def remove_untouched(self, sha256: str, now: datetime) -> bool:
        """By the time of the file, which nobody can move between the look and the removal."""
        before, path = (now - UNTOUCHED).timestamp(), self.path(sha256)
        try:
            with self._locked(fcntl.LOCK_EX):
                if path.stat().st_mtime >= before:
                    return False
                path.unlink()
        except FileNotFoundError:
            return False
        return True

    def mark(self) -> str:
        """The text of a file in the folder."""
        try:
            return (self._folder / MARK_FILE).read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def set_mark(self, text: str) -> None:
        """Renamed into its place, so that it is never half there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{MARK_FILE}.{secrets.token_hex(8)}"
        try:
            draft.write_text(text, "utf-8")
            draft.replace(self._folder / MARK_FILE)
        finally:
            draft.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """A lock across processes, and machines that share the folder: it goes with its holder."""
        # For reading too: over NFS a shared lock is refused to who can only write.
        with (self._folder / LOCK_FILE).open("a+b") as file:
            fcntl.flock(file, how)
            yield


def _touch(path: Path) -> bool:
    """Make a file new; False if it has gone."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _force(draft: tuple[Path, str, int]) -> None:
    """See that a file is on the disk, and read back as what it is."""
    path, sha256, _ = draft
    with path.open("rb") as file:
        os.fsync(file.fileno())
        require_same(sha256, file)


def _is_whole(path: Path, sha256: str, size: int) -> bool:
    """Whether the same bytes lie there already; a file the disk has spoilt is not left there."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
