"""The outline of a course as the page posts it, and moving about in it.

It is posted in the order of the page, `m:<key>` for a module and `u:<key>` for a unit of the module
before it: whoever drags a line moves its entry, whoever presses a button asks for a `Step`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chorsu.records.fields import KEY
from chorsu.training.rules.fields import OUTSIDE_KINDS, Assignment, Module, Quiz, Unit
from chorsu.web.drafting.rows import new_key

_ENTRY = re.compile(rf"([mu]):({KEY.pattern})", re.ASCII)
_STEP = re.compile(rf"(up|down|remove):([mu]):({KEY.pattern})", re.ASCII)
_MODULE, _UNIT = "m", "u"


@dataclass(slots=True)
class Branch:
    """A module by its key, with the keys of its units in order."""

    key: str
    units: list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """What a button asks for: `deed` is up, down or remove; `kind` m or u."""

    deed: str
    kind: str
    key: str


def step_of(action: str) -> Step | None:
    """The step that the value of a button names; None if it names none."""
    found = _STEP.fullmatch(action)
    return Step(found[1], found[2], found[3]) if found else None


def read(entries: Sequence[str], modules: Sequence[Module]) -> list[Branch]:
    """The posted outline. What the draft has and the page did not post stays where it was.

    What the draft does not have is left out: nobody makes a unit by naming it.
    """
    known = {module["key"] for module in modules}
    homes = {unit["key"]: module["key"] for module, unit in each_unit(modules)}
    branches: list[Branch] = []
    placed: set[str] = set()
    for entry in entries:
        found = _ENTRY.fullmatch(entry)
        if found is None or found[2] in placed:
            continue
        if found[1] == _MODULE and found[2] in known:
            branches.append(Branch(found[2], []))
        elif found[1] == _UNIT and found[2] in homes and branches:
            branches[-1].units.append(found[2])
        else:
            continue
        placed.add(found[2])
    branches += [Branch(module["key"], []) for module in modules if module["key"] not in placed]
    by_key = {branch.key: branch for branch in branches}
    for unit, home in homes.items():
        if unit not in placed:
            by_key[home].units.append(unit)
    return branches


def of(modules: Sequence[Module]) -> list[Branch]:
    """The outline of these modules."""
    return [Branch(module["key"], [unit["key"] for unit in module["units"]]) for module in modules]


def stepped(branches: Sequence[Branch], step: Step) -> list[Branch]:
    """The outline after a step. A unit that leaves its module at an end enters the next one."""
    after = [Branch(branch.key, list(branch.units)) for branch in branches]
    if step.kind == _MODULE:
        keys = [branch.key for branch in after]
        if step.key in keys:
            _shift(after, keys.index(step.key), step.deed)
        return after
    for place, branch in enumerate(after):
        if step.key in branch.units:
            _shift_unit(after, place, branch.units.index(step.key), step.deed)
            break
    return after


def with_units(
    branches: Sequence[Branch], modules: Sequence[Module], made: Sequence[Unit] = ()
) -> list[Module]:
    """The modules in the order of the outline, each unit as the draft has it, or as made now."""
    units = {unit["key"]: unit for unit in made}
    units |= {unit["key"]: unit for _module, unit in each_unit(modules)}
    return [
        Module(key=branch.key, units=[units[key] for key in branch.units if key in units])
        for branch in branches
    ]


def new_unit(kind: str) -> Unit:
    """A unit of this kind, with what most of its kind begin with."""
    quiz = Quiz(draws=[], minutes=0, attempts=0, shuffle=True, review="answers", weight=1)
    work = Assignment(forms=["text"], rubric=[], second_marker=False, weight=1)
    made = Unit(
        key=new_key("u"), kind=kind, minutes=0, practice="",
        quiz=quiz if kind == "quiz" else None, video=None,
        assignment=work if kind == "assignment" else None, survey=None, tool="", lab="",
    )  # fmt: skip
    if kind in OUTSIDE_KINDS:
        # A tool that gives no scores would leave everybody without a result.
        made["weight"] = 0
    return made


def each_unit(modules: Sequence[Module]) -> Iterator[tuple[Module, Unit]]:
    """Every unit with its module, in reading order."""
    return ((module, unit) for module in modules for unit in module["units"])


def _shift(items: list[Branch], place: int, deed: str) -> None:
    item = items.pop(place)
    if deed != "remove":
        items.insert(max(0, place - 1 if deed == "up" else place + 1), item)


def _shift_unit(branches: list[Branch], home: int, place: int, deed: str) -> None:
    units = branches[home].units
    key = units.pop(place)
    if deed == "remove":
        return
    if deed == "up" and place == 0 and home > 0:
        branches[home - 1].units.append(key)
    elif deed == "down" and place == len(units) and home + 1 < len(branches):
        branches[home + 1].units.insert(0, key)
    else:
        units.insert(max(0, place - 1 if deed == "up" else place + 1), key)
