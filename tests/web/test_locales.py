"""Dates, numbers and names as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chorsu.kernel.languages import TAGS
from chorsu.kernel.transliteration import sort_key
from chorsu.web import locales

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("zh-Hans", "2026年11月24日"),
        ("kk", "2026 ж. 24 қараша"),
        ("ky", "2026-ж., 24-ноябрь"),
        ("uz", "24-noyabr, 2026"),
        ("tg", "24 ноябр 2026"),
        ("tk", "24 noýabr 2026"),
        ("ru", "24 ноября 2026 г."),
        ("en", "24 November 2026"),
    ],
)
def test_a_day(tag: str, written: str) -> None:
    assert locales.format_day(DAY, tag).replace("\u202f", " ").replace("\xa0", " ") == written


def test_a_list_and_a_label_have_the_marks_of_their_language() -> None:
    names = ["A", "B", "C"]
    assert [locales.listed(names, tag) for tag in ("zh-Hans", "ru", "en")] == [
        "A、B和C",
        "A, B и C",
        "A, B and C",
    ]
    assert (locales.listed([], "tk"), locales.colon("tk")) == ("", ": ")
    assert locales.colon("zh-Hans") == "\N{FULLWIDTH COLON}"


def test_words_stand_in_the_order_of_their_language() -> None:
    assert sorted(["中国", "奥地利", "德国"], key=sort_key("zh-Hans"))[0] == "奥地利"
    assert sorted(["Dominika", "Çad", "Awstriýa"], key=sort_key("tk"))[1] == "Çad"


@pytest.mark.parametrize(
    ("size", "written"), [(193, "193 B"), (1234, "1,2 kB"), (197_900, "198 kB")]
)
def test_the_size_of_a_file(size: int, written: str) -> None:
    assert locales.format_size(size, "ru") == written


def test_a_moment_is_told_in_the_time_zone_of_the_node() -> None:
    moment = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)
    assert locales.format_moment(moment, "en") == "24 November 2026, 01:05"
    assert locales.format_moment(moment, "zh-Hans") == "2026年11月24日 01:05"
    assert locales.format_moment_in_zone(moment, "en") == "24 November 2026, 01:05 (UTC+05:00)"


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("zh-Hans", ["0秒", "24分钟10秒", "1小时", "1小时20分钟", "2天"]),
        ("kk", ["0 с", "24 мин 10 с", "1 сағ", "1 сағ 20 мин", "2 күн"]),
        ("ky", ["0 сек", "24 мүн 10 сек", "1 саат", "1 саат 20 мүн", "2 күн"]),
        ("uz", ["0 son.", "24 daq. 10 son.", "1 soat", "1 soat 20 daq.", "2 kun"]),
        ("tg", ["0 сония", "24 дақиқа 10 сония", "1 соат", "1 соат 20 дақиқа", "2 рӯз"]),
        ("tk", ["0 sek", "24 min 10 sek", "1 sag", "1 sag 20 min", "2 gün"]),
        ("ru", ["0 с", "24 мин 10 с", "1 ч", "1 ч 20 мин", "2 дн."]),
        ("en", ["0 secs", "24 mins 10 secs", "1 hr", "1 hr 20 mins", "2 days"]),
    ],
)
def test_a_length_of_time_in_its_largest_unit_and_the_next(tag: str, written: list[str]) -> None:
    told = [
        locales.format_span(timedelta(seconds=seconds), tag)
        for seconds in (0, 1450, 3609, 4800, 172_800 + 300)
    ]
    assert [one.replace("\xa0", " ") for one in told] == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2024", "2024"),
        ("2024-06", "June 2024"),
        ("2024-06-30", "30 June 2024"),
        ("2024-13", "2024-13"),
        ("2023-02-29", "2023-02-29"),
        ("spring", "spring"),
        ("", ""),
    ],
)
def test_a_date_that_may_lack_its_day(text: str, written: str) -> None:
    assert locales.format_partial(text, "en") == written


@pytest.mark.parametrize(
    ("value", "tag", "written"),
    [
        ("12.180", "ru", "12,180"),
        ("603000", "zh-Hans", "603,000"),
        ("603000", "kk", "603\xa0000"),
        ("-0.5", "tk", "-0,5"),
        ("about 5", "en", "about 5"),
        (1204, "en", "1,204"),
        (Decimal("2.5"), "tg", "2,5"),
    ],
)
def test_a_number(value: str | int | Decimal, tag: str, written: str) -> None:
    assert locales.format_number(value, tag) == written


@pytest.mark.parametrize("written_in", TAGS)
def test_every_language_and_country_of_the_network_has_a_name(written_in: str) -> None:
    named = {locales.language_name(tag, written_in) for tag in TAGS}
    assert len(named) == len(TAGS)
    assert not named & {*TAGS, "zh_Hans"}
    countries = ("CN", "KZ", "KG", "TJ", "TM", "UZ")
    assert all(locales.country_name(code, written_in) != code for code in countries)


def test_names_are_those_that_the_members_use_themselves() -> None:
    assert locales.country_name("KG", "ru") == "Кыргызстан"
    assert locales.country_name("CN", "tg") == "Чин"
    assert locales.language_name("ky", "zh-Hans") == "吉尔吉斯语"
    assert locales.country_name("QQ", "ru") == "QQ"
