"""From marks to results, and from weak results to what to learn next. Pure.

How it decides, in words that the pages say too: the result of a course is the mean of its assessed
units, each by its weight. A competence is weak when the newest attempts earned less than the
course's pass mark in questions of that competence. What is suggested is what stands before the
quiz in its own module, the weakest competence first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from chorsu.training.rules.outline import PlacedUnit, find_unit

DEFAULT_PASS = 60
"""Percent below which a competence is weak in a course that names no pass mark."""
ENOUGH_POINTS = Decimal(2)
"""Fewer points than these say nothing about a competence."""
LEARNED_FROM = ("reading", "video", "lab")
MOST_SUGGESTED = 5
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What the newest scored attempt at a quiz earned; `by_competence`: code -> (points, most)."""

    unit: str
    by_competence: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit to go to, and why: the competence, its percent, and the quizzes that showed it."""

    unit: PlacedUnit
    competence: str
    percent: int
    quizzes: Sequence[PlacedUnit]


def percent(points: Decimal, most: Decimal) -> Decimal:
    """Points as percent, two places, halves up; of no points at all nothing is lacking: 100."""
    if not most:
        return Decimal(100)
    return (points * 100 / most).quantize(_CENT, rounding=ROUND_HALF_UP)


def course_percent(units: Sequence[PlacedUnit], percents: Mapping[str, Decimal]) -> Decimal | None:
    """The mean of the assessed units by their weights; None while one of them has no result."""
    weighted = [one for one in units if one.weight]
    if not weighted or any(one.key not in percents for one in weighted):
        return None
    total = sum(one.weight for one in weighted)
    earned = sum((percents[one.key] * one.weight for one in weighted), Decimal(0))
    return (earned / total).quantize(_CENT, rounding=ROUND_HALF_UP)


def suggest(
    units: Sequence[PlacedUnit],
    results: Sequence[QuizResult],
    pass_percent: int,
    opened_since: Collection[str] = (),
) -> list[Suggestion]:
    """Units to learn again, the weakest competence first; none twice, at most `MOST_SUGGESTED`.

    `opened_since`: units that were opened after the quiz of their module; they are left out.
    """
    found: dict[str, Suggestion] = {}
    for code, share, quizzes in _weak(units, results, pass_percent or DEFAULT_PASS):
        for one in units:
            before = [
                quiz for quiz in quizzes if one.module == quiz.module and one.number < quiz.number
            ]
            if before and one.kind in LEARNED_FROM and one.key not in opened_since:
                found.setdefault(one.key, Suggestion(one, code, share, quizzes))
    return list(found.values())[:MOST_SUGGESTED]


def _weak(
    units: Sequence[PlacedUnit], results: Sequence[QuizResult], least: int
) -> list[tuple[str, int, list[PlacedUnit]]]:
    """(code, percent, quizzes) of each competence below `least`, the weakest first."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    shown_by: dict[str, list[PlacedUnit]] = {}
    for result in results:
        quiz = find_unit(units, result.unit)
        if quiz is None:
            continue
        for code, (points, most) in result.by_competence.items():
            had, of = sums.get(code, (Decimal(0), Decimal(0)))
            sums[code] = (had + points, of + most)
            shown_by.setdefault(code, []).append(quiz)
    shares = [
        (int(points * 100 / most), code)
        for code, (points, most) in sums.items()
        if most >= ENOUGH_POINTS and code
    ]
    return [(code, share, shown_by[code]) for share, code in sorted(shares) if share < least]
