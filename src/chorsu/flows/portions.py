"""Portions: how many waiting entries of a peer are taken up together, and asked for together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from chorsu.exchange import queries
from chorsu.exchange.pace import SMALL_BYTES
from chorsu.exchange.queries import EntryView
from chorsu.wire.batch import MAX_BATCH

TOGETHER_BYTES = 3 * 512 * 1024
"""Of small contents at a time: while some are taken in, as many more come, each there twice."""


class Line:
    """Entries that are due, a stretch at a time, and `following`, those known to come after it."""

    def __init__(self, peer_name: str, now: datetime) -> None:
        self._peer_name, self._now, self._more = peer_name, now, False
        self.following: Sequence[EntryView] = ()

    def next(self) -> Sequence[EntryView]:
        """The next stretch, from the beginning again after the last; empty if none is due."""
        entries = first_of(self.following or self._asked(after=-1))
        self.following = self.following[len(entries) :]
        if self._more and not self.following:
            self.following = self._asked(after=entries[-1].index)
        return entries

    def _asked(self, *, after: int) -> Sequence[EntryView]:
        self.following = queries.waiting_entries(self._peer_name, now=self._now, after=after)
        self._more = len(self.following) == MAX_BATCH
        return self.following


def first_of(entries: Sequence[EntryView]) -> Sequence[EntryView]:
    """The first entries, as many as may be in memory together; large contents never are."""
    size = 0
    for count, entry in enumerate(entries):
        size += entry.size if entry.size <= SMALL_BYTES else 0
        if count and size > TOGETHER_BYTES:
            return entries[:count]
    return entries


def parts_of(entries: Sequence[EntryView]) -> Iterator[list[EntryView]]:
    """Stretches of entries whose blobs are asked for together."""
    part: list[EntryView] = []
    size = 0
    for entry in entries:
        if part and (len(part) == MAX_BATCH or size + entry.size > TOGETHER_BYTES):
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry.size
    if part:
        yield part
