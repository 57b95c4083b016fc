"""Drawing questions for an attempt: all of it follows from a stored seed.

Nothing is left to a generator's state: the candidates are ordered by SHA-256 of the seed and their
id, and the first are taken. The same seed and bank give the same questions on every machine and
in every version of Python, in whatever order the bank is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chorsu.training.rules.fields import Draw

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be drawn."""

    item: str
    version: int
    competence: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question drawn; `section` is the place of the draw, from 0, that asked for it."""

    item: str
    version: int
    section: int


class TooFewItems(Exception):  # noqa: N818 - says what is wrong
    """The bank holds fewer questions than a draw asks for."""

    def __init__(self, section: int, competence: str, wanted: int, found: int) -> None:
        super().__init__(f"draw {section} wants {wanted} of {competence!r}, found {found}")
        self.section = section
        self.competence = competence
        self.wanted = wanted
        self.found = found


def draw(
    bank: Iterable[Candidate], draws: Sequence[Draw], *, seed: str, shuffle: bool
) -> tuple[Drawn, ...]:
    """The questions of an attempt, none twice; each draw is a section, in the order given.

    Draws of a competence are served before those of any, so that a general draw never takes the
    last question of a particular one. With `shuffle` the questions stand within their section in
    an order of their own, else by id. Raises `TooFewItems`.
    """
    left = {candidate.item: candidate for candidate in bank}
    chosen: dict[int, list[Candidate]] = {}
    for section in sorted(range(len(draws)), key=lambda place: not draws[place]["competence"]):
        wanted = draws[section]
        fitting = [
            candidate
            for candidate in left.values()
            if wanted["competence"] in ("", candidate.competence)
        ]
        if len(fitting) < wanted["count"]:
            raise TooFewItems(section, wanted["competence"], wanted["count"], len(fitting))
        taken = by_seed(fitting, [c.item for c in fitting], seed, "draw")[: wanted["count"]]
        chosen[section] = taken
        for candidate in taken:
            del left[candidate.item]
    return tuple(
        Drawn(candidate.item, candidate.version, section)
        for section in range(len(draws))
        for candidate in _ordered(chosen[section], seed, shuffle=shuffle)
    )


def by_seed(values: Sequence[_T], keys: Sequence[str], seed: str, purpose: str) -> list[_T]:
    """The values in the order that a seed gives their keys for a purpose."""
    ranks = [token(seed, purpose, key) for key in keys]
    return [values[place] for place in sorted(range(len(values)), key=ranks.__getitem__)]


def token(seed: str, *names: str) -> str:
    """16 characters that stand for a name under a seed and say nothing of it."""
    return hashlib.sha256("\0".join((seed, *names)).encode()).hexdigest()[:16]


def _ordered(candidates: list[Candidate], seed: str, *, shuffle: bool) -> list[Candidate]:
    if not shuffle:
        return sorted(candidates, key=lambda candidate: candidate.item)
    return by_seed(candidates, [c.item for c in candidates], seed, "order")
