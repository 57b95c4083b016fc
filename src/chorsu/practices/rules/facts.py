"""The facts of a practice: cleaned strictly, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from urllib.parse import urlsplit

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from chorsu.kernel.text import normalise
from chorsu.practices.rules.fields import (
    COSTS,
    DURATIONS,
    FIRST_YEAR,
    KEY,
    LAST_YEAR,
    LEVELS,
    MAX_ROWS,
    STATUSES,
    Contact,
    Facts,
    FieldError,
    Indicator,
    InvalidPractice,
    Source,
)
from chorsu.kernel.numbers import is_decimal, read_decimal, two_ways
from chorsu.records import themes

_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_TARGET = re.compile(r"(?:[1-9]|1[0-7])\.(?:[1-9][0-9]?|[a-d])", re.ASCII)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()+./#,-]{2,38}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_INTEGER = re.compile(r"[0-9]{1,6}", re.ASCII)
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
_check_email = EmailValidator()


class _Reader:
    """Reads fields of the raw facts and notes what is wrong with each."""

    def __init__(self, raw: Mapping[str, object], *, known_codes: bool) -> None:
        self.raw = raw
        self.known_codes = known_codes
        self.errors: list[FieldError] = []

    def refuse(self, field: str, code: str, **params: str | int) -> None:
        self.errors.append(FieldError(field, code, params))

    def text(self, row: Mapping[str, object], name: str, path: str, limit: int) -> str:
        value = row.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(path, "not_text")
            return ""
        text = " ".join(normalise(value).split())
        if len(text) > limit:
            self.refuse(path, "too_long", max=limit)
            return ""
        return text

    def checked(
        self,
        row: Mapping[str, object],
        name: str,
        path: str,
        limit: int,
        check: Callable[[str], bool],
        code: str,
    ) -> str:
        text = self.text(row, name, path, limit)
        if text and not check(text):
            self.refuse(path, code)
            return ""
        return text

    def decimal(self, row: Mapping[str, object], name: str, path: str) -> str:
        text = read_decimal(self.text(row, name, path, 30))
        if not text or is_decimal(text):
            return text
        if found := two_ways(text):
            self.refuse(path, "two_ways", whole=found[0], part=found[1])
        else:
            self.refuse(path, "not_a_decimal")
        return ""

    def choice(self, name: str, choices: tuple[str, ...], empty: str) -> str:
        text = self.text(self.raw, name, name, 40)
        if text and text not in choices:
            self.refuse(name, "unknown", value=text)
            return empty
        return text or empty

    def items(self, name: str) -> list[object]:
        value = self.raw.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(name, "not_a_list")
            return []
        if len(value) > MAX_ROWS:
            self.refuse(name, "too_many", max=MAX_ROWS)
            return []
        return list(value)

    def codes(self, name: str, is_known: Callable[[str], bool], form: re.Pattern[str]) -> list[str]:
        found: list[str] = []
        for value in self.items(name):
            if not isinstance(value, str):
                self.refuse(name, "not_text")
            elif form.fullmatch(value) is None or (self.known_codes and not is_known(value)):
                self.refuse(name, "unknown", value=value[:40])
            elif value in found:
                self.refuse(name, "duplicate", value=value)
            else:
                found.append(value)
        return found

    def goals(self) -> list[int]:
        found: set[int] = set()
        for value in self.items("sdg_goals"):
            number = _integer(value)
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
        number = _integer(value)
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

    def rows(
        self, name: str, fields: frozenset[str]
    ) -> list[tuple[str, str, Mapping[str, object]]]:
        """(key, path, row) of each row that says anything; a missing key is given here."""
        found: list[tuple[str, str, Mapping[str, object]]] = []
        taken: set[str] = set()
        for position, row in enumerate(self.items(name)):
            path = f"{name}.{position}"
            if not isinstance(row, Mapping) or row.keys() - fields:
                self.refuse(path, "unknown", value=str(row)[:40])
                continue
            if not any(value not in ("", None) for value in row.values()):
                continue
            key = self.checked(row, "key", f"{path}.key", 40, is_key, "not_a_key")
            key = key or _free_key(name, taken)
            if key in taken:
                self.refuse(f"{path}.key", "duplicate", value=key)
            taken.add(key)
            found.append((key, path, row))
        return found


def clean_facts(raw: Mapping[str, object], *, known_codes: bool = True) -> Facts:
    """All facts, cleaned; what `raw` lacks is empty. Years and goals may come as digits in text.

    With `known_codes=False`, themes, targets and countries that this software does not list are
    kept if well-formed: another node may be newer. Raises `InvalidPractice`. Idempotent.
    """
    reader = _Reader(raw, known_codes=known_codes)
    for name in sorted(str(name) for name in raw.keys() - _FIELDS):
        reader.refuse(name[:120], "unknown", value=name[:120])
    facts = Facts(
        themes=reader.codes("themes", lambda code: themes.theme(code) is not None, _CODE),
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
        raise InvalidPractice(reader.errors)
    return facts


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of the members and observers of the United Nations."""
    codes = {code for code in map(str, Locale("en").territories) if len(code) == 2}
    return frozenset(codes - _NOT_COUNTRIES - _NOT_STATES)


def is_key(text: str) -> bool:
    """Whether `text` may name a row: 1 to 40 small letters, digits, inner hyphens."""
    return KEY.fullmatch(text) is not None


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


def is_url(text: str) -> bool:
    """Whether `text` is an address with the scheme http, https or mailto."""
    if any(char.isspace() or char in '<>"\\^`{|}' for char in text):
        return False
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return is_email(parts.path)
    return (
        parts.scheme in ("http", "https")
        and "." in (parts.hostname or "")
        and (port_is_fine and parts.username is None)
    )


def is_email(text: str) -> bool:
    """Whether `text` has the syntax of an e-mail address."""
    try:
        _check_email(text)
    except ValidationError:
        return False
    return True


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


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None


def _free_key(group: str, taken: set[str]) -> str:
    number = len(taken) + 1
    while f"{group[0]}{number}" in taken:
        number += 1
    return f"{group[0]}{number}"
