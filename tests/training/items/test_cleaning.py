"""Facts and words of a question, cleaned strictly."""

from __future__ import annotations

import pytest

from chorsu.training.items import (
    InvalidItem,
    Item,
    clean_facts,
    clean_words,
    empty_facts,
    empty_field,
    missing,
    missing_words,
)
from tests.training.items import builders
from tests.training.items.test_showing import ALL


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.facts["type"])
def test_cleaning_what_is_clean_changes_nothing(item: Item) -> None:
    assert clean_facts(item.facts) == item.facts
    for text in item.texts.values():
        assert clean_words(item.facts, text.words) == text.words


def _field(kind: str = "choice", **values: object) -> dict[str, object]:
    return {**empty_field("answer", kind), **values}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"type": "riddle"}, "type", "unknown"),
        ({"points": "0"}, "points", "out_of_range"),
        ({"points": "many"}, "points", "not_a_decimal"),
        ({"points": "1,500"}, "points", "two_ways"),
        ({"difficulty": 6}, "difficulty", "out_of_range"),
        ({"difficulty": True}, "difficulty", "not_a_number"),
        ({"competence": "Law!"}, "competence", "unknown"),
        ({"more": 1}, "more", "unknown"),
        ({"fields": "answer"}, "fields", "not_a_list"),
        ({"fields": []}, "fields", "wrong_kind"),
        ({"fields": [_field("text")]}, "fields.0.kind", "wrong_kind"),
        (
            {"fields": [_field(options=[{"key": "a", "credit": "101"}])]},
            "fields.0.options.0.credit",
            "out_of_range",
        ),
        (
            {"fields": [_field(options=[{"key": "a"}, {"key": "a"}])]},
            "fields.0.options.1.key",
            "duplicate",
        ),
        ({"fields": [_field(options=[{"key": "A b"}])]}, "fields.0.options.0.key", "not_a_key"),
        ({"fields": [_field(numbers=[{"key": "n"}])]}, "fields.0.numbers", "no_use"),
        (
            {
                "fields": [_field("order", options=[{"key": "a", "fixed": True}])],
                "type": "ordering",
            },
            "fields.0.options.0.fixed",
            "no_use",
        ),
        (
            {"fields": [_field(options=[{"key": "a", "fixed": 1}])]},
            "fields.0.options.0.fixed",
            "unknown",
        ),
        (
            {"fields": [_field(options=[{"key": "a", "target": "x"}])]},
            "fields.0.options.0.target",
            "unknown",
        ),
        ({"rubric": [{"key": "r", "points": 1}]}, "rubric", "no_use"),
        ({"second_marker": True}, "second_marker", "no_use"),
        ({"second_marker": "yes"}, "second_marker", "unknown"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(InvalidItem) as refused:
        clean_facts({**empty_facts("single"), **change})

    assert (field, code) in [(error.field, error.code) for error in refused.value.errors]


@pytest.mark.parametrize("item_type", ["essay", "file"])
def test_a_second_marker_is_said_only_where_there_is_one(item_type: str) -> None:
    facts = empty_facts(item_type)
    assert clean_facts({**facts, "second_marker": True}) == {**facts, "second_marker": True}
    assert clean_facts({**facts, "second_marker": False}) == facts


def test_numbers_have_one_form() -> None:
    number = {"key": "n", "value": "1 250,50", "tolerance": "0.10", "credit": "100.0"}
    facts = clean_facts({**empty_facts("numeric"), "fields": [_field("number", numbers=[number])]})

    cleaned = facts["fields"][0]["numbers"][0]
    assert (cleaned["value"], cleaned["tolerance"], cleaned["credit"]) == ("1250.5", "0.1", "100")


def test_words_are_those_that_the_facts_have_rows_for() -> None:
    facts = builders.single().facts

    with pytest.raises(InvalidItem) as refused:
        clean_words(facts, {"options.answer.z.text": "?", "stem": 1, "title": "x" * 201})

    assert {(error.field, error.code) for error in refused.value.errors} == {
        ("options.answer.z.text", "unknown"),
        ("stem", "not_text"),
        ("title", "too_long"),
    }


def test_what_a_translation_lacks_is_listed() -> None:
    facts = builders.single().facts

    assert missing_words(facts, {"stem": "?", "options.answer.a.text": "a"}) == [
        "options.answer.b.text",
        "options.answer.c.text",
    ]


@pytest.mark.parametrize(
    ("item_type", "fields", "words", "expected"),
    [
        ("single", [_field(options=[{"key": "a", "credit": "100"}])], {}, "too_few"),
        ("single", [_field(options=[{"key": "a"}, {"key": "b"}])], {}, "no_right_answer"),
        ("numeric", [_field("number", numbers=[])], {}, "no_right_answer"),
        ("short_text", [_field("text", texts=[])], {}, "no_right_answer"),
        ("matching", [_field("match")], {}, "too_few"),
    ],
)
def test_a_question_that_cannot_be_asked_says_what_it_lacks(
    item_type: str, fields: list[object], words: dict[str, str], expected: str
) -> None:
    facts = clean_facts({**empty_facts(item_type), "fields": fields})

    assert expected in [error.code for error in missing(facts, words)]


def test_the_gaps_of_a_stem_are_the_fields_of_the_cloze() -> None:
    facts = builders.cloze().facts
    words = {**builders.cloze().texts["en"].words, "stem": "[[who]] and [[who]] in [[year]]"}

    assert [error.code for error in missing(facts, words)] == ["gaps"]
