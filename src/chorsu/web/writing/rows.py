"""The groups of rows of the write page: indicators, contacts, sources.

A cell is posted as `<group>-<number>-<column>`; `<group>-<number>-key` names the row for ever.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chorsu.practices.rules import ROW_WORDS

# Group -> its columns in the order they are filled in; those of ROW_WORDS are words.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicators": ("name", "baseline", "value", "unit", "date"),
    "contacts": ("office", "email", "phone", "url"),
    "sources": ("title", "url", "date", "language"),
}
MAX_NUMBER = 200
_CELL = re.compile(r"(indicators|contacts|sources)-([0-9]{1,3})-([a-z]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as typed: `number` is its place in the posted form."""

    group: str
    number: int
    key: str
    cells: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(text.strip() for text in self.cells.values())

    def cell_name(self, column: str) -> str:
        """The name of the control of a column."""
        return f"{self.group}-{self.number}-{column}"


def new_key() -> str:
    """A key that no row of this practice ever had: an old translation must not meet a new row."""
    return f"r{secrets.token_hex(4)}"


def posted_rows(group: str, data: Mapping[str, str]) -> list[Row]:
    """The rows of a group in the order of their numbers, blank ones too."""
    numbers = set()
    for name in data:
        match = _CELL.fullmatch(name)
        if match and match[1] == group and int(match[2]) <= MAX_NUMBER:
            numbers.add(int(match[2]))
    return [
        Row(
            group,
            number,
            data.get(f"{group}-{number}-key", "").strip() or new_key(),
            {column: data.get(f"{group}-{number}-{column}", "") for column in COLUMNS[group]},
        )
        for number in sorted(numbers)
    ]


def stored_rows(
    group: str, facts_rows: Sequence[Mapping[str, str]], words: Mapping[str, str]
) -> list[Row]:
    """The rows of a draft as the page shows them."""
    return [
        Row(
            group,
            number,
            row["key"],
            {
                column: words.get(f"{group}.{row['key']}.{column}", "")
                if column in ROW_WORDS.get(group, {})
                else row[column]
                for column in COLUMNS[group]
            },
        )
        for number, row in enumerate(facts_rows)
    ]


def blank_row(group: str, number: int) -> Row:
    """A row to type into."""
    return Row(group, number, new_key(), dict.fromkeys(COLUMNS[group], ""))


def facts_of(rows: list[Row]) -> list[dict[str, str]]:
    """What the facts take of the rows, at their places; a blank row is an empty mapping."""
    return [
        {}
        if row.is_blank
        else {"key": row.key}
        | {
            column: text
            for column, text in row.cells.items()
            if column not in ROW_WORDS.get(row.group, {})
        }
        for row in rows
    ]


def words_of(rows: list[Row]) -> dict[str, str]:
    """What the words take of the rows, by field name."""
    return {
        f"{row.group}.{row.key}.{column}": text
        for row in rows
        if not row.is_blank
        for column, text in row.cells.items()
        if column in ROW_WORDS.get(row.group, {})
    }
