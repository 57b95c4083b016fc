"""The network's competences and position categories, from `training/data`; read once.

A code travels in courses and never changes; names are in the eight working languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its names by language tag."""

    code: str
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class CompetenceInfo(Named):
    """A competence; `area` is the code of what it belongs to."""

    area: str


@dataclass(frozen=True, slots=True)
class Framework:
    """The competences of public administration, their areas, and what the levels 1 to 4 mean."""

    areas: Mapping[str, Named]
    levels: Mapping[int, Mapping[str, str]]
    competences: Mapping[str, CompetenceInfo]


@cache
def framework() -> Framework:
    """The network's framework, in the order in which it lists its areas and competences."""
    data = tomllib.loads(_read("competences.toml"))
    return Framework(
        areas={row["code"]: Named(row["code"], row["name"]) for row in data["area"]},
        levels={row["level"]: row["name"] for row in data["level"]},
        competences={
            row["code"]: CompetenceInfo(row["code"], row["name"], row["area"])
            for row in data["competence"]
        },
    )


@cache
def positions() -> Mapping[str, Named]:
    """Categories of positions that a course may be meant for, in the network's order."""
    rows = tomllib.loads(_read("position_categories.toml"))["category"]
    return {row["code"]: Named(row["code"], row["name"]) for row in rows}


def _read(name: str) -> str:
    return files("chorsu.training").joinpath("data", name).read_text(encoding="utf-8")
