"""Diffs read well in Chinese as in English, and lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chorsu.practices.diff import FieldDiff, changed_facts, diff_text, diff_words
from chorsu.practices.rules import clean_facts
from tests.practices.content import FACTS


def test_a_changed_word_stands_as_a_whole() -> None:
    assert diff_text("Waiting fell to two days.", "Waiting fell to nine days.") == [
        ("same", "Waiting fell to "),
        ("delete", "two"),
        ("insert", "nine"),
        ("same", " days."),
    ]


def test_chinese_is_compared_by_character() -> None:
    assert diff_text("平均车速提高百分之十五", "平均车速提高约百分之十五") == [
        ("same", "平均车速提高"),
        ("insert", "约"),
        ("same", "百分之十五"),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_a_diff(before: str, after: str) -> None:
    pieces = diff_text(before, after)
    assert "".join(text for op, text in pieces if op != "insert") == before
    assert "".join(text for op, text in pieces if op != "delete") == after


def test_only_fields_that_changed_are_told_in_reading_order() -> None:
    before = {"title": "a", "lessons": "same", "indicators.x.name": "gone"}
    after = {"title": "b", "lessons": "same", "summary": "new"}
    assert diff_words(before, after) == [
        FieldDiff("title", [("delete", "a"), ("insert", "b")]),
        FieldDiff("summary", [("insert", "new")]),
        FieldDiff("indicators.x.name", [("delete", "gone")]),
    ]


def test_changed_facts_are_named() -> None:
    before = clean_facts(FACTS)
    after = clean_facts({**FACTS, "level": "district", "year_to": None})
    assert changed_facts(before, after) == ["level", "year_to"]
