"""Disks of their own for the nodes and their PostgreSQL, so that full is full for every process.

A file system in memory is mounted over a folder, and made as small as what lies in it and a little
more. Only the system's administrator may mount, and in many containers nobody may: then there is no
such disk, and a full one is told to one process only, by its own limit (`hands`, `max_file`).
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM_BYTES = 4 * 1024**3
"""Of a disk that is not full; memory is taken as it is needed."""
FULL_S = 3.0
"""After so long somebody has made room: PostgreSQL cannot even start on a full disk."""
TRIES = 5


class NoDisk(Exception):
    """A disk of one's own can't be had here; says why."""


class Disk:
    """What a folder lies on from now on; the folder is there and empty. Raises `NoDisk`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            _run("mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", str(folder))
        except (OSError, subprocess.CalledProcessError) as refused:
            words = getattr(refused, "stderr", b"") or str(refused).encode()
            raise NoDisk(words.decode(errors="replace").strip()) from refused

    @contextmanager
    def full(self, left: int) -> Iterator[None]:
        """Nearly full for a while: so many bytes are left, in whole pages."""
        room = threading.Timer(FULL_S, self._resize, [ROOM_BYTES])
        for _ in range(TRIES):
            try:
                self._resize(self._used() + left)
                break
            except subprocess.CalledProcessError:
                # Something was written meanwhile: there is more than it should have room for.
                continue
        room.start()
        try:
            yield
        finally:
            room.cancel()
            room.join()
            self._resize(ROOM_BYTES)

    def close(self) -> None:
        """Take it away with all that is on it."""
        _run("umount", "--lazy", str(self._folder))

    def _used(self) -> int:
        now = os.statvfs(self._folder)
        return (now.f_blocks - now.f_bfree) * now.f_frsize

    def _resize(self, size: int) -> None:
        _run("mount", "-o", f"remount,size={size}", str(self._folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
