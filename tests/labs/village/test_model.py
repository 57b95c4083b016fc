"""The village's arithmetic, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.labs.contract import ChoicesRefused
from chorsu.labs.village.lab import VillageBudget
from chorsu.labs.village.model import (
    CAMP_COST,
    ITEMS,
    SERVICES,
    Overspent,
    Village,
    percent,
    plans,
    scale_of,
    village,
    wellbeing,
    worth,
    years,
)

PLAIN = Village(
    levels={"road": 40, "water": 40, "school": 50},
    half={"road": 100, "water": 100, "school": 100},
    wear={"road": 10, "water": 10, "school": 10},
    dry_year=2,
)


def spend(road: int = 0, water: int = 0, school: int = 0, camp: int = 0) -> dict[str, int]:
    return {"road": road, "water": water, "school": school, "camp": camp}


def test_a_year_wears_down_then_money_closes_part_of_what_is_lacking() -> None:
    first, second = years(PLAIN, [spend(road=100), spend()])
    # 40 - 10 = 30 lacks 70; as much as `half` closes half of that.
    assert first.levels == {"road": 65, "water": 30, "school": 40}
    # The second year is dry: the water loses twice as much.
    assert second.levels == {"road": 55, "water": 10, "school": 30}


def test_the_lowest_service_counts_twice() -> None:
    assert wellbeing({"road": 80, "water": 20, "school": 50}) == (80 + 20 + 50 + 20 + 2) // 4


def test_what_is_not_spent_is_there_the_next_year_and_no_more() -> None:
    found = years(PLAIN, [spend(road=30), spend(school=170)])
    assert [year.money for year in found] == [100, 170]
    with pytest.raises(Overspent) as refused:
        years(PLAIN, [spend(road=30), spend(school=171)])
    assert (refused.value.year, refused.value.wanted, refused.value.money) == (2, 171, 170)


def test_guests_come_once_the_camp_is_paid_and_by_road_and_water() -> None:
    found = years(PLAIN, [spend(camp=CAMP_COST - 1), spend(camp=1), spend()])
    assert [year.income for year in found] == [0, 400 * 20 * 10 // 10_000, 0]
    assert found[2].money == 3 * 100 - CAMP_COST + found[1].income


@given(st.text(max_size=20), st.lists(st.integers(0, 25), min_size=20, max_size=20))
def test_levels_stay_between_0_and_100_and_money_is_never_made(
    seed: str, numbers: list[int]
) -> None:
    start = village(seed)
    spending = [
        dict(zip(ITEMS, numbers[place : place + 4], strict=True)) for place in range(0, 20, 4)
    ]
    found = years(start, spending)
    assert all(0 <= level <= 100 for year in found for level in year.levels.values())
    last = found[-1]
    brought = 500 + sum(year.income for year in found[:-1])
    assert last.money - sum(last.spent.values()) == brought - sum(numbers)
    assert 0 <= percent(start, found) <= 100


@pytest.mark.parametrize("seed", [str(number) for number in range(20)])
def test_the_scale_is_nothing_0_even_50_best_100(seed: str) -> None:
    start = village(seed)
    scale = scale_of(start)
    assert scale.nothing < scale.even < scale.best
    nothing = years(start, [dict.fromkeys(ITEMS, 0)] * 5)
    best = max(plans(start), key=worth)
    assert (percent(start, nothing), percent(start, best)) == (Decimal("0.00"), Decimal("100.00"))
    even = years(start, [{**dict.fromkeys(SERVICES, 33), "camp": 0}] * 5)
    assert 45 < percent(start, even) <= 50


def test_an_overspent_year_is_refused_at_its_first_field_in_the_reader_s_language() -> None:
    lab = VillageBudget()
    choices = {field.name: 0 for group in lab.task("a", "tk").groups for field in group.fields}
    with pytest.raises(ChoicesRefused) as refused:
        lab.run("a", {**choices, "school-3": 301}, "tk")
    assert refused.value.fields == {"road-3": "3-nji ýyl: 301 paý harçlanmakçy, emma bary 300."}


def test_a_score_does_not_ask_more_of_a_village_than_it_has_time_for() -> None:
    """The plans compared are sixty, so a page reckons them on every load."""
    assert len(list(plans(PLAIN))) == 60
