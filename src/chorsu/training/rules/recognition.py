"""Which achievement of which academy counts as how many hours of what here; sums of hours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chorsu.kernel.text import fold
from chorsu.training.rules.fields import FORMS, Hours


@dataclass(frozen=True, slots=True)
class RecognitionRule:
    """Hours of an issuer's achievements that count here.

    `issuer` is an institution's id. `course` (an id) or else `title` narrow it to one achievement;
    both empty: any of the issuer. `form` empty: each hour keeps its form; else all count as that
    form. `percent` of the hours count, at most `most_hours` (0: no limit). It holds for documents
    issued from `since` to `until` (None: without end), both included.
    """

    id: int
    issuer: str
    course: str
    title: str
    form: str
    percent: int
    most_hours: int
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Earned:
    """What a document says: hours by form, and what the rules look at; `titles` in any language."""

    issuer: str
    course: str
    titles: tuple[str, ...]
    issued_on: date
    hours: Hours


@dataclass(frozen=True, slots=True)
class Counted:
    """Hours that count here, and the rule by which (None: none recognises it, nothing counts)."""

    hours: Hours
    rule: RecognitionRule | None


def no_hours() -> Hours:
    """Nothing in any form."""
    return Hours(in_person=0, live=0, self_study=0)


def add(parts: Iterable[Hours]) -> Hours:
    """The sums by form."""
    total = no_hours()
    for part in parts:
        total = Hours(
            in_person=total["in_person"] + part["in_person"],
            live=total["live"] + part["live"],
            self_study=total["self_study"] + part["self_study"],
        )
    return total


def all_forms(hours: Hours) -> int:
    """The hours of all forms together."""
    return hours["in_person"] + hours["live"] + hours["self_study"]


def recognise(earned: Earned, rules: Sequence[RecognitionRule]) -> Counted:
    """What an achievement counts for: by the rule that speaks most exactly of it.

    A rule on its course comes before one on its title, that before one on the issuer; among equals
    the one in force since the latest day.
    """
    fitting = [rule for rule in rules if _speaks_of(rule, earned)]
    if not fitting:
        return Counted(no_hours(), None)
    rule = max(fitting, key=lambda one: (bool(one.course), bool(one.title), one.since, one.id))
    return Counted(_hours(earned.hours, rule), rule)


def _speaks_of(rule: RecognitionRule, earned: Earned) -> bool:
    in_force = rule.since <= earned.issued_on and (
        rule.until is None or earned.issued_on <= rule.until
    )
    if rule.issuer != earned.issuer or not in_force:
        return False
    if rule.course:
        return rule.course == earned.course
    return not rule.title or fold(rule.title) in map(fold, earned.titles)


def _hours(earned: Hours, rule: RecognitionRule) -> Hours:
    """Whole hours, parts of an hour dropped; what is over the limit goes from the last form."""
    counted = [earned["in_person"], earned["live"], earned["self_study"]]
    if rule.form:
        counted = [sum(counted) if form == rule.form else 0 for form in FORMS]
    counted = [hours * rule.percent // 100 for hours in counted]
    left = rule.most_hours or sum(counted)
    for place, hours in enumerate(counted):
        counted[place] = min(hours, left)
        left -= counted[place]
    return Hours(in_person=counted[0], live=counted[1], self_study=counted[2])
