"""More like this: records whose texts say something near to those of a given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from chorsu.records.viewer import Viewer
from chorsu.search import switching
from chorsu.search.statements import Value, patient, rows, statements

PATIENCE_MS = 1000
"""What one statement may take: the page it is for is worth more than what is like it."""
PASSAGES, RECORDS = 200, 30
"""Nearest passages looked at, and records compared as wholes."""
LEAST = 0.65
"""The cosine of two records' middles from which they are alike (see docs/search.md)."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A record and the cosine of its middle with that of the record asked for."""

    record_id: str
    score: float


def similar(kind: str, record_id: str, viewer: Viewer, *, limit: int) -> list[Alike]:
    """Records of the same kind like this one, nearest first; none if none is near enough.

    None either of a record the viewer may not see, or that has no vector yet. Two statements.
    Raises `SearchTooSlow`.
    """
    values: dict[str, Value] = {
        "kind": kind,
        "record_id": record_id,
        "audiences": list(viewer.audiences),
        "passages": PASSAGES,
        "records": RECORDS,
        "least": LEAST,
        "limit": limit,
    }
    with patient(PATIENCE_MS) as serves:
        served = None if serves is None else switching.serving(serves)
        if served is None:
            return []
        encoder = {"encoder": served.id, "dimensions": served.dimensions}
        middle = rows(_SQL["centre"].format(**encoder), values)
        if not middle:
            return []
        values["document"], values["centre"] = cast("tuple[int, str]", middle[0])
        found = rows(_SQL["similar"].format(**encoder), values)
    return [Alike(*cast("tuple[str, float]", row)) for row in found]


_SQL = statements("similar.sql")
