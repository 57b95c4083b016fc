"""How long data on learners are kept (`data/retention.toml`), here and in an institution. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from chorsu.training.rules.programmes import add_months

SETTABLE = ("refused", "messages", "attendance", "learning", "results")
"""Kinds of data for which an institution may have a period of its own."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an institution may set: from `least` to `most` months; `most` 0: also without end."""

    least: int
    most: int

    def allow(self, months: int) -> bool:
        """Whether a period may be set; 0 months are without end."""
        if months == 0:
            return self.most == 0
        return self.least <= months and (self.most == 0 or months <= self.most)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many months what is kept, 0: without end; and the bounds of each of `SETTABLE`."""

    previews: float
    refused: int
    messages: int
    attendance: int
    learning: int
    results: int
    bounds: Mapping[str, Bounds]

    def months(self, what: str) -> int:
        """The node's own period of one of `SETTABLE`."""
        found: int = getattr(self, what)
        return found


@cache
def retention() -> Retention:
    """The periods of `data/retention.toml`."""
    text = files("chorsu.training").joinpath("data", "retention.toml").read_text("utf-8")
    rows = tomllib.loads(text)
    bounds = {what: Bounds(**row) for what, row in rows.pop("bounds").items()}
    return Retention(**rows, bounds=bounds)


def months_in(what: str, reach: Sequence[str], own: Mapping[tuple[str, str], int]) -> int:
    """The period that holds in the first of `reach`: an institution's id, then those above it.

    `own` maps (institution, what) to the months set there; the nearest has the last word, and where
    none has set any it is the node's.
    """
    for place in reach:
        if (place, what) in own:
            return own[place, what]
    return retention().months(what)


def kept_since(months: float, today: date) -> date | None:
    """The first day whose data are still kept today; None if they are kept without end."""
    if months == 0:
        return None
    if months < 1:
        return today - timedelta(days=round(months * 30))
    return add_months(today, -int(months))
