"""Measures of questions, against published figures and numpy."""

from __future__ import annotations

import random

import numpy as np
import pytest

from chorsu.training.analysis import (
    MIN_LEARNERS,
    Stratum,
    TableRow,
    alpha,
    differences,
    distractors,
    ets_class,
    facility,
    item_rest_correlation,
    mantel_haenszel,
    measures,
    rest_scores,
)


def _table(learners: int = 200, items: int = 8, seed: int = 7) -> list[TableRow]:
    """Learners of all abilities, questions of all difficulties; the last is drawn by lot."""
    chance = random.Random(seed)
    rows = []
    for learner in range(learners):
        ability = chance.gauss(0, 1)
        for item in range(items):
            by_lot = item == items - 1
            right = chance.random() < (0.5 if by_lot else 1 / (1 + 2.7 ** (item / 2 - 1 - ability)))
            language = "ru" if learner % 2 else "kk"
            rows.append(
                TableRow(
                    attempt=f"a{learner:03}",
                    item=f"q{item}",
                    share=float(right),
                    chosen=("r",) if right else (chance.choice(("w1", "w2")),),
                    language=language,
                )
            )
    return rows


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    table = _table()
    scores = np.array([row.share for row in table]).reshape(200, 8)

    for place, one in enumerate(measures(table)):
        rest = scores.sum(axis=1) - scores[:, place]
        assert one.facility == pytest.approx(scores[:, place].mean())
        assert one.discrimination == pytest.approx(np.corrcoef(scores[:, place], rest)[0, 1])


def test_a_question_answered_by_lot_tells_nobody_apart() -> None:
    found = measures(_table())

    *others, by_lot = [one.discrimination or 0.0 for one in found]
    assert abs(by_lot) < 0.15 < min(others[2:6])


def test_what_cannot_be_told_is_not() -> None:
    few = [row for row in _table() if row.attempt < f"a{MIN_LEARNERS - 1:03}"]

    assert {one.discrimination for one in measures(few)} == {None}
    assert item_rest_correlation([1, 1, 1], [0, 1, 2]) is None
    with pytest.raises(ValueError, match="no answers"):
        facility([])


def test_alpha_of_a_worked_example() -> None:
    scores = [[2, 4, 3], [1, 2, 2], [3, 5, 4], [2, 3, 3], [1, 1, 2]]

    # Variances 0.7, 2.5 and 0.7 of the questions, 10.3 of the totals: 3/2 (1 - 3.9/10.3).
    assert alpha(scores) == pytest.approx(1.5 * (1 - 3.9 / 10.3))
    assert alpha([[1, 1]]) is None


def test_a_distractor_is_chosen_by_the_weak_and_a_dead_one_by_nobody() -> None:
    table = _table()
    rows = [row for row in table if row.item == "q2"]
    right, wrong, _, dead = distractors(rows, rest_scores(table), ["r", "w1", "w2", "w3"])

    assert right.upper > right.lower
    assert wrong.upper < wrong.lower
    assert (dead.count, dead.share, dead.lower, dead.upper) == (0, 0.0, 0.0, 0.0)


# Admissions to Berkeley in 1973 by department (Bickel, Hammel and O'Connell, Science 187, 1975):
# men admitted and refused, women admitted and refused.
BERKELEY = [
    Stratum(512, 313, 89, 19),
    Stratum(353, 207, 17, 8),
    Stratum(120, 205, 202, 391),
    Stratum(138, 279, 131, 244),
    Stratum(53, 138, 94, 299),
    Stratum(22, 351, 24, 317),
]


def test_mantel_haenszel_of_published_figures() -> None:
    result = mantel_haenszel(BERKELEY)

    # As R prints it: mantelhaen.test(UCBAdmissions), ratio, chi-square, interval 0.7719 to 1.0603.
    assert result is not None
    assert result.odds_ratio == pytest.approx(0.9046968, abs=1e-6)
    assert result.chi_square == pytest.approx(1.4269, abs=1e-4)
    half = (np.log(1.0603298) - np.log(0.7719074)) / 2 / 1.959964
    assert result.standard_error / 2.35 == pytest.approx(half, abs=1e-5)
    assert result.delta == pytest.approx(-2.35 * np.log(0.9046968), abs=1e-5)
    assert ets_class(result) == "A"


@pytest.mark.parametrize(
    ("strata", "expected"),
    [
        ([Stratum(50, 50, 50, 50)] * 4, "A"),
        ([Stratum(60, 40, 48, 52)] * 4, "B"),
        ([Stratum(80, 20, 40, 60)] * 4, "C"),
        ([Stratum(4, 1, 2, 3)], "A"),
    ],
)
def test_classes_go_by_size_and_by_how_sure_it_is(strata: list[Stratum], expected: str) -> None:
    result = mantel_haenszel(strata)

    assert result is not None
    assert ets_class(result) == expected


def test_odds_that_are_no_number_are_none() -> None:
    assert mantel_haenszel([Stratum(5, 0, 5, 0)]) is None
    assert mantel_haenszel([]) is None


def test_a_mistranslated_question_shows_itself_and_only_that() -> None:
    table = [
        TableRow(row.attempt, row.item, 0.0, row.chosen, row.language)
        if (row.item, row.language) == ("q1", "kk") and int(row.attempt[1:]) % 10 < 8
        else row
        for row in _table(600)
    ]

    found = {(one.item, one.language): one for one in differences(table)}

    assert found["q1", "kk"].ets == "C"
    assert found["q1", "kk"].result is not None
    assert found["q1", "kk"].result.delta < -1.5
    assert {one.ets for key, one in found.items() if key[0] != "q1"} == {"A"}


@pytest.mark.parametrize("learners", [60, 600])
def test_one_that_nobody_gets_right_in_a_language_shows_itself_most(learners: int) -> None:
    """As where the translation asks for the opposite: the odds ratio alone would be no number."""
    table = [
        TableRow(row.attempt, row.item, 0.0, row.chosen, row.language)
        if (row.item, row.language) == ("q1", "kk")
        else row
        for row in _table(learners)
    ]
    found = {(one.item, one.language): one for one in differences(table)}
    assert (found["q1", "kk"].ets, found["q1", "ru"].ets) == ("C", "C")
    harder, easier = found["q1", "kk"].result, found["q1", "ru"].result
    assert harder is not None
    assert easier is not None
    assert harder.delta < -1.5
    assert easier.delta > 1.5
    assert {one.ets for key, one in found.items() if key[0] != "q1"} <= {"A", "B"}


def test_a_language_of_a_few_is_not_judged() -> None:
    table = [row for row in _table() if row.language == "ru" or row.attempt < "a020"]

    assert {(one.ets, one.result) for one in differences(table)} == {("", None)}
