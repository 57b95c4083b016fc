"""What a lab is: the plug-in point. Values only; no framework, no input or output.

A lab is an object with the members of `Lab`, named by an entry point of the group `chorsu.labs`
(or a row of `registry.OWN`). What it gives is data, which the node draws as it draws its own
pages: so no lab brings a script, an address or a style of its own into them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

Choices = Mapping[str, int]
"""Name of a field -> what the learner chose."""


@dataclass(frozen=True, slots=True)
class Field:
    """A whole number that is asked for, from 0 to `most`. `name`: letters, digits and `-`."""

    name: str
    label: str
    most: int


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, such as those of a year."""

    legend: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Task:
    """What the learner reads and is asked; `intro` and `model` are Markdown.

    `model` states how the lab reckons, so that nobody needs to guess.
    """

    intro: str
    model: str
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a chart: a value for each step, from 0 to 100."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over steps; the table beside it says the same."""

    title: str
    steps: Sequence[str]
    series: Sequence[Series]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of whole numbers under heads; the first cell of each row names it."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the choices. `percent`: the score, 0 to 100; `said`: in a sentence or two."""

    percent: Decimal
    said: str
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()


class ChoicesRefused(Exception):  # noqa: N818 - says what is wrong
    """Choices that cannot be: name of the field -> why, in the language that was asked for.

    An empty reason: no whole number from 0 to the field's most.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(f"refused: {', '.join(fields)}")
        self.fields = dict(fields)


class Lab(Protocol):
    """A lab. Everything follows from `seed` and the choices: the same gives the same for ever."""

    @property
    def code(self) -> str:
        """By which courses name it: lower case, digits and `-`; never changes."""

    def name(self, language: str) -> str:
        """What it is called in one of the eight languages."""

    def task(self, seed: str, language: str) -> Task:
        """What the learner with this seed is asked."""

    def run(self, seed: str, choices: Choices, language: str) -> Outcome:
        """What comes of the choices. Raises `ChoicesRefused`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed, and what it is as choices; `wrong` names fields that hold no such number."""

    typed: Mapping[str, str]
    choices: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def read(task: Task, typed: Mapping[str, str]) -> Reading:
    """Read what was typed into a task's fields; what is empty is 0, what is not asked is left."""
    found = Reading(typed)
    for group in task.groups:
        for one in group.fields:
            text = typed.get(one.name, "").strip() or "0"
            if text.isascii() and text.isdigit() and len(text) < 8 and int(text) <= one.most:
                found.choices[one.name] = int(text)
            else:
                found.wrong.append(one.name)
    return found


def seed_of(*parts: object) -> str:
    """A seed for one learner in one unit: 64 hexadecimal digits."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()


def drawn(seed: str, name: str, low: int, high: int) -> int:
    """A whole number from `low` to `high` that follows from the seed and a name."""
    found = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return low + int.from_bytes(found[:8], "big") % (high - low + 1)
