"""The network's themes and the Sustainable Development Goals, from `records/data`; read once.

A code travels in records and never changes; names are in the eight working languages.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of public administration; `names` maps language tag to name."""

    code: str
    names: dict[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One of the 17 Sustainable Development Goals."""

    number: int
    names: dict[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Target:
    """A target of a goal: `code` such as `11.2`; its name is a short label, not UN wording."""

    code: str
    goal: int
    names: dict[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, else in English."""
        return self.names.get(language) or self.names["en"]


def themes() -> list[Theme]:
    """All themes, in the order the network lists them."""
    return list(_themes().values())


def goals() -> list[Goal]:
    """The 17 goals, by number."""
    return list(_goals().values())


def targets() -> list[Target]:
    """The 169 targets, by goal."""
    return list(_targets().values())


def theme(code: str) -> Theme | None:
    """The theme of this code, or None for a code this software does not know."""
    return _themes().get(code)


def goal(number: int) -> Goal | None:
    """The goal of this number, or None."""
    return _goals().get(number)


def target(code: str) -> Target | None:
    """The target of this code, or None."""
    return _targets().get(code)


def _read(name: str) -> str:
    return files("chorsu.records").joinpath("data", name).read_text(encoding="utf-8")


@cache
def _themes() -> dict[str, Theme]:
    rows = tomllib.loads(_read("themes.toml"))["theme"]
    return {row["code"]: Theme(row["code"], row["name"]) for row in rows}


@cache
def _goals() -> dict[int, Goal]:
    rows = tomllib.loads(_read("sdg.toml"))["goal"]
    return {row["number"]: Goal(row["number"], row["name"]) for row in rows}


@cache
def _targets() -> dict[str, Target]:
    rows = tomllib.loads(_read("sdg.toml"))["target"]
    return {
        row["code"]: Target(row["code"], int(row["code"].split(".")[0]), row["name"])
        for row in rows
    }
