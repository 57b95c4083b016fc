"""Words and facts are cleaned strictly; every error names its field."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chorsu.practices
from chorsu.practices.rules import (
    FieldError,
    InvalidPractice,
    clean_facts,
    clean_words,
    empty_facts,
    flatten_words,
    missing_for_publication,
    refusals,
    sift,
    with_refused,
    words_without_row,
)
from tests.practices.content import FACTS, WORDS

SAMPLES = Path(chorsu.practices.__file__).parent / "sample"


def errors_of(facts: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPractice) as caught:
        clean_facts(facts)
    return [(error.field, error.code) for error in caught.value.errors]


def word_errors_of(words: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPractice) as caught:
        clean_words(words)
    return [(error.field, error.code) for error in caught.value.errors]


def test_words_are_normalised_and_empty_ones_dropped() -> None:
    raw = {"lessons": " a\r\nb ", "title": "Two\nlines  here", "place": "  "}
    assert clean_words(raw) == {"title": "Two lines here", "lessons": "a\nb"}


def test_words_stand_in_reading_order() -> None:
    raw = {"files." + "a" * 64 + ".description": "x", "lessons": "l", "title": "t"}
    assert list(clean_words(raw)) == ["title", "lessons", "files." + "a" * 64 + ".description"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"title": "x" * 201}, [("title", "too_long")]),
        ({"summary": "x" * 601}, [("summary", "too_long")]),
        ({"action": "x" * 20_001}, [("action", "too_long")]),
        ({"titel": "x"}, [("titel", "unknown")]),
        ({"title": 5}, [("title", "not_text")]),
        ({"indicators.UPPER.name": "x"}, [("indicators.UPPER.name", "unknown")]),
        ({"indicators.a.colour": "x"}, [("indicators.a.colour", "unknown")]),
        ({"indicators.a": "x"}, [("indicators.a", "unknown")]),
        ({"files.abc.description": "x"}, [("files.abc.description", "unknown")]),
        ({f"contacts.c{n}.office": "x" for n in range(51)}, [("contacts", "too_many")]),
        ({"title": "x" * 201, "body": ""}, [("title", "too_long"), ("body", "unknown")]),
    ],
)
def test_bad_words_are_named(words: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert word_errors_of(words) == expected


def test_a_limit_is_told_with_the_error() -> None:
    with pytest.raises(InvalidPractice) as caught:
        clean_words({"title": "x" * 201})
    assert caught.value.errors == [FieldError("title", "too_long", {"max": 200})]


@given(st.dictionaries(st.sampled_from(["title", "summary", "lessons"]), st.text(max_size=150)))
def test_cleaning_words_twice_changes_nothing(words: dict[str, str]) -> None:
    once = clean_words(words)
    assert clean_words(once) == once


def test_nested_words_become_flat_names() -> None:
    nested = {"title": "t", "indicators": {"speed": {"name": "n", "unit": "u"}}}
    assert flatten_words(nested) == {
        "title": "t",
        "indicators.speed.name": "n",
        "indicators.speed.unit": "u",
    }


def test_facts_left_out_are_empty() -> None:
    assert clean_facts({}) == empty_facts()


def test_facts_in_order_come_back_as_they_are() -> None:
    assert clean_facts(FACTS) == FACTS
    assert clean_facts(clean_facts(FACTS)) == FACTS


def test_numbers_may_come_as_digits_of_a_form() -> None:
    facts = clean_facts({"year_from": "2020", "year_to": "", "sdg_goals": ["11", "3"]})
    assert (facts["year_from"], facts["year_to"], facts["sdg_goals"]) == (2020, None, [3, 11])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"colour": "red"}, [("colour", "unknown")]),
        ({"themes": ["no-such-theme"]}, [("themes", "unknown")]),
        ({"themes": ["transport", "transport"]}, [("themes", "duplicate")]),
        ({"themes": "transport"}, [("themes", "not_a_list")]),
        ({"themes": [3]}, [("themes", "not_text")]),
        ({"sdg_goals": [18]}, [("sdg_goals", "unknown")]),
        ({"sdg_goals": [True]}, [("sdg_goals", "unknown")]),
        ({"sdg_goals": [1, "1"]}, [("sdg_goals", "duplicate")]),
        ({"sdg_targets": ["11.99"]}, [("sdg_targets", "unknown")]),
        ({"level": "planet"}, [("level", "unknown")]),
        ({"level": 3}, [("level", "not_text")]),
        ({"country": "XX"}, [("country", "unknown")]),
        ({"country": "EU"}, [("country", "unknown")]),
        ({"country": "TW"}, [("country", "unknown")]),
        ({"country": "GL"}, [("country", "unknown")]),
        ({"status": "done"}, [("status", "unknown")]),
        ({"cost": "cheap"}, [("cost", "unknown")]),
        ({"duration": "long"}, [("duration", "unknown")]),
        ({"year_from": 1949}, [("year_from", "not_a_year")]),
        ({"year_to": 2101}, [("year_to", "not_a_year")]),
        ({"year_from": "٢٠٢٠"}, [("year_from", "not_a_year")]),
        ({"year_from": 2020, "year_to": 2019}, [("year_to", "order")]),
        (
            {"indicators": [{"key": "a", "value": "12,5,"}]},
            [("indicators.0.value", "not_a_decimal")],
        ),
        ({"indicators": [{"key": "a", "value": "1e5"}]}, [("indicators.0.value", "not_a_decimal")]),
        ({"indicators": [{"key": "a", "value": "007"}]}, [("indicators.0.value", "not_a_decimal")]),
        ({"indicators": [{"key": "a", "date": "2024-13"}]}, [("indicators.0.date", "not_a_date")]),
        (
            {"indicators": [{"key": "a", "date": "2023-02-29"}]},
            [("indicators.0.date", "not_a_date")],
        ),
        ({"indicators": [{"key": "a", "date": "1.2.2024"}]}, [("indicators.0.date", "not_a_date")]),
        ({"indicators": [{"key": "A b", "value": "1"}]}, [("indicators.0.key", "not_a_key")]),
        (
            {"indicators": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]},
            [("indicators.1.key", "duplicate")],
        ),
        ({"indicators": [{"key": "a", "colour": "1"}]}, [("indicators.0", "unknown")]),
        ({"indicators": ["a"]}, [("indicators.0", "unknown")]),
        (
            {"indicators": [{"key": f"k{n}", "value": "1"} for n in range(51)]},
            [("indicators", "too_many")],
        ),
        ({"contacts": [{"key": "a", "email": "nobody"}]}, [("contacts.0.email", "not_an_email")]),
        ({"contacts": [{"key": "a", "phone": "call me"}]}, [("contacts.0.phone", "not_a_phone")]),
        ({"contacts": [{"key": "a", "url": "javascript:x"}]}, [("contacts.0.url", "not_a_url")]),
        ({"contacts": [{"key": "a", "url": "http://"}]}, [("contacts.0.url", "not_a_url")]),
        (
            {"contacts": [{"key": "a", "url": "http://u:p@host.example"}]},
            [("contacts.0.url", "not_a_url")],
        ),
        (
            {"contacts": [{"key": "a", "url": "http://host.example:99999999"}]},
            [("contacts.0.url", "not_a_url")],
        ),
        ({"sources": [{"key": "a", "url": "ftp://x.example"}]}, [("sources.0.url", "not_a_url")]),
        ({"sources": [{"key": "a", "title": "x" * 301}]}, [("sources.0.title", "too_long")]),
        (
            {"sources": [{"key": "a", "language": "english"}]},
            [("sources.0.language", "not_a_language")],
        ),
    ],
)
def test_bad_facts_are_named(facts: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert errors_of(facts) == expected


def test_every_wrong_field_is_told_at_once() -> None:
    assert errors_of({"level": "planet", "year_from": 3, "themes": ["x"]}) == [
        ("themes", "unknown"),
        ("level", "unknown"),
        ("year_from", "not_a_year"),
    ]


def test_mail_addresses_count_as_addresses() -> None:
    facts = clean_facts({"contacts": [{"key": "a", "url": "mailto:office@gov.example"}]})
    assert facts["contacts"][0]["url"] == "mailto:office@gov.example"


def test_a_row_without_a_key_is_given_one_and_an_empty_row_goes() -> None:
    rows = [{"key": "", "value": "1"}, {"key": "", "value": ""}, {"key": "i2", "value": "2"}]
    assert [row["key"] for row in clean_facts({"indicators": rows})["indicators"]] == ["i1", "i2"]


def test_a_newer_nodes_themes_are_kept_when_they_come_from_it() -> None:
    facts = clean_facts({"themes": ["moon-travel"], "country": "QQ"}, known_codes=False)
    assert (facts["themes"], facts["country"]) == (["moon-travel"], "QQ")


def test_what_publication_still_needs_is_listed() -> None:
    missing = missing_for_publication({"title": "t"}, empty_facts())
    assert [error.field for error in missing] == [
        "summary", "problem", "action", "results", "failures",
        "themes", "level", "country", "status",
    ]  # fmt: skip


def test_rows_need_their_words_and_values() -> None:
    rows = {
        **FACTS,
        "indicators": [{"key": "waiting"}, {"key": "b", "value": "1"}],
        "contacts": [{"key": "nobody", "phone": "+7 7172 123456"}],
        "sources": [{"key": "s", "url": "https://x.example"}],
    }
    missing = missing_for_publication(clean_words(WORDS), clean_facts(rows))
    assert [error.field for error in missing] == [
        "indicators.0.value", "indicators.b.name", "contacts.nobody.office", "sources.0.title",
    ]  # fmt: skip


def test_words_of_rows_that_are_gone_are_found() -> None:
    words = clean_words(
        {**WORDS, "indicators.old.name": "Old", f"files.{'a' * 64}.description": "d"}
    )
    gone = words_without_row(words, clean_facts(FACTS), frozenset())
    assert gone == [f"files.{'a' * 64}.description", "indicators.old.name"]


@pytest.mark.parametrize("folder", sorted(path.name for path in SAMPLES.iterdir()))
def test_sample_practices_are_ready_in_every_language(folder: str) -> None:
    members = tomllib.loads((SAMPLES / folder / "practice.toml").read_text(encoding="utf-8"))
    about = {"id", "institution", "original_language", "audience", "licence"}
    facts = clean_facts({name: value for name, value in members.items() if name not in about})
    for path in (SAMPLES / folder).glob("*.toml"):
        if path.name != "practice.toml":
            nested = tomllib.loads(path.read_text(encoding="utf-8"))
            for name in ("provenance", "revision", "date", "translated_by"):
                nested.pop(name, None)
            words = clean_words(flatten_words(nested))
            assert missing_for_publication(words, facts) == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("20.5", "20.5"),
        ("20,5", "20.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u00a0567,25", "1234567.25"),
        ("1\u202f234.5", "1234.5"),
        ("12\u2009345", "12345"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234", "1.234"),
        ("0,234", "0.234"),
        ("1234,567", "1234.567"),
        ("\u22125,5", "-5.5"),
        ("\uff12\uff10\uff0c\uff15", "20.5"),
    ],
)
def test_a_number_is_understood_as_officials_write_it(typed: str, stored: str) -> None:
    facts = clean_facts({"indicators": [{"key": "a", "value": typed}]})
    assert facts["indicators"][0]["value"] == stored
    assert clean_facts(facts) == facts


@pytest.mark.parametrize(
    "typed", ["5,", ",5", "1 23", "1,23,456", "1,234 567", "1 234 56", "05,5", "20,5%", "1,2,3"]
)
def test_what_is_no_number_is_not_made_one(typed: str) -> None:
    assert errors_of({"indicators": [{"key": "a", "value": typed}]}) == [
        ("indicators.0.value", "not_a_decimal")
    ]


def test_a_number_that_can_be_read_in_two_ways_is_asked_about() -> None:
    with pytest.raises(InvalidPractice) as caught:
        clean_facts({"indicators": [{"key": "a", "value": "12,345"}]})
    assert caught.value.errors == [
        FieldError("indicators.0.value", "two_ways", {"whole": "12345", "part": "12.345"})
    ]


def test_what_is_refused_is_set_aside_and_put_back() -> None:
    words = {"title": "x" * 201, "summary": "Right", "indicators.b.name": "y" * 301}
    rows = [{"key": "a", "value": "1"}, {"key": "b", "value": "many", "date": "2024"}]
    sifted = sift(words, {"year_from": "19x", "indicators": rows})
    assert sifted.words == {"summary": "Right"}
    assert sifted.refused == {
        "title": "x" * 201,
        "indicators.b.name": "y" * 301,
        "year_from": "19x",
        "indicators.b.value": "many",
    }
    assert [error.field for error in sifted.errors] == [
        "title", "indicators.b.name", "year_from", "indicators.1.value",
    ]  # fmt: skip
    again = sift(*with_refused(sifted.words, sifted.facts, sifted.refused))
    assert again == sifted
    assert [error.field for error in refusals(sifted.words, sifted.facts, sifted.refused)] == [
        "title", "indicators.b.name", "year_from", "indicators.b.value",
    ]  # fmt: skip


def test_rows_too_many_are_set_aside_whole() -> None:
    rows: list[dict[str, str]] = [{"key": f"k{n}", "email": "a@b.example"} for n in range(52)]
    words = {f"contacts.k{n}.office": f"Office {n}" for n in range(52)}
    sifted = sift(words, {"contacts": [*rows, {}]})
    assert len(sifted.facts["contacts"]) == 50
    assert sifted.refused == {
        "contacts.k50.office": "Office 50",
        "contacts.k50.email": "a@b.example",
        "contacts.k51.office": "Office 51",
        "contacts.k51.email": "a@b.example",
    }
    assert sifted.errors == [FieldError("contacts", "too_many", {"max": 50})]
    again = sift(*with_refused(sifted.words, sifted.facts, sifted.refused))
    assert again.refused == sifted.refused
    assert len(sift({}, {"contacts": [*rows[:50], {}]}).facts["contacts"]) == 50


@pytest.mark.parametrize(
    "facts",
    [
        {"themes": ["no-such-theme"]},
        {"indicators": [{"key": "A b", "value": "1"}]},
        {"indicators": [{"key": "A b", "value": "many"}]},
        {"contacts": [{"phone": "1234"}] * 51},
    ],
)
def test_what_nobody_typed_is_refused_whole(facts: dict[str, object]) -> None:
    with pytest.raises(InvalidPractice):
        sift({}, facts)
