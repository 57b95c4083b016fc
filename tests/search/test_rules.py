"""What is made of a text and of a question, before any database."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorsu.search.asking import (
    lexemes,
    likely_languages,
    mark,
    read_query,
)
from chorsu.search.rules import (
    PASSAGE_CHARS,
    Facets,
    Filters,
    TextToIndex,
    allows,
    count_facets,
    excerpt,
    split_passages,
)


def first_spellings(raw: str) -> list[str]:
    return [term.spellings[0] for term in read_query(raw).terms]


@pytest.mark.parametrize(
    ("raw", "terms"),
    [
        ("", []),
        ("   \t\n", []),
        ("🚌🚦", []),
        ("[[[", []),
        ("!?% _ --", []),
        ("\x00\x1f", []),
        ("а", ["а"]),
        ("в городе", ["городе"]),
        ("城", ["城"]),
        ("城市大脑", ["城市", "大脑"]),
        ("城市大恼", ["城市", "大恼"]),
        ("電子政務", ["电子政务"]),
        ("9 416 267 обращений", ["обращений", "9416267"]),
        ("９，４１６", ["9416"]),
        ("GDP增长", ["gdp", "增长"]),
        ("şäher ŞÄHER", ["saher"]),
        ("oʻzbek o'zbek", ["ozbek"]),
        ("'; DROP TABLE users; --", ["drop", "table", "users"]),
        ("a\x00b\u202ec", ["abc"]),
    ],
)
def test_terms_of_what_was_typed(raw: str, terms: list[str]) -> None:
    assert first_spellings(raw) == terms


def test_a_very_long_question_is_cut_and_says_so() -> None:
    query = read_query("слово " * 2000)
    assert (len(query.text), query.cut) == (300, True)
    assert len(read_query(" ".join(map(str, range(1000, 1100)))).terms) == 12


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("қабулхона", "qabulxona"),
        ("ўзбекистон", "ozbekiston"),
        ("qala", "қала"),
        ("şahar", "шахар"),
        ("basqarý", "басқару"),
    ],
)
def test_the_other_script_is_searched_too(typed: str, stored: str) -> None:
    assert read_query(typed).terms[0].spellings[1] == stored


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_sign_of_a_question_reaches_the_query_language(raw: str) -> None:
    for term in read_query(raw).terms:
        assert not set("".join(term.spellings)) & set(" '\\:*&|!()<>\x00")
        assert 0 < term.weight <= 1


@given(st.text(max_size=3000))
@settings(max_examples=100, deadline=None)
def test_passages_are_short_and_lose_no_letter(text: str) -> None:
    pieces = split_passages(TextToIndex("ru", "t", [("results", text)]))[1:]
    assert all(0 < len(piece.text) <= PASSAGE_CHARS for piece in pieces)
    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(text.split())


def test_passages_end_where_sentences_end() -> None:
    text = "Первое предложение. " * 60
    pieces = split_passages(TextToIndex("ru", "t", [("results", text)]))
    assert all(piece.text.endswith(".") for piece in pieces[1:])
    chinese = split_passages(TextToIndex("zh-Hans", "t", [("results", "这是一句话。" * 200)]))
    assert all(piece.text.endswith("。") for piece in chinese[1:])


def test_fields_of_one_group_are_one_passage() -> None:
    text = TextToIndex(
        "en", "t", [("indicators.speed.name", "Average speed"), ("indicators.speed.unit", "km/h")]
    )
    assert [(one.field, one.text) for one in split_passages(text)] == [
        ("title", "t"),
        ("indicators", "Average speed km/h"),
    ]


def test_chinese_is_indexed_by_neighbours() -> None:
    assert lexemes("城市大脑 City") == ["城市", "市大", "大脑", "脑", "city"]


def test_letters_tell_the_language_and_the_reader_tells_the_rest() -> None:
    assert likely_languages(read_query("城市"), ["ru"]) == {"zh-Hans": 1.0}
    assert likely_languages(read_query("ýol hereketi"), ["en"]) == {"tk": 1.0}
    assert likely_languages(read_query("ҷумҳурӣ"), ["ru"]) == {"tg": 1.0}
    plain = likely_languages(read_query("bir penjire"), ["tk", "ru"])
    assert max(plain, key=plain.__getitem__) == "tk"
    assert sum(plain.values()) == pytest.approx(1.0)


def test_marks_cover_inflected_words_and_chinese_runs() -> None:
    text = "Şäher ulaglary we ulag."
    marks = mark(text, read_query("ulaglar"))
    assert [text[start:end] for start, end in marks] == ["ulaglary", "ulag"]
    chinese = "杭州的城市大脑平台"
    marks = mark(chinese, read_query("城市大脑"))
    assert [chinese[start:end] for start, end in marks] == ["城市大脑"]


def test_excerpt_keeps_the_marked_words() -> None:
    text = "word " * 100 + "bus bus " + "word " * 100
    short, marks = excerpt(text, mark(text, read_query("bus")), 60)
    assert [short[start:end] for start, end in marks] == ["bus", "bus"]
    assert short.startswith("…")
    assert short.endswith("…")
    assert len(short) <= 62


@given(st.text(alphabet="ab 城。", max_size=400), st.integers(20, 100))
@settings(max_examples=100, deadline=None)
def test_excerpt_never_marks_beyond_its_text(text: str, length: int) -> None:
    short, marks = excerpt(text, mark(text, read_query("aaaa 城")), length)
    assert all(0 <= start < end <= len(short) for start, end in marks)


def test_a_facet_counts_what_its_other_values_would_bring() -> None:
    def facets(country: str, level: str) -> Facets:
        return Facets((), (country,), (), (level,), (), range(0))

    found = [facets("KZ", "village"), facets("KZ", "national"), facets("UZ", "village")]
    chosen = Filters(countries=("UZ",))
    assert [allows(chosen, one) for one in found] == [False, False, True]
    counts = count_facets(chosen, found)
    assert counts["countries"] == {"KZ": 2, "UZ": 1}
    assert counts["levels"] == {"village": 1}


def test_a_record_counts_in_every_year_in_which_it_ran() -> None:
    found = [
        Facets((), ("KZ",), (), (), (), years)
        for years in (range(2018, 2021), range(2020, 2022), range(0))
    ]
    chosen = Filters(years=(2018, 2021))
    assert [allows(chosen, one) for one in found] == [True, True, False]
    counts = count_facets(chosen, found)
    assert counts["years"] == {"2020": 2, "2018": 1, "2019": 1, "2021": 1}
    assert counts["countries"] == {"KZ": 2}
