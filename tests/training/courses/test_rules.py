"""Facts and words of a course: what is kept, what is refused, what is still missing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from chorsu.kernel.languages import TAGS
from chorsu.records.fields import InvalidRecord
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import (
    MAX_UNITS,
    clean_words,
    empty_facts,
    hours_of,
    units_of,
)
from chorsu.training.rules.framework import framework, positions
from chorsu.training.rules.readiness import (
    missing_for_publication,
    missing_words,
    words_with_row,
)
from tests.training.courses.content import FACTS, RUSSIAN, WORDS


def bent(**changes: object) -> dict[str, Any]:
    return {**copy.deepcopy(FACTS), **changes}


def outline(*units: dict[str, object]) -> list[dict[str, object]]:
    return [{"key": "m", "units": list(units)}]


def refused(facts: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(InvalidRecord) as caught:
        clean_facts(facts)
    return {(error.field, error.code) for error in caught.value.errors}


def test_clean_facts_are_clean_again_and_a_quiz_has_what_was_not_said() -> None:
    facts = clean_facts(FACTS)

    assert clean_facts(facts) == facts
    assert hours_of(facts) == 12
    quiz = [unit["quiz"] for unit in units_of(facts)][1]
    assert quiz == {
        "draws": [{"competence": "one-window", "count": 5}],
        "minutes": 0,
        "attempts": 0,
        "shuffle": False,
        "review": "answers",
        "weight": 1,
    }


def test_a_lab_keeps_the_weight_it_states_and_states_none_of_itself() -> None:
    units = [{"key": "a", "kind": "lab", "weight": "2"}, {"key": "b", "kind": "lab"}]
    facts = clean_facts(bent(assessment={}, modules=outline(*units)))

    assert [unit.get("weight") for unit in units_of(facts)] == [2, None]
    assert clean_facts(facts) == facts


def test_nothing_said_is_an_empty_course() -> None:
    assert clean_facts({}) == empty_facts()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"hours": {"live": -1}}, ("hours.live", "not_a_number")),
        ({"hours": {"live": "many"}}, ("hours.live", "not_a_number")),
        ({"hours": {"night": 1}}, ("hours", "unknown")),
        ({"valid_months": True}, ("valid_months", "not_a_number")),
        ({"competences": [{"code": "magic", "level": 1}]}, ("competences.0.code", "unknown")),
        ({"competences": [{"code": "law", "level": 0}]}, ("competences.0.level", "not_a_number")),
        ({"positions": ["king"]}, ("positions", "unknown")),
        ({"prerequisites": ["first"]}, ("prerequisites.0", "unknown")),
        ({"assessment": {"required_units": ["exam"]}},
         ("assessment.required_units.0", "no_such_row")),
        ({"assessment": {"pass_percent": 101}}, ("assessment.pass_percent", "not_a_number")),
        ({"terms": ["one", "one"]}, ("terms.1", "duplicate")),
        ({"learners": []}, ("learners", "unknown")),
        ({"modules": outline({"key": "Unit 1", "kind": "reading"})},
         ("modules.0.units.0.key", "not_a_key")),
        ({"modules": outline({"key": "a", "kind": "dance"})},
         ("modules.0.units.0.kind", "unknown")),
        ({"modules": outline({"key": "a", "kind": "live", "quiz": {}})},
         ("modules.0.units.0.quiz", "unknown")),
        ({"modules": outline({"key": "a", "kind": "live", "weight": 1})},
         ("modules.0.units.0.weight", "unknown")),
        ({"modules": outline({"key": "a", "kind": "lab", "lab": "town", "weight": -1})},
         ("modules.0.units.0.weight", "not_a_number")),
        ({"modules": outline({"key": "a", "kind": "tool", "tool": "javascript:x"})},
         ("modules.0.units.0.tool", "not_a_url")),
        ({"modules": outline({"key": "a", "kind": "tool", "custom": {"a": 1}})},
         ("modules.0.units.0.custom", "unknown")),
        ({"modules": outline({"key": "a", "kind": "tool", "custom": {"a": "\x00"}})},
         ("modules.0.units.0.custom", "unknown")),
        ({"modules": outline({"key": "a", "kind": "tool", "custom": ["a"]})},
         ("modules.0.units.0.custom", "unknown")),
        ({"modules": outline({"key": "a", "kind": "tool",
                              "custom": {str(number): "" for number in range(31)}})},
         ("modules.0.units.0.custom", "too_many")),
        ({"modules": outline({"key": "a", "kind": "lab", "lab": "town", "custom": {"a": "b"}})},
         ("modules.0.units.0.custom", "unknown")),
        ({"modules": outline({"key": "a", "kind": "tool", "points": 1_001})},
         ("modules.0.units.0.points", "not_a_number")),
        ({"modules": outline({"key": "a", "kind": "video", "video": {"variants": ["film.mp4"]}})},
         ("modules.0.units.0.video.variants.0", "unknown")),
        ({"modules": outline({"key": "a", "kind": "assignment",
                              "assignment": {"forms": ["song"]}})},
         ("modules.0.units.0.assignment.forms.0", "unknown")),
    ],
)  # fmt: skip
def test_what_is_not_right_is_named_by_its_path(
    changes: dict[str, Any], error: tuple[str, str]
) -> None:
    assert error in refused({**bent(assessment={}), **changes})


def test_keys_are_unique_in_the_whole_course_also_of_rubrics_in_two_units() -> None:
    rubric = {"forms": ["text"], "rubric": [{"key": "clear", "points": 5}]}
    units = [
        {"key": key, "kind": "assignment", "assignment": rubric} for key in ("one", "two", "one")
    ]

    errors = refused(bent(assessment={}, modules=outline(*units)))
    assert errors == {
        ("modules.0.units.1.assignment.rubric.0.key", "duplicate"),
        ("modules.0.units.2.assignment.rubric.0.key", "duplicate"),
        ("modules.0.units.2.key", "duplicate"),
    }


def test_units_are_counted_over_all_modules() -> None:
    half = [{"key": f"u{n}", "kind": "live"} for n in range(MAX_UNITS // 2)]
    more = [{"key": f"v{n}", "kind": "live"} for n in range(MAX_UNITS // 2 + 1)]
    modules = [{"key": "a", "units": half}, {"key": "b", "units": more}]

    assert refused(bent(assessment={}, modules=modules)) == {("modules", "too_many")}


def test_codes_of_newer_software_are_kept_from_peers_only() -> None:
    newer = bent(themes=["space"], competences=[{"code": "stars", "level": 1}])

    assert clean_facts(newer, known_codes=False)["competences"][0]["code"] == "stars"
    assert refused(newer) == {("themes", "unknown"), ("competences.0.code", "unknown")}


def test_a_whole_course_lacks_nothing() -> None:
    assert missing_for_publication(clean_words(WORDS), clean_facts(FACTS), ()) == []


def test_what_is_missing_is_named_where_it_is_written() -> None:
    units = [
        {"key": "read", "kind": "reading"},
        {"key": "quiz", "kind": "quiz"},
        {"key": "ask", "kind": "survey", "survey": [{"key": "how", "kind": "choice"}]},
        {"key": "film", "kind": "video", "video": {"variants": ["a" * 64]}},
    ]
    facts = clean_facts(
        {
            **empty_facts(),
            "modules": outline(*units),
            "assessment": {"pass_percent": 60},
            "terms": ["word"],
        }
    )

    errors = {(one.field, one.code) for one in missing_for_publication({}, facts, ())}
    missing = {field for field, code in errors if code == "missing"}
    assert missing >= {
        "title", "summary", "aims", "themes", "hours", "modules.m.title", "units.read.title",
        "units.read.body", "modules.0.units.1.quiz.draws", "questions.how.text",
        "questions.how.choices", "terms.word.name",
    }  # fmt: skip
    assert ("modules.0.units.3.video.variants", "no_such_row") in errors
    assert ("assessment.pass_percent", "nothing_counts") in errors


def test_a_reading_that_shows_a_practice_needs_no_body() -> None:
    practice = "019349f5-3c00-7d3e-8a52-6f0e6a1f4b01"
    facts = clean_facts(
        bent(assessment={}, modules=outline({"key": "r", "kind": "reading", "practice": practice}))
    )

    errors = missing_for_publication(clean_words(WORDS), facts, ())
    assert {one.field for one in errors} == {"modules.m.title", "units.r.title"}


def test_words_of_rows_that_are_gone_are_left_out_and_what_a_text_lacks_is_told() -> None:
    facts = clean_facts(FACTS)
    words = clean_words({**WORDS, "units.old.title": "Gone", "terms.old.name": "gone"})
    kept = words_with_row(words, facts, ())

    assert words.keys() - kept.keys() == {"units.old.title", "terms.old.name"}
    russian = clean_words({name: text for name, text in RUSSIAN.items() if name != "aims"})
    assert missing_words(kept, russian) == ["aims"]


def test_competences_and_positions_have_names_in_eight_languages() -> None:
    found = framework()
    named = [*found.areas.values(), *found.competences.values(), *positions().values()]

    assert [one.code for one in named if set(one.names) != set(TAGS)] == []
    assert {set(names) == set(TAGS) for names in found.levels.values()} == {True}
    assert list(found.levels) == [1, 2, 3, 4]
    assert {one.area for one in found.competences.values()} == set(found.areas)
    assert framework().competences["law"].name("tk") == "Kanuny ulanmak"
