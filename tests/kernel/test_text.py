from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.kernel.text import fold, has_unwanted, normalise, words

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize("apostrophe", list("ʻ'‘’ʼ`´′ʹˈʽꞌ"))
def test_every_way_to_type_an_uzbek_letter_meets(apostrophe: str) -> None:
    assert fold(f"O{apostrophe}zbekiston") == "ozbekiston"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Türkmençe Ňýžäş", "turkmence nyzas"),
        ("Ёлка", "елка"),
        ("Йод и май", "йод и май"),
        ("ҚАЗАҚША ӘҢҒҮҰӨІҺ", "қазақша әңғүұөіһ"),
        ("КЫРГЫЗЧА ҢӨҮ", "кыргызча ңөү"),
        ("ТОҶИКӢ ҒҚӮҲҶӢ", "тоҷикӣ ғқӯҳҷӣ"),
        ("ＧＤＰ２０２４", "gdp2024"),
        ("一门式服务", "一门式服务"),
        ("STRASSE Straße", "strasse strasse"),
        ("И\u0306од", "йод"),
        ("gaýta\u00addan işle\u200bmek", "gaytadan islemek"),
    ],
)
def test_folding_keeps_letters_and_drops_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_quick_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    assert fold(text + "ё") == fold(text) + "е"


@given(ANY_TEXT)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_every_character_that_is_not_to_be_kept_is_found_and_no_other() -> None:
    turns = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    named = {"\u061c", "\u200e", "\u200f", "\ufffe", "\uffff"}
    unwanted = {
        char
        for char in map(chr, range(0x110000))
        if unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in turns
    }
    unwanted = (unwanted | named) - {"\n", "\t"}
    assert {char for char in map(chr, range(0x110000)) if has_unwanted(f"я{char}\n")} == unwanted
    kept = {char for char in unwanted if normalise(f"я{char}я") != "яя"}
    assert kept == {"\r", "\x85"}  # ends of lines


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_end_of_a_line_becomes_one(end: str) -> None:
    assert normalise(f"один{end}два\nтри") == "один\nдва\nтри"


@given(ANY_TEXT)
def test_normalised_text_is_clean_and_can_be_stored(text: str) -> None:
    clean = normalise(text)
    clean.encode("utf-8")
    controls = {char for char in clean if unicodedata.category(char) == "Cc"}
    assert controls - {"\n", "\t"} == set()
    assert clean == clean.strip()


def test_what_xml_cannot_hold_goes() -> None:
    """One such character in a title would spoil the feed of its institution for every reader."""
    assert normalise("a\ufffeb\uffffc\ufffdd") == "abc\ufffdd"


def test_line_ends_become_one_kind() -> None:
    assert normalise(" a\r\nb\rc\u2028d\x85e\x00\x1b \n") == "a\nb\nc\nd\ne"


def test_words_of_mixed_scripts_come_apart() -> None:
    assert words("GDP增长3%, oʻqituvchi_2 — «Ёлка»") == [
        "gdp",
        "增长",
        "3",
        "oqituvchi",
        "2",
        "елка",
    ]


@pytest.mark.parametrize("text", ["", " ", "—…!?", "🙂"])
def test_text_without_letters_has_no_words(text: str) -> None:
    assert words(text) == []


@given(ANY_TEXT)
def test_words_are_folded_and_without_space(text: str) -> None:
    for word in words(text):
        assert word == fold(word)
        assert word.split() == [word]


def test_marks_that_turn_the_direction_of_text_go_and_joiners_stay() -> None:
    """A file called `gpj.exe` must not look like `exe.jpg`."""
    marks = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert has_unwanted(marks)
    assert normalise(f"a{marks}b\u200cc\u200dd") == "ab\u200cc\u200dd"
    assert not has_unwanted("b\u200cc\u200dd\n")
