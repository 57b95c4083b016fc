"""Pure rules of the exchange: how long to wait before trying again; what programs are told."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=6)
GONE_TRIES = 8
PEER_SET_ASIDE = "peer_set_aside"
"""What programs are told of a record of a peer whose log does not add up here."""


def next_try(tries: int, now: datetime) -> datetime:
    """When to try again after `tries` (1 or more) failures: 10 s, doubled each time, up to 6 h."""
    doublings = min(max(tries, 1) - 1, 20)
    pause: timedelta = FIRST_PAUSE * (1 << doublings)
    return now + min(pause, LONGEST_PAUSE)


def is_gone(code: str, tries: int) -> bool:
    """Whether a peer has said so often, over about twenty minutes, that content is gone that it is
    asked for no more; `code` of the last try, `tries` failed ones before it.
    """
    return code == "peer-erased" and tries + 1 >= GONE_TRIES
