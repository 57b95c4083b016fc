"""So many bytes a second for all who share a line; of those who wait, the smallest goes first."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

SMALL_BYTES = 256 * 1024
"""Up to this size a thing is small: asked for with others, and held up by no large one."""


class Pace:
    """A line that several threads share. Safe among threads; 0 bytes a second: no limit."""

    def __init__(self, bytes_per_second: float = 0) -> None:
        self.bytes_per_second = bytes_per_second
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._numbers = itertools.count()
        self._free_at = time.monotonic()

    def keep(
        self,
        taken: int,
        *,
        since: float | None = None,
        rank: int = 0,
        given_up: Callable[[], bool] = lambda: False,
    ) -> float:
        """Wait until so many bytes have had their time; returns the seconds that took.

        Reading them began at `since` (`time.monotonic`): what that took is part of their time.

        The lowest `rank` of all that wait goes first, so that what is small is held up by no more
        than one piece of what is large. Who gives up (and calls `wake`) waits no longer.
        """
        speed = self.bytes_per_second
        if not speed:
            return 0.0
        begun = time.monotonic()
        ticket = (rank, next(self._numbers))
        with self._changed:
            heapq.heappush(self._waiting, ticket)
            while not given_up():
                wait = self._free_at - time.monotonic()
                if self._waiting[0] == ticket and wait <= 0:
                    break
                self._changed.wait(max(wait, 0.0) if self._waiting[0] == ticket else None)
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            from_then = begun if since is None else since
            self._free_at = max(self._free_at, from_then) + taken / speed
            mine = self._free_at
            self._changed.notify_all()
            while not given_up() and (wait := mine - time.monotonic()) > 0:
                self._changed.wait(wait)
        return time.monotonic() - begun

    def wake(self) -> None:
        """Have those who wait ask themselves again whether they have given up."""
        with self._changed:
            self._changed.notify_all()
