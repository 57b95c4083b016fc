"""What an answer earns, and what feedback goes with it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.items import marked, score, told
from tests.training.items import builders


@pytest.mark.parametrize(
    ("answer", "points", "state"),
    [("a", "1", "right"), ("b", "0.5", "partly"), ("c", "0", "wrong")],
)
def test_an_option_earns_its_credit(answer: str, points: str, state: str) -> None:
    result = score(builders.single(), {"answer": answer}, "en")

    assert (result.points, result.out_of, result.state) == (Decimal(points), Decimal(1), state)


def test_nothing_answered_earns_nothing_and_says_so() -> None:
    result = score(builders.single(), {}, "en")

    assert (result.points, result.state) == (Decimal(0), "unanswered")


@pytest.mark.parametrize(
    ("answer", "each", "all_"),
    [
        (["a", "b"], "2", "2"),
        (["a"], "1", "0"),
        (["a", "c"], "0", "0"),
        (["a", "b", "c"], "1", "0"),
        (["a", "b", "c", "d"], "0", "0"),
        (["c", "d"], "0", "0"),
    ],
)
def test_choosing_everything_is_no_way_to_points(answer: list[str], each: str, all_: str) -> None:
    by_each = score(builders.multiple("each"), {"answer": answer}, "en")
    by_all = score(builders.multiple("all"), {"answer": answer}, "en")

    assert (by_each.points, by_all.points) == (Decimal(each), Decimal(all_))


def test_a_third_three_times_is_the_whole() -> None:
    options = [{"key": key, "credit": "33.333333"} for key in "abc"] + [{"key": "d"}]
    words = {f"options.answer.{key}.text": key for key in "abcd"}
    thirds = builders.item(
        "multiple", [{"options": options}], {"en": {"stem": "?", **words}}, points="1"
    )

    assert score(thirds, {"answer": ["a", "b", "c"]}, "en").points == Decimal(1)
    assert score(thirds, {"answer": ["a", "b"]}, "en").points == Decimal("0.6667")


@pytest.mark.parametrize(
    ("answer", "each", "all_"),
    [
        ({"a": "a1", "b": "b1", "c": "c1"}, "3", "3"),
        ({"a": "a1", "b": "c1", "c": "b1"}, "1", "0"),
        ({"a": "d1"}, "0", "0"),
    ],
)
def test_each_right_pair_earns_its_share(answer: dict[str, str], each: str, all_: str) -> None:
    by_each = score(builders.matching("each"), {"answer": answer}, "en")
    by_all = score(builders.matching("all"), {"answer": answer}, "en")

    assert (by_each.points, by_all.points) == (Decimal(each), Decimal(all_))


@pytest.mark.parametrize(
    ("answer", "each", "all_"),
    [("abcde", "4", "4"), ("eabcd", "3", "0"), ("bacde", "2", "0"), ("edcba", "0", "0")],
)
def test_one_step_out_of_order_does_not_ruin_the_rest(answer: str, each: str, all_: str) -> None:
    by_each = score(builders.ordering("each"), {"answer": list(answer)}, "en")
    by_all = score(builders.ordering("all"), {"answer": list(answer)}, "en")

    assert (by_each.points, by_all.points) == (Decimal(each), Decimal(all_))


@pytest.mark.parametrize(
    ("typed", "language", "points"),
    [
        ("1.5", "en", "1"),
        ("1,5 км", "ru", "1"),
        ("1 500 m", "en", "1"),
        ("1500 м", "ru", "1"),
        ("1.5 км", "en", "1"),
        ("１．５", "en", "1"),
        ("1.51", "en", "1"),
        ("1.511", "en", "0.5"),
        ("1.45 kilometres", "en", "0.5"),
        ("1.5 miles", "en", "0"),
        ("1500", "en", "0"),
        ("about 1.5", "en", "0"),
        ("-1.5", "en", "0"),
    ],
)
def test_a_number_counts_within_its_tolerance_in_any_of_its_units(
    typed: str, language: str, points: str
) -> None:
    assert score(builders.numeric(), {"answer": typed}, language).points == Decimal(points)


def test_a_unit_that_is_required_and_missing_earns_nothing() -> None:
    assert score(builders.numeric("required"), {"answer": "1.5"}, "en").points == 0
    assert score(builders.numeric("required"), {"answer": "1.5 km"}, "en").points == 1


def test_a_tolerance_in_percent_grows_with_the_value() -> None:
    number = {"key": "n1", "value": "-200", "tolerance": "5", "relative": True, "credit": "100"}
    relative = builders.item("numeric", [{"numbers": [number]}], {"en": {"stem": "?"}})

    assert score(relative, {"answer": "-210"}, "en").points == 1
    assert score(relative, {"answer": "-210.1"}, "en").points == 0


def test_the_gaps_of_a_cloze_share_its_points_by_weight() -> None:
    whole = {"who": "x", "year": "1991", "where": "tashkent"}

    assert score(builders.cloze(), whole, "en").points == 4
    result = score(builders.cloze(), {**whole, "year": "1992"}, "en")
    assert (result.points, result.state) == (Decimal(2), "partly")
    assert result.fields["year"].state == "wrong"


def test_what_a_person_marks_has_no_points_until_then() -> None:
    waiting = score(builders.essay(), {"answer": "A text."}, "en")
    done = marked(builders.essay(), {"form": Decimal(1), "matter": Decimal(3)})

    assert (waiting.state, waiting.points) == ("unmarked", Decimal(0))
    assert (done.state, done.points) == ("partly", Decimal(8))
    with pytest.raises(ValueError, match="form"):
        marked(builders.essay(), {"form": Decimal(3), "matter": Decimal(0)})


def test_feedback_is_told_in_the_language_of_the_reader() -> None:
    single = builders.single()
    result = score(single, {"answer": "b"}, "en")
    names = [*result.fields["answer"].feedback, *result.feedback]

    assert told(single, names, "en") == ["The second city.", "See unit 2."]
    assert told(single, names, "ky") == []
    assert told(single, score(single, {"answer": "a"}, "en").feedback, "en")[0] == "Well done."
