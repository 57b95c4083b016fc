"""Fetching: the files that peers' records name, several at a time, the small and wished first.

The threads of `exchange.downloads` know nothing of the database: here is decided what they fetch,
and what came is written down. A file that is here, whole and checked, is kept at once; one that
was cut goes on where it ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType

from django.conf import settings

from chorsu.exchange import actions, blobs, erasures, wanting
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.downloads import DOWN, ContentSource, Download, Downloads, bring
from chorsu.exchange.locks import only_one
from chorsu.exchange.pace import SMALL_BYTES
from chorsu.exchange.rules import is_gone
from chorsu.exchange.wanting import WantedFile
from chorsu.wire.entry import NETWORK

TICK_S = 1.0
"""How often new wishes, and a look that is due, are asked for while files are on their way."""


class Fetching:
    """The files of one peer on their way. Small ones keep a place that no large one takes."""

    def __init__(self, downloads: Downloads, peer_name: str) -> None:
        self._downloads = downloads
        self._peer_name = peer_name
        self._held: dict[str, ExitStack] = {}
        self._queue: list[WantedFile] = []

    def __enter__(self) -> Fetching:
        self._downloads.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._downloads.__exit__(kind, error, trace)
        for sha256 in list(self._held):
            self._let_go(sha256)

    @property
    def busy(self) -> bool:
        """Whether any file is on its way."""
        return bool(self._downloads.running)

    def take(
        self,
        now: datetime,
        clock: Callable[[], datetime] | None,
        *,
        until: Callable[[datetime], bool],
    ) -> datetime:
        """Fetch what is due until nothing is, or something else is to be done; returns the time.

        In the second case files are still on their way. Raises `PeerTrouble` if the peer is down.
        """
        while True:
            self._queue = wanting.wanted_files(self._peer_name, now=now)
            self._feed(now)
            if not self.busy:
                return now
            self._settle_for(TICK_S, now)
            if clock is not None:
                now = clock()
                if until(now):
                    return now

    def _settle_for(self, seconds: float, now: datetime) -> None:
        """Write down what comes in so long; earlier if there is nothing more in the queue."""
        end = time.monotonic() + seconds
        while self.busy and (left := end - time.monotonic()) > 0:
            one = self._downloads.wait(left)
            if one is not None:
                self._settle(one, now)
                if not self._queue:
                    return
                self._feed(now)

    def _feed(self, now: datetime) -> None:
        """Give the threads what they can take, in the order of the queue."""
        left = []
        for file in self._queue:
            if file.sha256 in self._held:
                continue
            if not self._has_place(file):
                left.append(file)
            elif _refuse_or_find(self._peer_name, file, now):
                self._begin(file)
        self._queue = left

    def _has_place(self, file: WantedFile) -> bool:
        running, at_once = self._downloads.running, self._downloads.at_once
        large = [one for one in running if one.size > SMALL_BYTES]
        places = at_once if file.size <= SMALL_BYTES else max(1, at_once - 1)
        if len(running) < at_once and (file.size <= SMALL_BYTES or len(large) < places):
            return True
        if file.wished or (file.size <= SMALL_BYTES and len(large) == at_once):
            self._make_room(large)
        return False

    def _make_room(self, large: Sequence[Download]) -> None:
        """Give up the largest that nobody waits for; it goes on later where it was."""
        unwished = [one for one in large if one.rank > 1]
        if unwished and not any(one.left for one in self._downloads.running):
            self._downloads.leave(max(unwished, key=lambda one: one.size))

    def _begin(self, file: WantedFile) -> None:
        wants = wanting.wants_of(self._peer_name, file.sha256)
        held = ExitStack()
        if not wants or not held.enter_context(only_one(f"blob {file.sha256}")):
            # Another worker fetches the same from another peer.
            held.close()
            return
        self._held[file.sha256] = held
        signed = all(want.audience == NETWORK for want in wants)
        rank = 1 if file.wished else 1 + max(1, file.size)
        self._downloads.begin(Download(file.sha256, file.size, signed=signed, rank=rank))

    def _settle(self, one: Download, now: datetime) -> None:
        wants = wanting.wants_of(self._peer_name, one.sha256)
        path = one.path
        for want in wants:
            if path is not None or one.path is not None:
                actions.keep_file(peer_name=self._peer_name, file=want, path=path, now=now)
                path = None
            elif one.trouble is not None and not one.left:
                _postpone(self._peer_name, want, one.trouble, now)
        self._let_go(one.sha256)
        if one.trouble is not None and not one.left and one.trouble.code in DOWN:
            raise one.trouble

    def _let_go(self, sha256: str) -> None:
        self._held.pop(sha256).close()


def take_file(source: ContentSource, peer_name: str, file: WantedFile, now: datetime) -> None:
    """Fetch one file from wherever it lies, and keep it."""
    path: Path | None = None
    try:
        if not _refuse_or_find(peer_name, file, now):
            return
        path = bring(source, file.sha256, file.size, signed=file.audience == NETWORK)
    except PeerTrouble as trouble:
        _postpone(peer_name, file, trouble, now)
        if trouble.code in DOWN:
            raise
    else:
        actions.keep_file(peer_name=peer_name, file=file, path=path, now=now)


def bring_all(threads: Downloads, wanted: Sequence[Download]) -> None:
    """Fetch blobs and leave them as finished downloads; whoever takes them up hears of trouble."""
    waiting = list(wanted)
    while waiting or threads.running:
        while waiting and len(threads.running) < threads.at_once:
            threads.begin(waiting.pop(0))
        one = threads.wait(TICK_S)
        if one is not None and one.trouble is not None and one.trouble.code in DOWN:
            return


def _refuse_or_find(peer_name: str, file: WantedFile, now: datetime) -> bool:
    """Whether the file is still to be fetched: neither too large, nor here already, nor erased."""
    if erasures.erased([file.sha256], peer_name):
        _give_up(peer_name, file, now)
        return False
    if file.size > settings.NODE.number("files.max_mb") * 1024 * 1024:
        _postpone(peer_name, file, PeerTrouble("answer-too-large", f"{file.size} bytes"), now)
        return False
    if blobs.at_hand([file.sha256], peer_name):
        actions.keep_file(peer_name=peer_name, file=file, path=None, now=now)
        return False
    return True


def _give_up(peer_name: str, file: WantedFile, now: datetime) -> None:
    """Want a file no more that was erased, or that its origin says is gone."""
    actions.gone_at_origin(peer_name=peer_name, blob=file.sha256, record_id=file.record_id, now=now)


def _postpone(peer_name: str, file: WantedFile, trouble: PeerTrouble, now: datetime) -> None:
    if is_gone(trouble.code, file.tries):
        _give_up(peer_name, file, now)
        return
    actions.postpone_file(peer_name=peer_name, file=file, code=trouble.code, now=now)
