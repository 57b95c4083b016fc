"""Several blobs of one peer fetched at once, by threads that know only the network and files.

Who uses this stays in its own thread with the database: it says what to fetch, and hears what
came of it. Each thread has a connection of its own; all share the pace of the line. A download
grows in a file, 64 KiB at a time, and is taken up again after any break.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol

from chorsu.exchange import blobs
from chorsu.exchange.client import PeerClient, PeerTrouble

logger = logging.getLogger(__name__)
DOWN = ("unreachable", "timeout", "private-address")
"""With these there is no point in asking the same peer for the next thing now."""
BLOB_PATH = "/exchange/blob/"


class ContentSource(Protocol):
    """Where blobs come from: a peer over the network, or a part of a bundle."""

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        """Bring the resource at a path into a file, going on from where it ends."""


@dataclass(eq=False, slots=True)
class Download:
    """One blob on its way; `path` is set when it is here and checked, `trouble` when it is not.

    `left`: given up for something more urgent, and neither.
    """

    sha256: str
    size: int
    signed: bool
    rank: int
    path: Path | None = None
    trouble: PeerTrouble | None = None
    left: bool = False
    client: PeerClient | None = field(default=None, repr=False)


class Downloads:
    """The threads of one look at a peer; none is begun before there is something to fetch."""

    def __init__(self, connect: Callable[[], PeerClient], *, at_once: int) -> None:
        self.at_once = at_once
        self._connect = connect
        self._wanted: queue.SimpleQueue[Download | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[Download] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.running: list[Download] = []

    def __enter__(self) -> Downloads:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cut every line and wait for the threads, which have nothing left to wait for."""
        for one in self.running:
            self.leave(one)
        for _ in self._threads:
            self._wanted.put(None)
        for thread in self._threads:
            thread.join()

    def begin(self, one: Download) -> None:
        """Fetch a blob as soon as a thread is free; never more of them than `at_once`."""
        self.running.append(one)
        if len(self._threads) < min(self.at_once, len(self.running)):
            thread = threading.Thread(target=self._work, name=f"download {one.sha256}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._wanted.put(one)

    def leave(self, one: Download) -> None:
        """Give a download up; what has come of it stays for the next time."""
        with self._lock:
            one.left = True
            if one.client is not None:
                one.client.cut()

    def wait(self, seconds: float) -> Download | None:
        """The next that has ended, in whatever way; None if none does for so long."""
        try:
            one = self._ended.get(timeout=seconds)
        except queue.Empty:
            return None
        self.running.remove(one)
        return one

    def _work(self) -> None:
        client: PeerClient | None = None
        while (one := self._wanted.get()) is not None:
            try:
                client = self._fetch(one, client)
            except PeerTrouble as trouble:
                one.trouble = trouble
            except OSError as error:
                one.trouble = PeerTrouble(_disk_code(error), str(error))
            except Exception as error:
                # Whoever waits for it must hear that it has ended.
                logger.exception("a download failed")
                one.trouble = PeerTrouble("internal", f"{type(error).__name__}: {error}")
            if one.left and client is not None:
                # It was cut.
                client.close()
                client = None
            self._ended.put(one)
        if client is not None:
            client.close()

    def _fetch(self, one: Download, client: PeerClient | None) -> PeerClient:
        """Fetch it, over the connection of the thread if it has one; returns the connection."""
        if one.left:
            raise PeerTrouble("timeout", "given up")
        client = client or self._connect()
        client.rank = one.rank
        with self._lock:
            one.client = client
            if one.left:
                client.cut()
        try:
            one.path = bring(client, one.sha256, one.size, signed=one.signed)
        except PeerTrouble as trouble:
            one.trouble = trouble
        finally:
            with self._lock:
                one.client = None
        return client


def _disk_code(error: OSError) -> str:
    return "disk-full" if error.errno == errno.ENOSPC else "internal"


def bring(source: ContentSource, sha256: str, size: int, *, signed: bool) -> Path:
    """The blob as a finished file that is what its hash says; raises `PeerTrouble`."""
    path = blobs.partial_path(sha256)
    try:
        source.download(BLOB_PATH + sha256, path, size=size, signed=signed)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise PeerTrouble("blob-hash", f"expected {sha256}, got {found}")
    except PeerTrouble as trouble:
        # What came so far serves the next try only if the connection was at fault.
        if trouble.code not in DOWN:
            path.unlink(missing_ok=True)
        raise
    return path
