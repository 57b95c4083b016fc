"""Kinds of training as data (`data/programmes.toml`): hours, windows, whom they are for. Pure."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from chorsu.training.rules.framework import positions


@dataclass(frozen=True, slots=True)
class Programme:
    """A kind of training and its rules; hours are academic ones (45 minutes), 0 asks for nothing.

    `names` maps language tag to name.
    """

    code: str
    institutions: tuple[str, ...]
    min_hours: int
    max_hours: int
    appointed_within_months: int
    again_after_months: int
    opens_days_before: int
    closes_days_before: int
    categories: tuple[str, ...]
    names: dict[str, str]

    def name(self, language: str) -> str:
        """The name in `language`, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which nominations are taken, both included."""

    opens_on: date
    closes_on: date


def programmes(reach: Sequence[str]) -> list[Programme]:
    """One programme of each code, as it holds in the first of `reach`: an institution's id, then
    those above it.
    """
    found = {one.code: one for one in _all() if not one.institutions}
    for place in reversed(reach):  # the nearest has the last word
        found |= {one.code: one for one in _all() if place in one.institutions}
    return list(found.values())


def programme(code: str, reach: Sequence[str]) -> Programme | None:
    """The programme of a code as it holds in an institution; None for an unknown code."""
    return next((one for one in programmes(reach) if one.code == code), None)


def window(one: Programme, starts_on: date) -> Window:
    """When nominations for a cohort that starts on that day are taken."""
    return Window(
        starts_on - timedelta(days=one.opens_days_before),
        starts_on - timedelta(days=one.closes_days_before),
    )


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@cache
def _all() -> tuple[Programme, ...]:
    text = files("chorsu.training").joinpath("data", "programmes.toml").read_text("utf-8")
    return tuple(
        Programme(
            code=row["code"],
            institutions=tuple(row["institutions"]),
            min_hours=row["min_hours"],
            max_hours=row["max_hours"],
            appointed_within_months=row["appointed_within_months"],
            again_after_months=row["again_after_months"],
            opens_days_before=row["opens_days_before"],
            closes_days_before=row["closes_days_before"],
            categories=tuple(row["categories"]),
            names=row["name"],
        )
        for row in tomllib.loads(text)["programme"]
    )


def category_name(code: str, language: str) -> str:
    """What a category is called in `language`, else in English; an unknown code stays a code."""
    found = positions().get(code)
    return found.name(language) if found else code
