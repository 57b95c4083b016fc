"""A spreadsheet of nominations, of people or of attendance, read row by row. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.kernel.text import fold, normalise
from chorsu.training.rules.framework import positions

# What a column is called at the head of a table, in any of the eight languages; or its code.
COLUMNS: Mapping[str, Promise] = MappingProxyType(
    {
        "email": _("E-mail address"),
        "name": _("Full name"),
        "employer": _("Employing body"),
        "document": _("Number of the order"),
        "category": _("Category of the position"),
        "appointed_on": _("Day of appointment"),
        "language": _("Language"),
        "state": _("Attendance"),
        "roles": _("Roles"),
    }
)
NOMINATIONS = ("email", "name", "employer", "document", "category", "appointed_on", "language")
NEEDED = ("email", "document", "category")
PEOPLE = ("email", "name", "category", "language", "roles")
NEEDED_OF_PEOPLE = ("email", "name")
ATTENDANCE = ("email", "state")
ATTENDANCE_WORDS: Mapping[str, str] = MappingProxyType(
    {"1": "present", "+": "present", "x": "present", "х": "present", "": "present"}
    | {"0": "absent", "-": "absent", "–": "absent"}
)


# As spreadsheets write days: in China with the year first, elsewhere with the day.
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in a row: `line` counts from 1 at the head, `column` may be empty."""

    line: int
    column: str
    code: str
    params: Mapping[str, str | int | date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NominationRow:
    """A row as read; `employer` is the name as written, empty where there is no such column."""

    line: int
    email: str
    name: str
    employer: str
    document: str
    category: str
    appointed_on: date | None
    language: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row of a list of people as read; `category` may be empty, `roles` are codes."""

    line: int
    email: str
    name: str
    category: str
    language: str
    roles: tuple[str, ...]


def head_of(table: Sequence[Sequence[str]], needed: Sequence[str]) -> list[str]:
    """The code of each column, "" for one that is not known; raises `MissingColumns`."""
    known = [_column_names().get(folded(cell), "") for cell in table[0]]
    missing = [code for code in needed if code not in known]
    if missing:
        raise MissingColumns(missing)
    return known


class MissingColumns(ValueError):  # noqa: N818 - says what is wrong
    """The head of the table does not name these columns (codes)."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = tuple(codes)


def as_records(table: Sequence[Sequence[str]], head: Sequence[str]) -> list[dict[str, str]]:
    """The rows under the head: code of the column -> cell."""
    return [
        {code: normalise(cell) for code, cell in zip(head, row, strict=True) if code}
        for row in table[1:]
    ]


def read_nominations(
    records: Sequence[Mapping[str, str]], language: str
) -> tuple[list[NominationRow], list[RowError]]:
    """Rows that can be read, and what is wrong in the others; `language`: where none is named."""
    rows, errors = [], []
    seen: dict[str, int] = {}
    for line, record in enumerate(records, 2):
        wrong: list[RowError] = []
        email = _email(line, record, seen, wrong)
        category = _category(line, record, wrong)
        day, bad_day = _day(record.get("appointed_on", ""))
        if bad_day:
            wrong.append(RowError(line, "appointed_on", "not_a_day"))
        tag = _language(line, record, language, wrong)
        errors += wrong
        if not wrong:
            rows.append(
                NominationRow(
                    line=line,
                    email=email,
                    name=record.get("name", ""),
                    employer=record.get("employer", ""),
                    document=record.get("document", ""),
                    category=category,
                    appointed_on=day,
                    language=tag,
                )
            )
    return rows, errors


def read_people(
    records: Sequence[Mapping[str, str]], language: str, roles: Mapping[str, str]
) -> tuple[list[PersonRow], list[RowError]]:
    """Rows that can be read, and what is wrong in the others. `language`: where none is named;
    `roles`: folded names and codes of those that a list may give -> code; where none is named,
    the first of them.
    """
    rows, errors = [], []
    seen: dict[str, int] = {}
    for line, record in enumerate(records, 2):
        wrong: list[RowError] = []
        email = _email(line, record, seen, wrong)
        category = _category(line, record, wrong) if record.get("category") else ""
        tag = _language(line, record, language, wrong)
        named = [one for one in re.split("[,;、，；]", record.get("roles", "")) if one.strip()]
        given = [roles.get(folded(one), "") for one in named]
        wrong += [
            RowError(line, "roles", "unknown_role", {"value": one.strip()})
            for one, code in zip(named, given, strict=True)
            if not code
        ]
        errors += wrong
        if not wrong:
            chosen = tuple(dict.fromkeys(given)) or (next(iter(roles.values())),)
            rows.append(PersonRow(line, email, record.get("name", ""), category, tag, chosen))
    return rows, errors


def _email(
    line: int, record: Mapping[str, str], seen: dict[str, int], wrong: list[RowError]
) -> str:
    """The address of a row; that it was `seen` in an earlier one is put down as wrong."""
    email = record.get("email", "")
    earlier = seen.setdefault(email.casefold(), line)
    if email and earlier != line:
        wrong.append(RowError(line, "email", "row_twice", {"line": earlier}))
    return email


def _category(line: int, record: Mapping[str, str], wrong: list[RowError]) -> str:
    category = _category_codes().get(folded(record.get("category", "")), "")
    if not category:
        wrong.append(RowError(line, "category", "unknown_category", {"value": record["category"]}))
    return category


def _language(line: int, record: Mapping[str, str], language: str, wrong: list[RowError]) -> str:
    written = record.get("language", "")
    tag = _language_tags().get(folded(written), "") if written else language
    if not tag:
        wrong.append(RowError(line, "language", "unknown_language", {"value": written}))
    return tag


def read_attendance(
    records: Sequence[Mapping[str, str]], learners: Mapping[str, str]
) -> tuple[dict[str, str], list[RowError]]:
    """Learner -> state; `learners` maps folded e-mail to the learner. An empty state is present."""
    states: dict[str, str] = {}
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for line, record in enumerate(records, 2):
        before = len(errors)
        _email(line, record, seen, errors)
        learner = learners.get(record.get("email", "").casefold())
        word = folded(record.get("state", ""))
        state = ATTENDANCE_WORDS.get(word) or _attendance_codes().get(word, "")
        if learner is None:
            value = {"value": record.get("email", "")}
            errors.append(RowError(line, "email", "not_in_session", value))
        elif not state:
            value = {"value": record.get("state", "")}
            errors.append(RowError(line, "state", "unknown_state", value))
        elif len(errors) == before:
            states[learner] = state
    return states, errors


def _day(text: str) -> tuple[date | None, bool]:
    """A day written 2026-11-24, 2026/11/24, 2026年11月24日 or 24.11.2026, and whether what stands
    there is none. `11/24/2026` and `24/11/2026` are none: nobody could tell 5/4/2026.
    """
    if not text:
        return None, False
    if found := _YEAR_FIRST.fullmatch(text):
        text = f"{found[1]}-{found[2].zfill(2)}-{found[3].zfill(2)}"
    elif found := _DAY_FIRST.fullmatch(text):
        text = f"{found[3]}-{found[2].zfill(2)}-{found[1].zfill(2)}"
    try:
        return date.fromisoformat(text), False
    except ValueError:
        return None, True


def folded(text: str) -> str:
    """A word of a table as it is compared: letter case, width and spaces play no part."""
    return " ".join(fold(normalise(text)).replace("_", " ").split())


@cache
def _column_names() -> dict[str, str]:
    names = {folded(code): code for code in COLUMNS}
    for language in LANGUAGES:
        with translation.override(language.django_code):
            names |= {folded(str(label)): code for code, label in COLUMNS.items()}
    return names


@cache
def _category_codes() -> dict[str, str]:
    codes = {folded(code): code for code in positions()}
    for code, found in positions().items():
        codes |= {folded(name): code for name in found.names.values()}
    return codes


@cache
def _language_tags() -> dict[str, str]:
    tags = {folded(tag): tag for tag in TAGS}
    return tags | {folded(one.endonym): one.tag for one in LANGUAGES}


STATES: Mapping[str, Promise] = MappingProxyType(
    {"present": _("present"), "excused": _("excused"), "absent": _("absent")}
)


@cache
def _attendance_codes() -> dict[str, str]:
    codes = {code: code for code in STATES}
    for language in LANGUAGES:
        with translation.override(language.django_code):
            codes |= {folded(str(label)): code for code, label in STATES.items()}
    return codes
