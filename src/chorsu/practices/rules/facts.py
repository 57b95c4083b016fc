"""The facts of a practice: cleaned strictly, field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from babel import Locale

from chorsu.kernel.numbers import is_decimal, read_decimal, two_ways
from chorsu.practices.rules.fields import (
    COSTS,
    DURATIONS,
    FIRST_YEAR,
    LAST_YEAR,
    LEVELS,
    MAX_ROWS,
    STATUSES,
    Contact,
    Facts,
    Indicator,
    Source,
)
from chorsu.records import themes
from chorsu.records.facts import FactsReader, integer, is_email, is_url
from chorsu.records.fields import CODE, InvalidRecord

_TARGET = re.compile(r"(?:[1-9]|1[0-7])\.(?:[1-9][0-9]?|[a-d])", re.ASCII)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()+./#,-]{2,38}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
# Regions that CLDR names with two letters though ISO 3166-1 does not list them.
_NOT_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)
# Parts of states, and lands whose state is in dispute: a practice names its state and, as its
# place, the part. A network of states offers no list that one of them could not sign.
_NOT_STATES = frozenset(
    (
        *("AI", "AQ", "AS", "AW", "AX", "BL", "BM", "BQ", "BV", "CC", "CK", "CW", "CX", "EH"),
        *("FK", "FO", "GF", "GG", "GI", "GL", "GP", "GS", "GU", "HK", "HM", "IM", "IO", "JE"),
        *("KY", "MF", "MO", "MP", "MQ", "MS", "NC", "NF", "NU", "PF", "PM", "PN", "PR", "RE"),
        *("SH", "SJ", "SX", "TC", "TF", "TK", "TW", "UM", "VG", "VI", "WF", "YT"),
    )
)
_FIELDS = frozenset(Facts.__annotations__)


class _Reader(FactsReader):
    """Reads the fields that practices alone have."""

    def decimal(self, row: Mapping[str, object], name: str, path: str) -> str:
        text = read_decimal(self.text(row, name, path, 30))
        if not text or is_decimal(text):
            return text
        if found := two_ways(text):
            self.refuse(path, "two_ways", whole=found[0], part=found[1])
        else:
            self.refuse(path, "not_a_decimal")
        return ""

    def goals(self) -> list[int]:
        found: set[int] = set()
        for value in self.items("sdg_goals"):
            number = integer(value)
            if number is None or themes.goal(number) is None:
                self.refuse("sdg_goals", "unknown", value=str(value)[:40])
            elif number in found:
                self.refuse("sdg_goals", "duplicate", value=number)
            else:
                found.add(number)
        return sorted(found)

    def year(self, name: str) -> int | None:
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        number = integer(value)
        if number is None or not FIRST_YEAR <= number <= LAST_YEAR:
            self.refuse(name, "not_a_year", low=FIRST_YEAR, high=LAST_YEAR)
            return None
        return number

    def country(self) -> str:
        text = self.text(self.raw, "country", "country", 40)
        known = text in countries() if self.known_codes else _COUNTRY.fullmatch(text)
        if text and not known:
            self.refuse("country", "unknown", value=text)
            return ""
        return text


def clean_facts(raw: Mapping[str, object], *, known_codes: bool = True) -> Facts:
    """All facts, cleaned; what `raw` lacks is empty. Years and goals may come as digits in text.

    With `known_codes=False`, themes, targets and countries that this software does not list are
    kept if well-formed: another node may be newer. Raises `InvalidRecord`. Idempotent.
    """
    reader = _Reader(raw, MAX_ROWS, known_codes=known_codes)
    reader.refuse_others(_FIELDS)
    facts = Facts(
        themes=reader.codes("themes", lambda code: themes.theme(code) is not None, CODE),
        sdg_goals=reader.goals(),
        sdg_targets=reader.codes(
            "sdg_targets", lambda code: themes.target(code) is not None, _TARGET
        ),
        level=reader.choice("level", LEVELS, ""),
        country=reader.country(),
        year_from=reader.year("year_from"),
        year_to=reader.year("year_to"),
        status=reader.choice("status", STATUSES, ""),
        cost=reader.choice("cost", COSTS, "unknown"),
        duration=reader.choice("duration", DURATIONS, "unknown"),
        indicators=_indicators(reader),
        contacts=_contacts(reader),
        sources=_sources(reader),
    )
    first, last = facts["year_from"], facts["year_to"]
    if first is not None and last is not None and last < first:
        reader.refuse("year_to", "order")
    if reader.errors:
        raise InvalidRecord(reader.errors)
    return facts


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of the members and observers of the United Nations."""
    codes = {code for code in map(str, Locale("en").territories) if len(code) == 2}
    return frozenset(codes - _NOT_COUNTRIES - _NOT_STATES)


def is_date(text: str) -> bool:
    """Whether `text` is a real date to the year, month or day."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return FIRST_YEAR <= year <= LAST_YEAR


def _indicators(reader: _Reader) -> list[Indicator]:
    found: list[Indicator] = []
    for key, path, row in reader.rows("indicators", frozenset(Indicator.__annotations__)):
        baseline, value = (
            reader.decimal(row, name, f"{path}.{name}") for name in ("baseline", "value")
        )
        day = reader.checked(row, "date", f"{path}.date", 10, is_date, "not_a_date")
        found.append(Indicator(key=key, baseline=baseline, value=value, date=day))
    return found


def _contacts(reader: _Reader) -> list[Contact]:
    found: list[Contact] = []
    for key, path, row in reader.rows("contacts", frozenset(Contact.__annotations__)):
        email = reader.checked(row, "email", f"{path}.email", 254, is_email, "not_an_email")
        phone = reader.checked(row, "phone", f"{path}.phone", 40, _is_phone, "not_a_phone")
        url = reader.checked(row, "url", f"{path}.url", 500, is_url, "not_a_url")
        found.append(Contact(key=key, email=email, phone=phone, url=url))
    return found


def _sources(reader: _Reader) -> list[Source]:
    found: list[Source] = []
    for key, path, row in reader.rows("sources", frozenset(Source.__annotations__)):
        title = reader.text(row, "title", f"{path}.title", 300)
        url = reader.checked(row, "url", f"{path}.url", 500, is_url, "not_a_url")
        day = reader.checked(row, "date", f"{path}.date", 10, is_date, "not_a_date")
        language = reader.checked(
            row, "language", f"{path}.language", 8, _is_language, "not_a_language"
        )
        found.append(Source(key=key, title=title, url=url, date=day, language=language))
    return found


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None


def _is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None
