"""Who may be nominated for what: refusals as codes, each with the figures of its rule. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from chorsu.training.rules.programmes import Programme, add_months, window

Param = str | int | date


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: `code` is one of `CODES`, `params` the figures that its sentence needs."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


CODES = (
    "not_open_yet", "closed", "not_taking", "too_few_hours", "too_many_hours", "category",
    "appointment_missing", "appointed_too_long_ago", "again_too_soon", "prerequisite", "twice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rules ask of a person; `passed` maps the id of a course to the day of the result."""

    category: str
    appointed_on: date | None
    passed: Mapping[str, date]


def window_refusals(one: Programme, starts_on: date, today: date) -> list[Refusal]:
    """Whether nominations are taken today for a cohort that starts on that day."""
    open_days = window(one, starts_on)
    if today < open_days.opens_on:
        days: dict[str, Param] = {"day": open_days.opens_on, "days": one.opens_days_before}
        return [Refusal("not_open_yet", days)]
    if today > open_days.closes_on:
        return [Refusal("closed", {"day": open_days.closes_on, "days": one.closes_days_before})]
    return []


def hours_refusals(one: Programme, hours: int) -> list[Refusal]:
    """Whether a course of so many academic hours can be taught as this programme."""
    if hours < one.min_hours:
        return [Refusal("too_few_hours", {"hours": hours, "min": one.min_hours})]
    if one.max_hours and hours > one.max_hours:
        return [Refusal("too_many_hours", {"hours": hours, "max": one.max_hours})]
    return []


def person_refusals(
    one: Programme,
    *,
    course: str,
    positions: Sequence[str],
    prerequisites: Sequence[str],
    starts_on: date,
    candidate: Candidate,
    kin: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Refusal]:
    """Whether a person may learn in a cohort of the course (its id) that starts on that day.

    `positions` are the course's categories of positions, `prerequisites` ids of courses; both and
    the programme's own categories may be empty, and then ask for nothing. `kin`: which other
    courses count for one that has to be passed before.
    """
    found: list[Refusal] = []
    for allowed in (positions, one.categories):
        if allowed and candidate.category not in allowed and not found:
            found.append(Refusal("category", {"category": candidate.category}))
    found += _appointment(one, candidate.appointed_on, starts_on)
    last = candidate.passed.get(course)
    if last is not None and one.again_after_months:
        again = add_months(last, one.again_after_months)
        if starts_on < again:
            found.append(
                Refusal("again_too_soon", {"months": one.again_after_months, "day": again})
            )
    found += [
        Refusal("prerequisite", {"course": needed})
        for needed in prerequisites
        if candidate.passed.keys().isdisjoint({needed, *kin.get(needed, ())})
    ]
    return found


def _appointment(one: Programme, appointed_on: date | None, starts_on: date) -> list[Refusal]:
    months = one.appointed_within_months
    if not months:
        return []
    if appointed_on is None:
        return [Refusal("appointment_missing", {"months": months})]
    until = add_months(appointed_on, months)
    if starts_on > until:
        return [Refusal("appointed_too_long_ago", {"months": months, "day": until})]
    return []
