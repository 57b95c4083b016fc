"""Names, dates and numbers in the reader's language, from CLDR, corrected where the members differ.

Every function takes the tag of the language to write in (`zh-Hans`). CLDR is put right in the few
places where it departs from what the countries themselves write: names are the member states' own,
a language's name stands alone (never in a case), Tajik months are small.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.lists import format_list
from babel.units import format_unit
from django.conf import settings
from django.utils.translation import get_language

from chorsu.kernel.languages import LANGUAGES, Language, by_tag

# English of the network is European: day before month, a clock of 24 hours.
_LOCALES = {"zh-Hans": "zh_Hans", "en": "en_GB"}

_LANGUAGE_NAMES: dict[str, dict[str, str]] = {
    "zh-Hans": {"zh-Hans": "中文", "ky": "吉尔吉斯语"},
    "kk": {"zh-Hans": "қытай тілі"},
    "ky": {"zh-Hans": "кытайча"},
    "uz": {"zh-Hans": "xitoycha", "uz": "oʻzbekcha", "tg": "tojikcha", "tk": "turkmancha"},
    "tg": {"zh-Hans": "чинӣ"},
    "tk": {"zh-Hans": "hytaý dili"},
    "ru": {"zh-Hans": "китайский", "ky": "кыргызский"},
    "en": {"zh-Hans": "Chinese"},
}
_COUNTRY_NAMES: dict[str, dict[str, str]] = {
    # A node may hold a record with such a code, though none can be written here.
    "zh-Hans": {"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾"},
    "tg": {"CN": "Чин"},
    "ru": {"KG": "Кыргызстан"},
}
_UNITS = ("B", "kB", "MB", "GB")
_SPANS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
# CLDR has no Tajik words for them, and a Kyrgyz hour that nobody writes so.
_SPAN_WORDS: dict[str, dict[str, str]] = {
    "tg": {"day": "рӯз", "hour": "соат", "minute": "дақиқа", "second": "сония"},
    "ky": {"hour": "саат"},
}
_HTML_LANGS = {language.tag: language.html_lang for language in LANGUAGES}
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?", re.ASCII)


def page_language() -> Language:
    """The language of the page being made; the node's own where there is no page."""
    code = get_language()
    for language in LANGUAGES:
        if language.django_code == code:
            return language
    return by_tag(settings.NODE.text("node.language"))


def html_lang(tag: str) -> str:
    """What `lang=""` takes for a language tag: `uz` is `uz-Latn`, all else is itself."""
    return _HTML_LANGS.get(tag, tag)


@cache
def locale(tag: str) -> Locale:
    """CLDR's data for a working language."""
    return Locale.parse(_LOCALES.get(tag, tag))


@cache
def language_name(tag: str, written_in: str) -> str:
    """What the language `tag` is called in `written_in`, standing alone; else the tag itself."""
    own = _LANGUAGE_NAMES.get(written_in, {}).get(tag)
    return own or locale(written_in).languages.get(tag.replace("-", "_")) or tag


@cache
def country_name(code: str, written_in: str) -> str:
    """The name of a country (ISO 3166 alpha-2); a code nobody gave out stays a code."""
    own = _COUNTRY_NAMES.get(written_in, {}).get(code)
    return own or locale(written_in).territories.get(code) or code


def format_day(day: date, tag: str) -> str:
    """`2026年11月24日`, `24 noýabr 2026`. A moment counts in the node's time zone."""
    if isinstance(day, datetime):
        day = day.astimezone(_zone()).date()
    return _small(dates.format_date(day, "long", locale(tag)), tag)


def format_moment(moment: datetime, tag: str) -> str:
    """Day and time to the minute, in the node's time zone."""
    local = moment.astimezone(_zone())
    clock = dates.format_time(local, "HH:mm", tzinfo=_zone(), locale=locale(tag))
    between = " " if tag == "zh-Hans" else ", "
    return format_day(local, tag) + between + clock


def format_moment_in_zone(moment: datetime, tag: str) -> str:
    """As `format_moment`, with the zone said, for those who read it elsewhere."""
    offset = dates.get_timezone_gmt(moment.astimezone(_zone()), "iso8601").replace("Z", "")
    return f"{format_moment(moment, tag)} (UTC{offset})"


def format_span(span: timedelta, tag: str) -> str:
    """A length of time in its largest unit and the one below: `1 hr 20 min`, `24 min 10 sec`."""
    left, counts = int(span.total_seconds()), list[tuple[int, str]]()
    for unit, seconds in _SPANS:
        count, left = divmod(left, seconds)
        if count or counts:
            counts.append((count, unit))
    parts = [_span(count, unit, tag) for count, unit in counts[:2] if count]
    return ("" if tag == "zh-Hans" else " ").join(parts) or _span(0, "second", tag)


def _span(count: int, unit: str, tag: str) -> str:
    own = _SPAN_WORDS.get(tag, {}).get(unit)
    if own:
        return f"{count} {own}"
    return str(format_unit(count, f"duration-{unit}", "short", locale=locale(tag)))


def format_partial(text: str, tag: str) -> str:
    """A date of a practice: `2024`, `2024-06` or `2024-06-30`; anything else as it stands."""
    match = _PARTIAL.fullmatch(text)
    if match is None:
        return text
    year, month, day = match.groups()
    try:
        known = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return text
    if day:
        return format_day(known, tag)
    if month:
        return _small(dates.format_skeleton("yMMMM", known, locale=locale(tag)), tag)
    return year


def format_number(value: int | float | Decimal | str, tag: str) -> str:
    """A number with the language's marks; of a decimal text every digit is kept."""
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) is None:
            return value
        digits = len(value.partition(".")[2])
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(numbers.format_decimal(Decimal(value), pattern, locale=locale(tag)))
    return str(numbers.format_decimal(value, locale=locale(tag)))


def format_size(size: int, tag: str) -> str:
    """A number of bytes to two or three digits, in units of a thousand: `1.2 MB`."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    shown = round(value, 1) if value < 10 and unit else round(value)
    return f"{format_number(shown, tag)} {_UNITS[unit]}"


def listed(items: Sequence[str], tag: str) -> str:
    """`A, B and C` as the language writes it; empty for nothing."""
    return str(format_list(items, locale=locale(tag)))


def colon(tag: str) -> str:
    """What stands between a label and its value, with its space: Chinese has a mark of its own."""
    return "\N{FULLWIDTH COLON}" if tag == "zh-Hans" else ": "


def _small(text: str, tag: str) -> str:
    return text.lower() if tag == "tg" else text


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
