"""A village over five years, reckoned in whole steps that a page can state. Pure.

Invented for teaching: no figure here is measured anywhere. Money is in shares of a hundredth of
the yearly budget. Road, water and school stand between 0 and 100.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

from chorsu.labs.contract import drawn

YEARS = 5
YEARLY = 100
SERVICES = ("road", "water", "school")
CAMP = "camp"
ITEMS = (*SERVICES, CAMP)
CAMP_COST = 50
"""Shares that the camp-site takes, in one year or several, before its first guests come."""
CAMP_INCOME = 400
"""Shares a year that guests bring when road and water stand at 100."""
STEP = 25  # percent: how finely the plans to compare with share out the money

_CENT = Decimal("0.01")

Spending = Sequence[Mapping[str, int]]
"""For each year, item -> shares."""


@dataclass(frozen=True, slots=True)
class Village:
    """How one village begins. `half`: shares that close half of what a service lacks to 100."""

    levels: Mapping[str, int]
    half: Mapping[str, int]
    wear: Mapping[str, int]
    dry_year: int


@dataclass(frozen=True, slots=True)
class Year:
    """The end of a year: money that was there, spent, brought by guests; levels; well-being."""

    number: int
    money: int
    spent: Mapping[str, int]
    income: int
    levels: Mapping[str, int]
    wellbeing: int


class Overspent(Exception):  # noqa: N818 - says what is wrong
    """More was to be spent in a year than there was."""

    def __init__(self, year: int, wanted: int, money: int) -> None:
        super().__init__(f"year {year}: {wanted} of {money}")
        self.year, self.wanted, self.money = year, wanted, money


def village(seed: str) -> Village:
    """The village of a seed."""
    return Village(
        levels={name: drawn(seed, f"level {name}", 34, 44) for name in SERVICES},
        half={name: drawn(seed, f"half {name}", 100, 150) for name in SERVICES},
        wear={name: drawn(seed, f"wear {name}", 8, 15) for name in SERVICES},
        dry_year=drawn(seed, "dry year", 2, 4),
    )


def years(start: Village, spending: Spending) -> list[Year]:
    """What becomes of the village; what is not spent is there the next year. Raises `Overspent`."""
    found: list[Year] = []
    for spent in spending:
        found.append(next_year(start, found, spent))
    return found


def money_of(found: Sequence[Year]) -> int:
    """Shares that are there in the year after those."""
    if not found:
        return YEARLY
    last = found[-1]
    return last.money - sum(last.spent.values()) + last.income + YEARLY


def next_year(start: Village, found: Sequence[Year], spent: Mapping[str, int]) -> Year:
    """The year after those. Raises `Overspent`."""
    number, money, wanted = len(found) + 1, money_of(found), sum(spent.values())
    if wanted > money:
        raise Overspent(number, wanted, money)
    before = found[-1].levels if found else start.levels
    levels = {}
    for name in SERVICES:
        worn = start.wear[name] * (2 if name == "water" and number == start.dry_year else 1)
        left = max(0, before[name] - worn)
        gain = _share((100 - left) * spent[name], spent[name] + start.half[name])
        levels[name] = left + gain
    paid = spent[CAMP] + sum(year.spent[CAMP] for year in found)
    guests = CAMP_INCOME * levels["road"] * levels["water"] if paid >= CAMP_COST else 0
    return Year(number, money, dict(spent), _share(guests, 10_000), levels, wellbeing(levels))


def wellbeing(levels: Mapping[str, int]) -> int:
    """The mean of the services, in which the lowest counts twice."""
    values = [levels[name] for name in SERVICES]
    return _share(sum(values) + min(values), len(values) + 1)


def worth(found: Sequence[Year]) -> int:
    """What five years were worth: the sum of the well-being at the end of each."""
    return sum(year.wellbeing for year in found)


def percent(start: Village, found: Sequence[Year]) -> Decimal:
    """The score: 0 is a village in which nothing is spent, 50 one in which each year's money is
    shared out evenly among the services, 100 the best of the plans compared; straight lines
    between them.
    """
    scale = scale_of(start)
    value = worth(found)
    low, high, base = scale.nothing, scale.even, 0
    if value > scale.even:
        low, high, base = scale.even, scale.best, 50
    share = base + Decimal(50 * (value - low)) / Decimal(max(1, high - low))
    return min(Decimal(100), max(Decimal(0), share)).quantize(_CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Scale:
    """What five years are worth if nothing is spent, if it is shared evenly, at best."""

    nothing: int
    even: int
    best: int


def scale_of(start: Village) -> Scale:
    """What a village's five years are measured by."""
    nothing = [dict.fromkeys(ITEMS, 0)] * YEARS
    even: list[Year] = []
    for _number in range(YEARS):
        part = money_of(even) // len(SERVICES)
        even.append(next_year(start, even, {**dict.fromkeys(SERVICES, part), CAMP: 0}))
    best = max(worth(plan) for plan in plans(start))
    return Scale(worth(years(start, nothing)), worth(even), max(best, worth(even)))


def plans(start: Village) -> Iterator[list[Year]]:
    """The plans a score compares with: the same shares every year, all money spent each year.

    Every way to share it out in quarters among the services, without a camp-site or with one that
    is paid for in the first, second or third year.
    """
    shares = [one for one in product(range(0, 101, STEP), repeat=len(SERVICES)) if sum(one) == 100]
    for mix, camp_year in product(shares, (0, 1, 2, 3)):
        done: list[Year] = []
        for number in range(1, YEARS + 1):
            camp = CAMP_COST if number == camp_year else 0
            left = money_of(done) - camp
            spent = {name: left * share // 100 for name, share in zip(SERVICES, mix, strict=True)}
            done.append(next_year(start, done, {**spent, CAMP: camp}))
        yield done


def _share(value: int, of: int) -> int:
    """`value` by `of`, to the nearest whole number, halves up."""
    return (2 * value + of) // (2 * of)
