from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, utc_now


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_time_is_written_in_utc_and_cut_to_whole_seconds() -> None:
    astana = datetime(2026, 11, 24, 7, 8, 43, 999999, tzinfo=timezone(timedelta(hours=5)))
    assert format_time(astana) == "2026-11-24T02:08:43Z"


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidTime):
        format_time(datetime(2026, 11, 24))  # noqa: DTZ001 - the point of the test


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_reads_back(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-11-24 02:08:43Z",
        "2026-11-24T02:08:43",
        "2026-11-24T02:08:43z",
        "2026-11-24T02:08:43+00:00",
        "2026-11-24T02:08:43.0Z",
        "2026-11-24T02:08Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T02:08:60Z",
        "2026-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        " 2026-11-24T02:08:43Z",
        "2026-11-24T02:08:43Z\n",
        "٢٠٢٦-11-24T02:08:43Z",
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(InvalidTime):
        parse_time(text)
