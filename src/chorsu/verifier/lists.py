"""The software's own lists, read as they lie beside it: institutions, competences and levels.

Whoever has only a part of the software has no lists; then what the documents say is shown.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from chorsu.verifier.words import Hosted

SOFTWARE = Path(__file__).resolve().parent.parent
INSTITUTIONS = SOFTWARE / "institutions" / "data" / "institutions.toml"
COMPETENCES = SOFTWARE / "training" / "data" / "competences.toml"


def institution_in(institution_id: str, tag: str) -> Hosted | None:
    """What the list says of an institution in a language; None where either is not there."""
    for row in _rows(INSTITUTIONS, "institution"):
        if row["id"] == institution_id:
            return Hosted(_name(row, tag), row["node"])
    return None


def competence_in(code: str, tag: str) -> str:
    """The name of a competence of the network's framework; empty where it is not there."""
    rows = _rows(COMPETENCES, "competence")
    return next((_name(row, tag) for row in rows if row["code"] == code), "")


def level_in(level: int, tag: str) -> str:
    """What a level of the framework means; empty where it is not there."""
    rows = _rows(COMPETENCES, "level")
    return next((_name(row, tag) for row in rows if row["level"] == level), "")


def _name(row: dict[str, Any], tag: str) -> str:
    name: str = row["name"].get(tag) or row["name"]["en"]
    return name


@cache
def _rows(file: Path, name: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))[name]
    except OSError:
        return []
    return found
