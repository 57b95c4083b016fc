"""From marks to a result, and from weak competences to what to learn again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chorsu.training.rules.outline import placed
from chorsu.training.rules.results import QuizResult, course_percent, percent, suggest
from tests.training.class_kit import facts, quiz

UNITS = placed(facts())


@pytest.mark.parametrize(
    ("points", "most", "wanted"),
    [("1", "3", "33.33"), ("2", "3", "66.67"), ("0", "5", "0.00"), ("0", "0", "100")],
)
def test_percent_has_two_places_with_halves_up(points: str, most: str, wanted: str) -> None:
    assert percent(Decimal(points), Decimal(most)) == Decimal(wanted)


def test_the_result_is_the_weighted_mean_of_the_assessed_units() -> None:
    units = placed(facts(quiz(weight=3)))
    assert course_percent(
        units, {"q1": Decimal(80), "a1": Decimal(40), "r1": Decimal(0)}
    ) == Decimal("70.00")


def test_there_is_no_result_while_an_assessed_unit_has_none() -> None:
    assert course_percent(UNITS, {"q1": Decimal(80)}) is None


def test_a_course_that_assesses_nothing_has_no_result() -> None:
    assert course_percent(UNITS[:3], {}) is None


def result(**shares: tuple[int, int]) -> QuizResult:
    return QuizResult(
        "q1", {code: (Decimal(had), Decimal(most)) for code, (had, most) in shares.items()}
    )


def test_a_weak_competence_suggests_what_stands_before_its_quiz_in_its_module() -> None:
    found = suggest(UNITS, [result(planning=(1, 4), law=(4, 4))], pass_percent=60)
    assert [(one.unit.key, one.competence, one.percent) for one in found] == [
        ("r2", "planning", 25)
    ]
    assert [quiz.key for quiz in found[0].quizzes] == ["q1"]


def test_a_competence_at_the_pass_mark_suggests_nothing() -> None:
    assert suggest(UNITS, [result(planning=(6, 10))], pass_percent=60) == []


def test_one_point_says_nothing_about_a_competence() -> None:
    assert suggest(UNITS, [result(planning=(0, 1))], pass_percent=60) == []


def test_what_was_opened_again_is_no_longer_suggested() -> None:
    assert suggest(UNITS, [result(planning=(0, 4))], 60, opened_since={"r2"}) == []


def test_the_weakest_competence_gives_the_reason_where_two_suggest_one_unit() -> None:
    found = suggest(UNITS, [result(law=(2, 4), planning=(1, 4))], pass_percent=60)
    assert [(one.unit.key, one.competence) for one in found] == [("r2", "planning")]
