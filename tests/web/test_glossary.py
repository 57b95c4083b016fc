"""Which words of a text are taken for a term of the glossary, in each of the eight languages."""

from __future__ import annotations

import pytest

from chorsu.web.learning.glossary import Term, Terms

FOUND = [
    ("en", "act", "By acts of the city", "acts"),
    ("en", "policy", "Two policies were made", "policies"),
    ("en", "public service", "Public services are for all", "Public services"),
    ("ru", "акт", "Актами города", "Актами"),
    ("ru", "государственная услуга", "О государственной услуге", "государственной услуге"),
    ("ru", "решение", "Два решения совета", "решения"),
    ("kk", "өкілеттік", "Өкілеттіктерінен айырылды", "Өкілеттіктерінен"),
    ("kk", "заң", "Жаңа заңды қабылдады", "заңды"),
    ("ky", "кызмат", "Мамлекеттик кызматтардын тизмеси", "кызматтардын"),
    ("uz", "xizmat", "Davlat xizmatlaridan biri", "xizmatlaridan"),
    ("tk", "hyzmat", "Döwlet hyzmatlaryndan biri", "hyzmatlaryndan"),
    ("tg", "қонун", "Дар қонунҳои нав", "қонунҳои"),
    ("tg", "хизматрасонӣ", "Хизматрасонии давлатӣ", "Хизматрасонии"),
    ("zh-Hans", "政务服务", "本市的政务服务中心", "政务服务"),
]
NOT_FOUND = [
    ("en", "act", "Activities of the city, actors and actions"),
    ("en", "plan", "A plantation and its planets"),
    ("ru", "акт", "Активы города и актёры"),
    ("ru", "план", "Планета и планирование"),
    ("kk", "акт", "Акционерлер мен активтер"),
    ("ky", "акт", "Акталган адамдар"),
    ("uz", "akt", "Aktivlar va aktsiyadorlar"),
    ("tk", "akt", "Aktýorlar we aktiwlerden"),
    ("tg", "акт", "Актёрҳо ва активҳо"),
    ("zh-Hans", "政务服务", "政务中心的服务"),
]


@pytest.mark.parametrize(("language", "name", "text", "wanted"), FOUND)
def test_a_term_is_found_with_the_endings_of_its_language(
    language: str, name: str, text: str, wanted: str
) -> None:
    terms = Terms([Term("t1", name, "What it means", language)])
    assert f"\ue001{wanted}\ue002" in terms.write(text)


@pytest.mark.parametrize(("language", "name", "text"), NOT_FOUND)
def test_another_word_that_begins_alike_is_no_term(language: str, name: str, text: str) -> None:
    terms = Terms([Term("t1", name, "What it means", language)])
    assert (terms.write(text), terms.found) == (text, [])
