"""What one page of the editor holds of a draft, so that two people who write on different pages do
not stand in each other's way.

A page takes its part of the words and facts, and gives it back into the newest save. It carries a
mark of what its part said when it was read: if the part says that still, nothing was lost between,
however often other parts were saved meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol, cast

from chorsu.training.rules.fields import Facts, Module, Unit
from chorsu.web.course_editor.outline import Branch, each_unit, of, with_units
from chorsu.web.drafting.merging import Copy

_MARK = re.compile(r"([0-9]{1,9})\.([0-9a-f]{16})", re.ASCII)
_OF_COURSE = ("modules", "terms", "files")
RECORD = ("audience", "licence", "note")


class Saved(Protocol):
    """A save of a draft."""

    @property
    def words(self) -> Mapping[str, str]:
        """By field name."""

    @property
    def facts(self) -> Facts:
        """As the rules have them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The save at which a page was read, and what its part said then."""

    version: int
    said: str

    def __str__(self) -> str:
        return f"{self.version}.{self.said}"

    @classmethod
    def read(cls, text: str) -> Mark:
        """As posted; one that fits nothing for any other text."""
        found = _MARK.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else cls(-1, "")


def said(copy: Copy) -> str:
    """A short name of what a part says: equal if, and only if, it says the same."""
    facts = {
        name: [asdict(one) for one in cast("list[Branch]", value)] if name == "modules" else value
        for name, value in copy.facts.items()
    }
    text = json.dumps([dict(copy.words), facts, dict(copy.record)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Scope(Protocol):
    """A page's part of a draft."""

    def take(self, saved: Saved, record: Mapping[str, str]) -> Copy:
        """The part; `record` is what is said outside of facts."""

    def put(self, part: Copy, saved: Saved) -> tuple[dict[str, str], dict[str, object]]:
        """All words and facts of the save with this part in place of its own."""


@dataclass(frozen=True, slots=True)
class CourseScope:
    """All but what is inside the units. The fact `modules` is an outline here: branches of keys.

    `made`: units that this very save adds.
    """

    made: tuple[Unit, ...] = ()

    def take(self, saved: Saved, record: Mapping[str, str]) -> Copy:
        """The words of the course, its modules and terms; facts with an outline of keys."""
        words = {name: text for name, text in saved.words.items() if self._holds(name)}
        facts: dict[str, object] = {**saved.facts, "modules": of(saved.facts["modules"])}
        return Copy(words, facts, record)

    def put(self, part: Copy, saved: Saved) -> tuple[dict[str, str], dict[str, object]]:
        """Units keep what the save has inside them."""
        branches = cast("list[Branch]", part.facts["modules"])
        modules = with_units(branches, saved.facts["modules"], self.made)
        words = {name: text for name, text in saved.words.items() if not self._holds(name)}
        facts = {**saved.facts, **part.facts, "modules": modules}
        return {**words, **part.words}, facts

    def _holds(self, name: str) -> bool:
        return "." not in name or name.split(".")[0] in _OF_COURSE


@dataclass(frozen=True, slots=True)
class UnitScope:
    """What is inside one unit: its facts and words, with those of its criteria and questions."""

    key: str

    def unit(self, saved: Saved) -> Unit | None:
        """The unit; None if it is not there (any more)."""
        found = (unit for _module, unit in each_unit(saved.facts["modules"]))
        return next((unit for unit in found if unit["key"] == self.key), None)

    def take(self, saved: Saved, record: Mapping[str, str]) -> Copy:
        """The unit as facts of its own; criteria and questions with their words."""
        unit = self.unit(saved)
        if unit is None:
            return Copy({}, {}, record)
        rows = rows_of(unit)
        words = {name: text for name, text in saved.words.items() if _group_and_key(name) in rows}
        return Copy(words, {name: value for name, value in unit.items() if name != "key"}, record)

    def put(self, part: Copy, saved: Saved) -> tuple[dict[str, str], dict[str, object]]:
        """The save with this unit as the page has it."""
        before = self.unit(saved)
        rows = rows_of(before) if before else set()
        unit = cast("Unit", {"key": self.key, **part.facts})
        modules = [
            Module(
                key=module["key"],
                units=[unit if one["key"] == self.key else one for one in module["units"]],
            )
            for module in saved.facts["modules"]
        ]
        words = {
            name: text for name, text in saved.words.items() if _group_and_key(name) not in rows
        }
        facts: dict[str, object] = {**saved.facts, "modules": modules}
        return {**words, **part.words}, facts


def rows_of(unit: Unit) -> set[tuple[str, str]]:
    """(group, key) of all rows whose words belong to a unit: its own, its criteria, questions."""
    rubric = unit["assignment"]["rubric"] if unit["assignment"] else []
    found = {("units", unit["key"])}
    found |= {("rubrics", row["key"]) for row in rubric}
    return found | {("questions", row["key"]) for row in unit["survey"] or []}


def _group_and_key(name: str) -> tuple[str, str]:
    group, _dot, rest = name.partition(".")
    return group, rest.partition(".")[0]
