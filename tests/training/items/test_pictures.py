"""Pictures in the words of a question: what a text shows, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from chorsu.training.items import (
    Facts,
    InvalidItem,
    clean_facts,
    clean_words,
    missing,
    pictures_shown,
    undescribed,
)
from chorsu.training.items.pictures import MAX_PICTURE_BYTES, in_words, name_of, shown_in
from tests.training.items import builders

HASH = "0123456789abcdef" * 4
NAME = "map-01234567.png"
ROW = {
    "name": NAME, "sha256": HASH, "media_type": "image/png", "size": 300, "width": 40,
    "height": 30,
}  # fmt: skip


def with_pictures(*rows: dict[str, Any]) -> Facts:
    return clean_facts({**builders.single().facts, "pictures": list(rows)})


def test_a_question_names_its_pictures_in_one_order() -> None:
    other = {**ROW, "name": "city-89abcdef.jpg", "media_type": "image/jpeg"}

    facts = with_pictures(ROW, other)

    assert [one["name"] for one in facts["pictures"]] == ["city-89abcdef.jpg", NAME]
    assert clean_facts(dict(facts)) == facts
    assert "pictures" not in with_pictures()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "../map.png"}, "pictures.0.name"),
        ({"name": "map.svg", "media_type": "image/svg+xml"}, "pictures.0.name"),
        ({"sha256": HASH.upper()}, "pictures.0.sha256"),
        ({"media_type": "image/jpeg"}, "pictures.0.media_type"),
        ({"size": MAX_PICTURE_BYTES + 1}, "pictures.0.size"),
        ({"width": 0}, "pictures.0.width"),
        ({"height": None}, "pictures.0.height"),
        ({"camera": "Somebody's"}, "pictures.0.camera"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidItem) as invalid:
        with_pictures({**ROW, **change})

    assert field in [error.field for error in invalid.value.errors]


def test_two_pictures_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidItem) as invalid:
        with_pictures(ROW, {**ROW, "sha256": "f" * 64})

    assert [(error.field, error.code) for error in invalid.value.errors] == [
        ("pictures.1.name", "duplicate")
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Look: ![The old town](map.png)", [("map.png", "The old town")]),
        ("| a |\n|---|\n| ![x](one.png) |\n\n- ![](two.jpg)", [("one.png", "x"), ("two.jpg", "")]),
        ("`![no](code.png)` and \\![no](link.png)", []),
        ("Nothing to see!", []),
    ],
)
def test_a_text_shows_what_markdown_would(text: str, shown: list[tuple[str, str]]) -> None:
    assert shown_in(text) == shown


def test_a_picture_without_words_can_be_asked_of_nobody() -> None:
    facts = with_pictures(ROW)
    words = {**builders.single().texts["en"].words, "stem": f"Where is it? ![ ]({NAME})"}

    assert undescribed(facts, words) == ["stem"]
    assert [(one.field, one.code) for one in missing(facts, words)] == [("stem", "picture_words")]
    said = {**words, "stem": f"Where is it? ![A map]({NAME})"}
    assert missing(facts, said) == []


def test_pictures_are_looked_for_in_markdown_alone() -> None:
    facts = with_pictures(ROW)
    words = clean_words(facts, {"title": f"![a]({NAME})", "stem": f"![The city]({NAME})"})

    assert pictures_shown(facts, words) == [("stem", NAME, "The city")]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("images/City%20Map.PNG", "city-map-01234567.png"),
        ("C:\\photos\\map.jpeg", "map-01234567.png"),
        ("地图.png", "picture-01234567.png"),
        (NAME, NAME),
    ],
)
def test_a_name_says_what_it_was_called_and_what_it_holds(told: str, name: str) -> None:
    assert name_of(told, HASH, "image/png") == name


def test_where_no_picture_can_be_shown_its_words_stand() -> None:
    assert in_words("A ![red \\[old\\] car](car-01234567.png) stops") == "A red \\[old\\] car stops"
    assert in_words("Which [[1]] (of two)?") == "Which [[1]] (of two)?"
