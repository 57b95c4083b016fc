"""Turkmen as an encoder reads it."""

from __future__ import annotations

import pytest

from chorsu.search.turkmen import as_turkish


@pytest.mark.parametrize(
    ("turkmen", "turkish"),
    [
        ("ýyl", "yıl"),
        ("kanun", "yasa"),
        ("Gullukçylaryň okuwy", "memurların eğitimı"),
        ("raýatlar üçin täze hyzmat", "vatandaşlar için yeni hizmet"),
        ("Suw alýarys", "suv alıyorıs"),
        ("olar bilen geldi", "onlar ile geldi"),
        ("açyk edýän", "açık eden"),
    ],
)
def test_letters_words_and_endings_are_read_as_turkish(turkmen: str, turkish: str) -> None:
    assert as_turkish(turkmen) == turkish


def test_a_name_inside_a_sentence_keeps_its_word() -> None:
    assert as_turkish("Olar Barselona gitdiler.") == "onlar barselona gitdiler."
    assert as_turkish("Barmak gerek. Barmak!") == "gitmak gerek. gitmak!"


def test_what_is_no_word_stays() -> None:
    assert as_turkish("11:30 — 5 % (2024)") == "11:30 — 5 % (2024)"
    assert as_turkish("") == ""


def test_a_word_that_only_begins_like_a_stem_is_no_form_of_it() -> None:
    assert as_turkish("barselona") == "barselona"
