"""The outline as it is posted, and steps in it."""

from __future__ import annotations

import pytest

from chorsu.web.course_editor.outline import Branch, of, read, step_of, stepped, with_units
from tests.web.course_editor.content import MODULES, unit


def keys(branches: list[Branch]) -> list[tuple[str, list[str]]]:
    return [(branch.key, branch.units) for branch in branches]


def test_the_posted_order_is_the_outline() -> None:
    posted = ["m:second", "u:check", "m:first", "u:talk", "u:rooms"]
    assert keys(read(posted, MODULES)) == [("second", ["check"]), ("first", ["talk", "rooms"])]


def test_what_was_not_posted_stays_in_its_module() -> None:
    assert keys(read(["m:second"], MODULES)) == [
        ("second", ["talk"]),
        ("first", ["rooms", "check"]),
    ]


@pytest.mark.parametrize("entry", ["u:nobody", "m:nobody", "x:rooms", "u:", "u:rooms:2", "m:UP"])
def test_nobody_makes_a_unit_or_module_by_naming_it(entry: str) -> None:
    posted = ["m:first", "u:rooms", entry, "u:check", "m:second", "u:talk"]
    assert keys(read(posted, MODULES)) == keys(of(MODULES))


def test_a_unit_that_is_posted_twice_is_there_once() -> None:
    posted = ["m:first", "u:rooms", "u:check", "m:second", "u:rooms", "u:talk"]
    assert keys(read(posted, MODULES)) == keys(of(MODULES))


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("up:u:check", [("first", ["check", "rooms"]), ("second", ["talk"])]),
        ("down:u:rooms", [("first", ["check", "rooms"]), ("second", ["talk"])]),
        ("up:u:talk", [("first", ["rooms", "check", "talk"]), ("second", [])]),
        ("down:u:check", [("first", ["rooms"]), ("second", ["check", "talk"])]),
        ("up:u:rooms", [("first", ["rooms", "check"]), ("second", ["talk"])]),
        ("down:u:talk", [("first", ["rooms", "check"]), ("second", ["talk"])]),
        ("remove:u:rooms", [("first", ["check"]), ("second", ["talk"])]),
        ("up:m:second", [("second", ["talk"]), ("first", ["rooms", "check"])]),
        ("down:m:second", [("first", ["rooms", "check"]), ("second", ["talk"])]),
        ("remove:m:first", [("second", ["talk"])]),
        ("up:m:nobody", [("first", ["rooms", "check"]), ("second", ["talk"])]),
    ],
)
def test_a_step_moves_or_removes_one_line(
    action: str, expected: list[tuple[str, list[str]]]
) -> None:
    step = step_of(action)
    assert step is not None
    assert keys(stepped(of(MODULES), step)) == expected


@pytest.mark.parametrize("action", ["save", "up:x:rooms", "over:u:rooms", "up:u:", "up:u:a:b"])
def test_other_buttons_are_no_steps(action: str) -> None:
    assert step_of(action) is None


def test_units_keep_what_is_inside_them_wherever_they_go() -> None:
    made = unit("made", "video")
    modules = with_units([Branch("second", ["check", "made", "gone"])], MODULES, [made])
    assert modules == [{"key": "second", "units": [MODULES[0]["units"][1], made]}]
