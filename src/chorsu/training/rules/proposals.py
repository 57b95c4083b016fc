"""What a course's own rule says of a learner: passed, not passed, or nothing yet. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from chorsu.training.rules.fields import Facts
from chorsu.training.rules.outline import placed

PERCENT, ATTENDANCE, UNITS = "percent", "attendance", "units"


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the rule. `met` None: nothing can be said yet.

    `needed` and `given` are percents, `given` None where there is none; `missing` are the keys of
    required units that are not done.
    """

    kind: str
    met: bool | None
    needed: int = 0
    given: Decimal | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the parts of the rule come to; a course without a rule proposes nothing."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool | None:
        found = [one.met for one in self.checks]
        if False in found:
            return False
        return None if None in found or not found else True


@dataclass(frozen=True, slots=True)
class Standing:
    """What a learner has: percent of the course, hours present of hours marked, units done.

    `waits`: something that counts is handed in and not marked yet.
    """

    percent: Decimal | None
    attended: int
    held: int
    done: Collection[str]
    waits: bool


def has_rule(facts: Facts) -> bool:
    """Whether the course names anything that must be reached."""
    rule = facts["assessment"]
    return bool(rule["pass_percent"] or rule["attendance_percent"] or rule["required_units"])


def propose(facts: Facts, standing: Standing) -> Proposal:
    """The rule of the course, part by part. Attendance is of the hours that were marked."""
    rule = facts["assessment"]
    checks = []
    if rule["pass_percent"]:
        checks.append(_percent(rule["pass_percent"], standing))
    if rule["attendance_percent"]:
        checks.append(_attendance(rule["attendance_percent"], standing))
    if rule["required_units"]:
        asked = [one.key for one in placed(facts) if one.required]
        missing = tuple(key for key in asked if key not in standing.done)
        checks.append(Check(UNITS, not missing, missing=missing))
    return Proposal(tuple(checks))


def _percent(needed: int, standing: Standing) -> Check:
    if standing.percent is not None and standing.percent >= needed:
        return Check(PERCENT, True, needed, standing.percent)  # noqa: FBT003 - `met`
    # A mark that is still to come may lift it.
    return Check(PERCENT, None if standing.waits else False, needed, standing.percent)


def _attendance(needed: int, standing: Standing) -> Check:
    if not standing.held:
        return Check(ATTENDANCE, None, needed)
    given = Decimal(100 * standing.attended // standing.held)
    return Check(ATTENDANCE, 100 * standing.attended >= needed * standing.held, needed, given)


def fingerprint(proposed: Mapping[UUID, bool]) -> str:
    """Names who would pass and who would not, so that no others are taken than were looked at."""
    said: Sequence[str] = sorted(f"{key}:{passed}" for key, passed in proposed.items())
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:24]
