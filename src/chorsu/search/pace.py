"""So many questions a minute for each client: who asks without end is slowed, and nobody else."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from chorsu.search.errors import TooManySearches

MOST_CLIENTS = 10_000
"""Clients that are remembered; the one that has been still the longest is forgotten first."""


class Pace:
    """What each client may still ask. Safe among threads; of one process, in its memory.

    A minute's worth may come at once, or `at_once`; after that it comes back evenly.
    """

    def __init__(self, *, at_once: int | None = None) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, *, per_minute: int, now: float | None = None) -> None:
        """Take one question of a client; 0 a minute: no limit. Raises `TooManySearches`.

        `now` in seconds of a clock that never goes back.
        """
        if not per_minute:
            return
        moment = time.monotonic() if now is None else now
        with self._lock:
            most = float(self._at_once or per_minute)
            left, since = self._left.pop(client, (most, moment))
            left = min(most, left + (moment - since) * per_minute / 60)
            refused = left < 1
            self._left[client] = (left if refused else left - 1, moment)
            if len(self._left) > MOST_CLIENTS:
                self._left.popitem(last=False)
        if refused:
            raise TooManySearches(math.ceil((1 - left) * 60 / per_minute))
