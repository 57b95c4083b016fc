"""Classical measures of a question: how hard it is, whether it tells those who know from others.

Facility is the mean share of the points (Crocker and Algina, "Introduction to Classical and Modern
Test Theory", 1986, chapter 14). Discrimination is the correlation of a question with the rest of
the test, the question itself taken out so that it does not correlate with itself ("corrected"
item-total correlation; for right or wrong answers the point-biserial; Henrysson, Psychometrika 28,
1963). Distractors are looked at in the upper and lower 27 % of learners (Kelley, Journal of
Educational Psychology 30, 1939).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIN_LEARNERS = 10
"""With fewer answers a correlation says nothing, and is not given."""
GROUP_SHARE = 0.27


@dataclass(frozen=True, slots=True)
class TableRow:
    """One learner's answer to one question of one attempt.

    `share`: of the question's points, 0 to 1; `chosen`: keys of the options that were chosen;
    `language`: that in which the question was read.
    """

    attempt: str
    item: str
    share: float
    chosen: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Distractor:
    """An option: the share of all, of the lower and of the upper group that chose it."""

    option: str
    count: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class ItemMeasures:
    """The measures of a question; `discrimination` None: too few answers, or all the same."""

    item: str
    count: int
    facility: float
    discrimination: float | None


def facility(shares: Sequence[float]) -> float:
    """The mean share of the points, 0 to 1; raises `ValueError` for no answers."""
    if not shares:
        raise ValueError("no answers")
    return math.fsum(shares) / len(shares)


def item_rest_correlation(item: Sequence[float], rest: Sequence[float]) -> float | None:
    """Pearson's correlation of a question's shares with the scores on all others; None where one
    of them does not vary, or there are fewer than two. The sequences are of one length.
    """
    count = len(item)
    if count < 2:
        return None
    mean_item, mean_rest = facility(item), facility(rest)
    pairs = list(zip(item, rest, strict=True))
    together = math.fsum((x - mean_item) * (y - mean_rest) for x, y in pairs)
    spread = math.fsum((x - mean_item) ** 2 for x in item)
    spread_rest = math.fsum((y - mean_rest) ** 2 for y in rest)
    if spread < 1e-12 or spread_rest < 1e-12:
        return None
    return together / math.sqrt(spread * spread_rest)


def measures(table: Sequence[TableRow]) -> list[ItemMeasures]:
    """The measures of each question, in order of its id. The rest of a test is the mean share of
    the attempt's other questions: with random draws not everybody had the same ones.
    """
    rests = rest_scores(table)
    found = []
    for item, rows in sorted(_by_item(table).items()):
        shares = [row.share for row in rows]
        rest = [(row.share, rests[row.attempt, item]) for row in rows]
        known = [(share, score) for share, score in rest if score is not None]
        value = None
        if len(known) >= MIN_LEARNERS:
            value = item_rest_correlation([one for one, _ in known], [two for _, two in known])
        found.append(ItemMeasures(item, len(rows), facility(shares), value))
    return found


def distractors(
    rows: Sequence[TableRow],
    rests: Mapping[tuple[str, str], float | None],
    options: Sequence[str],
) -> list[Distractor]:
    """Who chose what in the answers to one question, in the order of `options`. The groups are by
    the rest of the test (`rest_scores`); where it is the same for several at the border, by their
    id, so that the answer is always the same.
    """
    ordered = sorted(rows, key=lambda row: (rests[row.attempt, row.item] or 0.0, row.attempt))
    size = max(1, round(GROUP_SHARE * len(ordered)))
    lower, upper = ordered[:size], ordered[-size:]

    def share(group: Sequence[TableRow], option: str) -> float:
        return sum(option in row.chosen for row in group) / len(group) if group else 0.0

    return [
        Distractor(
            option,
            sum(option in row.chosen for row in rows),
            share(rows, option),
            share(lower, option),
            share(upper, option),
        )
        for option in options
    ]


def alpha(scores: Sequence[Sequence[float]]) -> float | None:
    """Cronbach's alpha (Psychometrika 16, 1951) of learners' scores on the same questions: one row
    a learner. None for fewer than two of either, or where the totals do not vary.
    """
    if len(scores) < 2 or len(scores[0]) < 2:
        return None
    count = len(scores[0])
    total = _variance([math.fsum(row) for row in scores])
    if total < 1e-12:
        return None
    parts = math.fsum(_variance([row[place] for row in scores]) for place in range(count))
    return count / (count - 1) * (1 - parts / total)


def rest_scores(table: Sequence[TableRow]) -> Mapping[tuple[str, str], float | None]:
    """(attempt, item) to the mean share of the attempt's other questions; None: there are none."""
    sums: dict[str, list[float]] = {}
    for row in table:
        sums.setdefault(row.attempt, []).append(row.share)
    found: dict[tuple[str, str], float | None] = {}
    for row in table:
        shares = sums[row.attempt]
        others = len(shares) - 1
        rest = (math.fsum(shares) - row.share) / others if others else None
        found[row.attempt, row.item] = rest
    return found


def _by_item(table: Sequence[TableRow]) -> dict[str, list[TableRow]]:
    found: dict[str, list[TableRow]] = {}
    for row in table:
        found.setdefault(row.item, []).append(row)
    return found


def _variance(values: Sequence[float]) -> float:
    mean = facility(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
