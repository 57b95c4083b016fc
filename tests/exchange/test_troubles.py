"""Every code that can be stored has words of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chorsu.exchange.rules import next_try
from chorsu.exchange.troubles import TROUBLES, UNEXPECTED, explain
from chorsu.practices.wire import REFUSALS


@pytest.mark.parametrize("code", sorted(set(REFUSALS) - {"payload-newer-format"}))
def test_every_refusal_of_a_practice_is_explained(code: str) -> None:
    assert code in TROUBLES


def test_a_code_without_words_is_unexpected() -> None:
    assert explain("json-malformed") is UNEXPECTED


def test_pauses_double_and_end_at_six_hours() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    pauses = [(next_try(tries, now) - now) for tries in (1, 2, 3, 40)]
    assert pauses == [
        timedelta(seconds=10),
        timedelta(seconds=20),
        timedelta(seconds=40),
        timedelta(hours=6),
    ]
