"""GIFT: the examples that teachers learn it by."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.formats.questions import Found, read
from chorsu.training.items import Item, ItemText, score


def _read(text: str) -> list[Found]:
    report = read(text.encode(), "file.gift", "en")
    assert report.troubles == ()
    return list(report.found)


def _item(found: Found) -> Item:
    texts = {tag: ItemText(words, "original", 1) for tag, words in found.texts.items()}
    return Item("q", 1, "en", found.facts, texts)


def _points(text: str, response: object, key: str = "answer") -> Decimal:
    (found,) = _read(text)
    return score(_item(found), {key: response}, "en").points


def test_questions_are_set_apart_by_blank_lines_and_comments_are_passed_over() -> None:
    found = _read(
        "// What follows is short.\n$CATEGORY: tom/jerry\n\nOne?{=1}\n// between\n\n\nTwo?{T}\n"
    )

    assert [one.texts["en"]["stem"] for one in found] == ["One?", "Two?"]
    assert [one.facts["type"] for one in found] == ["short_text", "single"]


def test_one_of_several_with_part_of_the_points_and_feedback() -> None:
    text = "::Home::He was from {\n ~Jerusalem#No.\n ~%25%Bethlehem#Born here.\n =Nazareth#Yes!\n}"
    (found,) = _read(text)

    assert found.texts["en"]["title"] == "Home"
    assert found.texts["en"]["options.answer.k2.feedback"] == "Born here."
    assert [_points(text, key) for key in ("k1", "k2", "k3")] == [0, Decimal("0.25"), 1]


def test_several_of_several_by_weights() -> None:
    text = "Which two? {~%-50%No one ~%50%Grant ~%50%His wife ~%-50%His father}"

    assert _points(text, ["k2", "k3"]) == 1
    assert _points(text, ["k2", "k3", "k1"]) == Decimal("0.5")


def test_a_gap_stands_where_the_braces_stood() -> None:
    text = "The holiday is on the {~second =fourth} Thursday of November."
    (found,) = _read(text)

    assert found.facts["type"] == "cloze"
    assert found.texts["en"]["stem"] == "The holiday is on the [[answer]] Thursday of November."
    assert _points(text, "k2") == 1


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("Born? {#1822}", "1822", "1823"),
        ("Born? {#1822:5}", "1827", "1828"),
        ("Pi? {#3.141..3.142}", "3.1415", "3.143"),
        ("Born? {#\n=1822:0\n=%50%1822:2}", "1822", "1825"),
    ],
)
def test_numbers_within_a_tolerance_or_a_range(text: str, right: str, wrong: str) -> None:
    assert _points(text, right) == 1
    assert _points(text, wrong) == 0


def test_a_number_nearly_right_earns_half() -> None:
    assert _points("Born? {#\n=1822:0#Yes.\n=%50%1822:2#Near.}", "1824") == Decimal("0.5")


def test_short_texts_with_shares() -> None:
    text = "From? {=Nazareth =%75%Nazereth#misspelled}"

    assert [_points(text, said) for said in ("nazareth", "Nazereth", "Osh")] == [
        1, Decimal("0.75"), 0,
    ]  # fmt: skip


def test_pairs() -> None:
    text = "Match. {=Canada -> Ottawa =Italy -> Rome =Japan -> Tokyo}"

    assert _points(text, {"k1": "m1", "k2": "m2", "k3": "m3"}) == 1


def test_true_and_false_are_words_of_the_language_and_feedback_finds_its_answer() -> None:
    report = read("Рим — столица Италии.{T#Нет, столица.#Да.}".encode(), "f", "ru")
    words = report.found[0].texts["ru"]

    assert [words[f"options.answer.k{place}.text"] for place in (1, 2)] == ["Верно", "Неверно"]
    assert words["options.answer.k1.feedback"] == "Да."
    assert words["options.answer.k2.feedback"] == "Нет, столица."


def test_escaped_signs_are_plain_and_show_as_they_were() -> None:
    (found,) = _read("Which equals 5? {~ \\= 2 + 2 = \\= 2 + 3 ~ \\{x\\} \\~ \\#}")
    words = found.texts["en"]

    assert words["options.answer.k2.text"] == "\\= 2 + 3"
    assert words["options.answer.k3.text"] == "{x} \\~ #"


def test_formats_and_general_feedback() -> None:
    found = _read(
        "[html]<p>Who is <b>buried</b>?</p>{=no one####All of it.}\n\n[markdown]**Who?**{}"
    )

    assert found[0].texts["en"]["stem"] == "Who is **buried**?"
    assert found[0].texts["en"]["feedback"] == "All of it."
    assert (found[1].facts["type"], found[1].texts["en"]["stem"]) == ("essay", "**Who?**")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A description without braces.", "no_answers"),
        ("Two {=1} gaps {=2}.", "several_answers"),
        ("Empty {#}", "number"),
        ("None right {~a ~b}", "no_points_option"),
        ("Odd {a =b}", "answers"),
    ],
)
def test_what_cannot_be_read_is_named_by_line_and_beginning(text: str, code: str) -> None:
    report = read(f"Good?{{=1}}\n\n{text}".encode(), "f", "en")

    assert len(report.found) == 1
    (trouble,) = report.troubles
    assert (trouble.place[:2], trouble.code) == ("3:", code)
