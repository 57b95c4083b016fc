"""Where somebody stands in a list of answers, so that the next page goes on from there. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_PARTS = re.compile(
    r"([1-9][0-9]{0,4})-(-?[0-9]{1,8})-([0-9]{1,17})-"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
PATTERN = f"^({_PARTS.pattern})?$"
"""Of an address's parameter: a place or nothing."""
_SCALE = 1_000_000


class Answer(Protocol):
    """What a list is ordered by: score, then the newer (microseconds since 1970), then id."""

    @property
    def record_id(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def updated(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Place:
    """An answer that was seen, and how many stood in the list then, up to it and with it.

    A list may change between two pages: who reads on wants what follows what they have seen, and
    none of it twice.
    """

    seen: int
    score: int
    updated: int
    record_id: str

    @classmethod
    def of(cls, answer: Answer, seen: int) -> Place:
        """The place of an answer."""
        return cls(seen, _scaled(answer.score), answer.updated, answer.record_id)

    @classmethod
    def read(cls, text: str) -> Place | None:
        """What `str` wrote; None for anything else."""
        match = _PARTS.fullmatch(text)
        if match is None:
            return None
        seen, score, updated, record_id = match.groups()
        return cls(int(seen), int(score), int(updated), record_id)

    def __str__(self) -> str:
        return f"{self.seen}-{self.score}-{self.updated}-{self.record_id}"

    def shift(self, answers: Sequence[Answer]) -> int:
        """By how many the list has grown, or shrunk, before what follows this place."""
        for number, answer in enumerate(answers, 1):
            if answer.record_id == self.record_id:
                return number - self.seen
        return sum(1 for answer in answers if self._follows(answer)) - self.seen

    def _follows(self, answer: Answer) -> bool:
        """Whether this place, its answer gone, comes after an answer."""
        theirs = (_scaled(answer.score), answer.updated)
        return theirs > (self.score, self.updated)


def _scaled(score: float) -> int:
    return round(score * _SCALE)
