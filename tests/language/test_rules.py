"""Which text a reader gets."""

from __future__ import annotations

import pytest

from chorsu.language.rules import TextInfo, best_by_language, choose, is_stale

ORIGINAL = TextInfo("zh-Hans", "original", 3)
RUSSIAN = TextInfo("ru", "human", 2)
MACHINE = TextInfo("tk", "machine", 3)
ALL = [ORIGINAL, RUSSIAN, MACHINE]


def test_the_first_language_of_the_reader_that_exists_wins() -> None:
    assert choose(ALL, ["uz", "tk", "ru"], "zh-Hans") == MACHINE


def test_a_reader_of_no_such_language_gets_the_original() -> None:
    assert choose(ALL, ["uz", "tg"], "zh-Hans") == ORIGINAL


def test_without_the_original_english_serves_before_any_other() -> None:
    english = TextInfo("en", "machine", 1)
    assert choose([RUSSIAN, english], ["uz"], "zh-Hans") == english
    assert choose([MACHINE, RUSSIAN], ["uz"], "zh-Hans") == RUSSIAN


@pytest.mark.parametrize(
    ("better", "worse"), [("original", "human"), ("human", "edited"), ("edited", "machine")]
)
def test_within_a_language_the_better_provenance_wins_even_if_older(
    better: str, worse: str
) -> None:
    old, new = TextInfo("ru", better, 1), TextInfo("ru", worse, 9)
    assert choose([new, old], ["ru"], "zh-Hans") == old


def test_of_equal_provenance_the_newer_revision_wins() -> None:
    old, new = TextInfo("ru", "human", 1), TextInfo("ru", "human", 2)
    assert choose([old, new], ["ru"], "zh-Hans") == new


def test_a_provenance_of_a_later_version_is_the_last_choice() -> None:
    unknown = TextInfo("ru", "telepathy", 9)
    assert choose([unknown, RUSSIAN], ["ru"], "zh-Hans") == RUSSIAN


def test_no_text_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no text"):
        choose([], ["ru"], "ru")


def test_one_text_a_language_in_the_order_given() -> None:
    worse = TextInfo("ru", "machine", 3)
    assert best_by_language([worse, ORIGINAL, RUSSIAN], "zh-Hans") == {
        "ru": RUSSIAN,
        "zh-Hans": ORIGINAL,
    }


def test_a_text_is_stale_when_the_original_has_moved_on() -> None:
    assert is_stale(RUSSIAN, 3)
    assert not is_stale(MACHINE, 3)
