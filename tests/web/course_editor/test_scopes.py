"""What one page of the editor holds of a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import Facts
from chorsu.web.course_editor.layouts import unit_layout
from chorsu.web.course_editor.outline import Branch
from chorsu.web.course_editor.scopes import CourseScope, Mark, UnitScope, said
from chorsu.web.drafting.merging import Copy, clashes, merged
from tests.web.course_editor.content import FACTS, MODULES, WORDS


@dataclass(frozen=True)
class Save:
    words: dict[str, str]
    facts: Facts


RECORD = {"audience": "public", "licence": "CC-BY-4.0", "note": ""}
NOW = Save(WORDS, clean_facts(cast("dict[str, object]", FACTS)))


def with_body(text: str) -> Save:
    return replace(NOW, words={**WORDS, "units.rooms.body": text})


def test_the_course_and_its_units_share_no_field() -> None:
    course = CourseScope().take(NOW, RECORD).words
    units = [UnitScope(key).take(NOW, {}).words for key in ("rooms", "check", "talk")]
    held = [*course, *(name for words in units for name in words)]
    assert sorted(held) == sorted(WORDS)


def test_a_part_put_back_changes_nothing() -> None:
    for scope in (CourseScope(), UnitScope("rooms"), UnitScope("check")):
        words, facts = scope.put(scope.take(NOW, RECORD), NOW)
        assert words == NOW.words
        assert facts == NOW.facts


def test_another_unit_s_text_is_not_in_the_mark_of_this_one() -> None:
    later = with_body("Two windows.")
    assert said(UnitScope("check").take(NOW, {})) == said(UnitScope("check").take(later, {}))
    assert said(CourseScope().take(NOW, RECORD)) == said(CourseScope().take(later, RECORD))
    assert said(UnitScope("rooms").take(NOW, {})) != said(UnitScope("rooms").take(later, {}))


def test_the_course_s_page_moves_a_unit_with_what_somebody_else_wrote_in_it() -> None:
    part = CourseScope().take(NOW, RECORD)
    moved = Copy(
        part.words, {**part.facts, "modules": [Branch("first", ["talk", "rooms"])]}, RECORD
    )
    words, facts = CourseScope().put(moved, with_body("Two windows."))
    assert words["units.rooms.body"] == "Two windows."
    assert facts["modules"] == [
        {"key": "first", "units": [MODULES[1]["units"][0], MODULES[0]["units"][0]]}
    ]


def test_criteria_that_a_unit_s_page_drops_take_their_words_along() -> None:
    work = {"forms": ["text"], "second_marker": False, "weight": 1}
    rubric = [{"key": "clear", "points": 3}]
    scope, criteria = UnitScope("talk"), {"rubrics.clear.criterion": "Is clear"}
    part = scope.take(NOW, {})
    facts = {**part.facts, "kind": "assignment", "assignment": {**work, "rubric": rubric}}
    words, whole = scope.put(Copy({**part.words, **criteria}, facts, {}), NOW)
    saved = Save(words, cast("Facts", whole))
    taken = scope.take(saved, {})
    assert taken.words["rubrics.clear.criterion"] == "Is clear"
    left = {name: text for name, text in taken.words.items() if not name.startswith("rubrics.")}
    words, _facts = scope.put(
        Copy(left, {**taken.facts, "assignment": {**work, "rubric": []}}, {}), saved
    )
    assert words == WORDS


def test_a_mark_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    mark = Mark(12, said(CourseScope().take(NOW, RECORD)))
    assert Mark.read(str(mark)) == mark
    for text in ("", "12", "12.xyz", "-1.0000000000000000", f"{mark} "):
        assert Mark.read(text) == Mark(-1, "")


def test_what_a_tool_gave_along_with_an_address_goes_with_the_address() -> None:
    layout = unit_layout("tool")
    mine = Copy({}, {"tool": "https://tool.example/x"}, {})
    given = {"tool": "https://tool.example/y", "custom": {"id": "42"}, "points": 20}
    theirs = Copy({}, {**given, "weight": 30}, {})
    assert [one.unit for one in clashes(mine, theirs, None, layout)] == ["tool", "weight"]
    assert merged(mine, theirs, {"tool": "theirs"}, layout).facts == given
    assert merged(theirs, mine, {"tool": "theirs"}, layout).facts == {**mine.facts, "weight": 30}
