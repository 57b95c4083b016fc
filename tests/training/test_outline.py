"""Where a learner is, and what is next."""

from __future__ import annotations

import pytest

from chorsu.training.rules.fields import Unit
from chorsu.training.rules.outline import minutes_left, neighbours, next_unit, placed, weight_of
from tests.training.class_kit import facts

UNITS = placed(facts())


def key(found: object) -> str:
    return getattr(found, "key", "")


def test_units_are_numbered_through_all_modules() -> None:
    assert [(one.key, one.module_number, one.number) for one in UNITS] == [
        ("r1", 1, 1), ("s1", 1, 2), ("r2", 2, 3), ("q1", 2, 4), ("a1", 2, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("done", "after", "wanted"),
    [
        ((), "", "r1"),
        (("r1",), "", "s1"),
        (("r1",), "r1", "s1"),
        ((), "r2", "q1"),  # from where one is, though something before it is not done
        (("q1", "a1"), "r2", "r1"),  # then what was left behind
        (("r1", "s1", "r2", "q1"), "a1", ""),
        (("r1", "s1", "r2", "q1", "a1"), "", ""),
    ],
)
def test_next_is_the_first_that_is_not_done_after_here(
    done: tuple[str, ...], after: str, wanted: str
) -> None:
    assert key(next_unit(UNITS, done, after)) == wanted


def test_neighbours_at_the_ends_are_none() -> None:
    assert [key(one) for one in neighbours(UNITS, "r1")] == ["", "s1"]
    assert [key(one) for one in neighbours(UNITS, "r2")] == ["s1", "q1"]
    assert [key(one) for one in neighbours(UNITS, "a1")] == ["q1", ""]
    assert neighbours(UNITS, "gone") == (None, None)


def test_what_is_left_is_the_minutes_of_what_is_not_done() -> None:
    assert minutes_left(UNITS, ()) == 110
    assert minutes_left(UNITS, {"a1", "r1"}) == 40


def test_the_weight_of_a_unit_is_that_of_its_quiz_or_assignment() -> None:
    assert [one.weight for one in UNITS] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("kind", ["lab", "tool"])
@pytest.mark.parametrize(
    ("stated", "required", "wanted"),
    [(None, False, 0), (None, True, 1), (3, False, 3), (0, True, 0)],
)
def test_a_lab_or_tool_counts_what_it_states_else_once_where_it_is_required(
    kind: str, stated: int | None, required: bool, wanted: int
) -> None:
    unit = Unit(
        key="x", kind=kind, minutes=5, practice="", quiz=None, video=None, assignment=None,
        survey=None, tool="", lab="",
    )  # fmt: skip
    if stated is not None:
        unit["weight"] = stated
    course = facts()
    course["modules"][0]["units"].append(unit)
    course["assessment"]["required_units"] = ["x"] if required else []
    assert weight_of(placed(course), "x") == wanted
