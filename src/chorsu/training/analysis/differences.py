"""Differential item functioning between languages: whether equally able learners find a question
harder in one language than in another, as they do when it is mistranslated.

Learners are set side by side by their score (strata), and the odds of a right answer are compared
within each (Mantel and Haenszel, Journal of the National Cancer Institute 22, 1959; for tests
Holland and Thayer, in "Test Validity", 1988). The variance of the logarithm of the common odds
ratio is that of Robins, Breslow and Greenland (Biometrics 42, 1986). Classes A, B and C are those
of the Educational Testing Service (Zieky, in "Differential Item Functioning", 1993).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chorsu.training.analysis.measures import TableRow, rest_scores

ETS_CLASSES = ("A", "B", "C")
"""A: none worth a thought; B: some; C: much, for somebody who knows both languages to look at."""
MIN_GROUP = 20
"""Fewer in either language tell nothing."""
STRATA = 5
_CHI_SQUARE_5 = 3.841458820694124
_NORMAL_5_ONE_SIDED = 1.6448536269514722
_DELTA = -2.35


@dataclass(frozen=True, slots=True)
class Stratum:
    """Learners of about one ability: right and wrong in the reference and in the focal group."""

    reference_right: float
    reference_wrong: float
    focal_right: float
    focal_wrong: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.reference_right + self.reference_wrong + self.focal_right + self.focal_wrong


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """The common odds ratio, its chi-square with Yates's correction (one degree of freedom), and
    D on the ETS delta scale with its standard error: below 0, harder for the focal group.
    """

    odds_ratio: float
    chi_square: float
    delta: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A question in one language against the others together; `result` None: it can't be told."""

    item: str
    language: str
    reference: int
    focal: int
    result: MantelHaenszel | None
    ets: str


def mantel_haenszel(strata: Sequence[Stratum]) -> MantelHaenszel | None:
    """The statistics over the strata; None where all are right, or all wrong.

    Where nobody of one group is right, or nobody wrong, the ratio would be none or without end:
    then half a learner is added to each cell for it (Haldane, Annals of Human Genetics 20, 1956),
    or the worst of translations would be the one that does not show.

    With `A`, `B` right and wrong in the reference group, `C`, `D` in the focal group, `T` all:
    ratio = sum(A D / T) / sum(B C / T); chi-square = (|sum A - sum E(A)| - 1/2)^2 / sum Var(A);
    D = -2.35 ln ratio.
    """
    used = [one for one in strata if one.total > 1]
    variance = math.fsum(_variance(one) for one in used)
    if variance <= 0:
        return None
    seen = sum(one.reference_right for one in used)
    expected = math.fsum(_expected(one) for one in used)
    top, bottom = _odds(used)
    if top <= 0 or bottom <= 0:
        used = [_with_halves(one) for one in used]
        top, bottom = _odds(used)
    ratio = top / bottom
    return MantelHaenszel(
        odds_ratio=ratio,
        chi_square=max(abs(seen - expected) - 0.5, 0.0) ** 2 / variance,
        delta=_DELTA * math.log(ratio),
        standard_error=abs(_DELTA) * math.sqrt(_log_variance(used, top, bottom)),
    )


def ets_class(result: MantelHaenszel) -> str:
    """A: |D| below 1, or not different from 0 at 5 %. C: |D| of 1.5 or more, and more than 1 at
    5 % (one-sided). B: what is between.
    """
    size = abs(result.delta)
    if size < 1 or result.chi_square < _CHI_SQUARE_5:
        return "A"
    beyond = (size - 1) / result.standard_error > _NORMAL_5_ONE_SIDED
    return "C" if size >= 1.5 and beyond else "B"


def differences(table: Sequence[TableRow]) -> list[Difference]:
    """Each question in each language against all others together, in order of item and language.

    Right is an answer with all its points. Strata are fifths of the learners by their whole test,
    the question itself included, as Holland and Thayer ask for. It is done twice, as they advise:
    the second time, questions that came out as C do not count in the score by which others are
    judged, so that one bad question does not make good ones look bad.
    """
    first = _all_differences(table, frozenset())
    left_out = frozenset(one.item for one in first if one.ets == "C")
    return _all_differences(table, left_out) if left_out else first


def _all_differences(table: Sequence[TableRow], left_out: frozenset[str]) -> list[Difference]:
    rests = rest_scores(table)
    items: dict[str, list[TableRow]] = {}
    for row in table:
        if rests[row.attempt, row.item] is not None:
            items.setdefault(row.item, []).append(row)
    found = []
    without = _whole_scores(table, left_out)
    for item, rows in sorted(items.items()):
        # A question that is left out for others counts where it is itself looked at.
        whole = _whole_scores(table, left_out - {item}) if item in left_out else without
        levels = _levels([whole[row.attempt] for row in rows])
        for language in sorted({row.language for row in rows}):
            found.append(_difference(item, language, rows, levels))
    return found


def _difference(
    item: str, language: str, rows: Sequence[TableRow], levels: Sequence[int]
) -> Difference:
    focal = sum(row.language == language for row in rows)
    reference = len(rows) - focal
    if min(focal, reference) < MIN_GROUP:
        return Difference(item, language, reference, focal, None, "")
    cells = [[0, 0, 0, 0] for _ in range(STRATA)]
    for row, level in zip(rows, levels, strict=True):
        place = 2 * (row.language == language) + (row.share < 1)
        cells[level][place] += 1
    result = mantel_haenszel([Stratum(*cell) for cell in cells])
    return Difference(item, language, reference, focal, result, ets_class(result) if result else "")


def _whole_scores(table: Sequence[TableRow], left_out: frozenset[str]) -> dict[str, float]:
    shares: dict[str, list[float]] = {}
    for row in table:
        held = shares.setdefault(row.attempt, [])
        if row.item not in left_out:
            held.append(row.share)
    return {attempt: math.fsum(one) / len(one) if one else 0 for attempt, one in shares.items()}


def _levels(scores: Sequence[float]) -> list[int]:
    """The fifth that each score is in; equal scores are in one, so fifths may differ in size."""
    ordered = sorted(scores)
    borders = [ordered[len(ordered) * part // STRATA] for part in range(1, STRATA)]
    return [sum(score >= border for border in borders) for score in scores]


def _odds(strata: Sequence[Stratum]) -> tuple[float, float]:
    """The two sums whose ratio is the common odds ratio."""
    top = math.fsum(one.reference_right * one.focal_wrong / one.total for one in strata)
    bottom = math.fsum(one.reference_wrong * one.focal_right / one.total for one in strata)
    return top, bottom


def _with_halves(one: Stratum) -> Stratum:
    return Stratum(
        one.reference_right + 0.5,
        one.reference_wrong + 0.5,
        one.focal_right + 0.5,
        one.focal_wrong + 0.5,
    )


def _expected(one: Stratum) -> float:
    right = one.reference_right + one.focal_right
    return (one.reference_right + one.reference_wrong) * right / one.total


def _variance(one: Stratum) -> float:
    reference = one.reference_right + one.reference_wrong
    right = one.reference_right + one.focal_right
    wrong = one.total - right
    return reference * (one.total - reference) * right * wrong / (one.total**2 * (one.total - 1))


def _log_variance(strata: Sequence[Stratum], top: float, bottom: float) -> float:
    """Robins, Breslow and Greenland's variance of the logarithm of the common odds ratio."""
    first = second = third = 0.0
    for one in strata:
        cross = one.reference_right * one.focal_wrong / one.total
        other = one.reference_wrong * one.focal_right / one.total
        agree = (one.reference_right + one.focal_wrong) / one.total
        differ = (one.reference_wrong + one.focal_right) / one.total
        first += agree * cross
        second += agree * other + differ * cross
        third += differ * other
    return first / (2 * top**2) + second / (2 * top * bottom) + third / (2 * bottom**2)
