"""Drawing questions: all of it follows from the seed."""

from __future__ import annotations

import pytest

from chorsu.training.items import Candidate, TooFewItems, draw
from chorsu.training.rules.fields import Draw

BANK = [Candidate(f"q{place}", place, "law" if place % 2 else "budget") for place in range(20)]


def test_a_seed_draws_the_same_questions_however_the_bank_is_read() -> None:
    draws = [Draw(competence="law", count=4), Draw(competence="", count=6)]

    first = draw(BANK, draws, seed="s", shuffle=True)
    again = draw(reversed(BANK), draws, seed="s", shuffle=True)

    assert first == again
    assert draw(BANK, draws, seed="t", shuffle=True) != first
    # Known, so that no later version draws other questions for attempts that are running.
    assert [one.item for one in first[:4]] == ["q3", "q9", "q15", "q19"]


def test_sections_stand_in_their_order_and_hold_what_they_ask_for() -> None:
    draws = [Draw(competence="", count=3), Draw(competence="budget", count=10)]

    drawn = draw(BANK, draws, seed="s", shuffle=False)

    assert [one.section for one in drawn] == [0] * 3 + [1] * 10
    competence = {candidate.item: candidate.competence for candidate in BANK}
    assert {competence[one.item] for one in drawn if one.section == 1} == {"budget"}
    assert len({one.item for one in drawn}) == 13
    assert [one.item for one in drawn[:3]] == sorted(one.item for one in drawn[:3])


def test_a_bank_with_too_few_says_of_what() -> None:
    with pytest.raises(TooFewItems) as refused:
        draw(BANK, [Draw(competence="law", count=11)], seed="s", shuffle=True)

    assert (refused.value.competence, refused.value.wanted, refused.value.found) == ("law", 11, 10)


def test_every_question_is_drawn_about_as_often() -> None:
    counts = dict.fromkeys((candidate.item for candidate in BANK), 0)
    for seed in range(2000):
        for one in draw(BANK, [Draw(competence="", count=5)], seed=str(seed), shuffle=True):
            counts[one.item] += 1

    # 500 expected, standard deviation 19.
    assert min(counts.values()) > 420
    assert max(counts.values()) < 580
