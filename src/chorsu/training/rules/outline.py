"""Where a learner is in a course, what is next, and how long it takes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chorsu.training.rules.fields import OUTSIDE_KINDS, Facts, Unit


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit with its place: `number` of the units of the course, `module` that it stands in.

    `required`: the course cannot be passed without it.
    """

    unit: Unit
    module: str
    module_number: int
    number: int
    required: bool = False

    @property
    def key(self) -> str:
        return self.unit["key"]

    @property
    def kind(self) -> str:
        return self.unit["kind"]

    @property
    def minutes(self) -> int:
        return self.unit["minutes"]

    @property
    def weight(self) -> int:
        """Of this unit in the result of the course; 0: it is for practice.

        A lab or an external tool of no stated weight counts once where the course requires it.
        """
        if self.kind in OUTSIDE_KINDS:
            return self.unit.get("weight", int(self.required))
        quiz, assignment = self.unit["quiz"], self.unit["assignment"]
        if quiz is not None:
            return quiz["weight"]
        return assignment["weight"] if assignment is not None else 0


def placed(facts: Facts) -> list[PlacedUnit]:
    """All units of a course in the order they are taught."""
    found: list[PlacedUnit] = []
    required = facts["assessment"]["required_units"]
    for place, module in enumerate(facts["modules"], 1):
        for unit in module["units"]:
            asked = unit["key"] in required
            found.append(PlacedUnit(unit, module["key"], place, len(found) + 1, asked))
    return found


def find_unit(units: Sequence[PlacedUnit], key: str) -> PlacedUnit | None:
    """The unit with this key, or None."""
    return next((one for one in units if one.key == key), None)


def weight_of(units: Sequence[PlacedUnit], key: str) -> int:
    """What the unit with this key counts; nothing if it is not there."""
    found = find_unit(units, key)
    return found.weight if found is not None else 0


def next_unit(
    units: Sequence[PlacedUnit], done: Collection[str], after: str = ""
) -> PlacedUnit | None:
    """What is next: the first unit after `after` that is not done, else the first that is not.

    None when all is done, or all but `after` itself.
    """
    here = find_unit(units, after)
    later = [one for one in units if here is not None and one.number > here.number]
    for one in (*later, *units):
        if one.key not in done and one.key != after:
            return one
    return None


def neighbours(
    units: Sequence[PlacedUnit], key: str
) -> tuple[PlacedUnit | None, PlacedUnit | None]:
    """The units before and after this one in the course's order."""
    here = find_unit(units, key)
    if here is None:
        return None, None
    before = units[here.number - 2] if here.number > 1 else None
    return before, units[here.number] if here.number < len(units) else None


def minutes_left(units: Sequence[PlacedUnit], done: Collection[str]) -> int:
    """How long the rest takes, by what the units say of themselves."""
    return sum(one.minutes for one in units if one.key not in done)
