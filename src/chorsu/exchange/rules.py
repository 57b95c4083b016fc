"""Pure rules of the exchange: how long to wait before trying again."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)


def next_try(tries: int, now: datetime) -> datetime:
    """When to try again after `tries` (1 or more) failures: 10 s, doubled each time, up to 6 h."""
    doublings = min(max(tries, 1) - 1, 20)
    pause: timedelta = FIRST_PAUSE * (1 << doublings)
    return now + min(pause, LONGEST_PAUSE)
