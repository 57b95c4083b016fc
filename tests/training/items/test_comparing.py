"""Two spellings of one answer: what may differ, and what may not."""

from __future__ import annotations

import pytest

from chorsu.training.items import comparable, matches, score
from tests.training.items import builders


@pytest.mark.parametrize(
    ("language", "typed", "spelling"),
    [
        ("uz", "O'zbekiston", "Oʻzbekiston"),
        ("uz", "o‘zbekiston", "Oʻzbekiston"),
        ("uz", "Ўзбекистон", "Oʻzbekiston"),
        ("uz", "Oʻzbekiston", "Ўзбекистон"),
        ("uz", "TOSHKENT", "Тошкент"),
        ("uz", "ma`no", "maʼno"),
        ("kk", "Astana", "Астана"),
        ("kk", "АЛМАТЫ", "Алматы"),
        ("kk", "İs", "ис"),
        ("tk", "AŞGABAT", "Aşgabat"),
        ("tk", "İlkinji", "ilkinji"),
        ("tk", "ILKINJI", "ilkinji"),
        ("ru", "учёт", "учет"),
        ("ru", "«Отчет»", "отчёт"),
        ("ru", "  план   работы. ", "План работы"),
        ("zh-Hans", "電子政務", "电子政务"),
        ("zh-Hans", "ＧＤＰ", "gdp"),
        ("zh-Hans", "公共 服务", "公共服务"),
        ("en", "E–Government", "e-government"),
        ("en", "１９９１", "1991"),
    ],
)
def test_what_a_keyboard_does_is_no_mistake(language: str, typed: str, spelling: str) -> None:
    assert comparable(typed, language) == comparable(spelling, language)


@pytest.mark.parametrize(
    ("language", "typed", "spelling"),
    [
        ("tk", "Asgabat", "Aşgabat"),
        ("kk", "Куат", "Қуат"),
        ("tg", "ёр", "ер"),
        ("uz", "tor", "toʻr"),
        ("ru", "план", "планы"),
        ("zh-Hans", "国家", "国际"),
        ("en", "", "a"),
    ],
)
def test_letters_of_an_alphabet_stay_letters(language: str, typed: str, spelling: str) -> None:
    assert comparable(typed, language) != comparable(spelling, language)


def test_case_matters_where_the_author_says_so() -> None:
    assert matches("PH", "pH", "en")
    assert not matches("PH", "pH", "en", case=True)
    assert matches("pH", "pH", "en", case=True)


def test_a_star_stands_for_anything_and_a_backslash_keeps_it_plain() -> None:
    assert matches("the Ministry of Justice", "*ministry*", "en")
    assert matches("ministry", "*ministry*", "en")
    assert not matches("ministers", "*ministry*", "en")
    assert matches("a b c", "a*c", "en")
    assert not matches("ac", "ac*c", "en")
    assert matches("abcbd", "a*bc*d", "en")
    assert not matches("a" * 300, "a*" * 140 + "b", "en")
    assert matches("5 * 5", "5 \\* 5", "en")
    assert not matches("5 x 5", "5 \\* 5", "en")


def test_spellings_of_other_languages_count_only_where_they_are_meant_to() -> None:
    texts = {
        "ru": {"stem": "?", "texts.answer.t1.spellings": "Ташкент"},
        "en": {"stem": "?", "texts.answer.t1.spellings": "Tashkent"},
    }
    row = {"key": "t1", "credit": "100", "anywhere": ["TAS"]}
    strict = builders.item("short_text", [{"texts": [row]}], texts)
    open_ = builders.item("short_text", [{"texts": [row], "any_language": True}], texts)

    assert score(strict, {"answer": "Ташкент"}, "en").points == 0
    assert score(open_, {"answer": "Ташкент"}, "en").points == 1
    assert score(strict, {"answer": "tas"}, "ru").points == 1
