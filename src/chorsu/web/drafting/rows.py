"""Groups of rows that can grow: indicators of a practice, criteria of an assignment.

A cell is posted as `<group>-<number>-<column>`; `<group>-<number>-key` names the row for ever.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms

MAX_NUMBER = 400
_CELL = re.compile(r"([a-z]+)-([0-9]{1,3})-[a-z_0-9]+", re.ASCII)


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


@dataclass(frozen=True, slots=True)
class RowFields:
    """A row as the page draws it."""

    row: Row
    cells: Sequence[forms.BoundField]


def new_key(letter: str = "r") -> str:
    """A key that no row of this record ever had: an old translation must not meet a new row."""
    return f"{letter}{secrets.token_hex(4)}"


def posted_rows(group: str, columns: Sequence[str], data: Mapping[str, str]) -> list[Row]:
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
            {column: data.get(f"{group}-{number}-{column}", "") for column in columns},
        )
        for number in sorted(numbers)
    ]


def with_blank(group: str, columns: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    """The rows and one more to type into."""
    return [*rows, Row(group, len(rows), new_key(), dict.fromkeys(columns, ""))]
