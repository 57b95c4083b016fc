"""Every code that can be stored has words of its own."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from chorsu.exchange.rules import next_try
from chorsu.exchange.troubles import TROUBLES, UNEXPECTED, explain
from chorsu.kernel.languages import LANGUAGES
from chorsu.practices.wire import REFUSALS
from chorsu.wire.errors import CODES

FEDERATION = Path(__file__).parents[2] / "docs" / "FEDERATION.md"


def listed_codes() -> set[str]:
    """The codes of both lists of the document."""
    text = FEDERATION.read_text(encoding="utf-8")
    lists = text.partition("\n## Troubles\n")[2].partition("\n## ")[0]
    lists += text.partition("\n## Codes\n")[2]
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", lists, re.MULTILINE))


def test_the_lists_of_the_document_are_those_of_the_software() -> None:
    assert listed_codes() - TROUBLES.keys() == set()
    assert CODES.keys() | REFUSALS.keys() <= listed_codes()


@pytest.mark.parametrize("code", sorted({*CODES, *REFUSALS, *listed_codes()}))
def test_every_code_is_explained_in_eight_languages(code: str) -> None:
    words = TROUBLES[code]
    messages, advice = set(), set()
    for language in LANGUAGES:
        with translation.override(language.django_code):
            messages.add(str(words.message))
            advice.add(str(words.advice))
    assert (len(messages), len(advice)) == (8, 8)


@pytest.mark.parametrize("language", [one.django_code for one in LANGUAGES])
def test_what_is_wrong_is_said_exactly_in_each_language(language: str) -> None:
    with translation.override(language):
        said = Counter(str(TROUBLES[code].message) for code in CODES)
    twice = [message for message, times in said.items() if times > 1]
    with translation.override(language):
        assert twice == [str(TROUBLES["known-damaged"].message)]


def test_a_code_without_words_is_unexpected() -> None:
    assert explain("of-tomorrow") is UNEXPECTED


def test_pauses_double_and_end_at_six_hours() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    pauses = [(next_try(tries, now) - now) for tries in (1, 2, 3, 40)]
    assert pauses == [
        timedelta(seconds=10),
        timedelta(seconds=20),
        timedelta(seconds=40),
        timedelta(hours=6),
    ]
