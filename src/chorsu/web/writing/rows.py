"""The groups of rows of the write page: indicators, contacts, sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chorsu.practices.rules import ROW_WORDS
from chorsu.web.drafting.rows import Row

# Group -> its columns in the order they are filled in; those of ROW_WORDS are words.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicators": ("name", "baseline", "value", "unit", "date"),
    "contacts": ("office", "email", "phone", "url"),
    "sources": ("title", "url", "date", "language"),
}


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


def facts_of(rows: Sequence[Row]) -> list[dict[str, str]]:
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


def words_of(rows: Sequence[Row]) -> dict[str, str]:
    """What the words take of the rows, by field name."""
    return {
        f"{row.group}.{row.key}.{column}": text
        for row in rows
        if not row.is_blank
        for column, text in row.cells.items()
        if column in ROW_WORDS.get(row.group, {})
    }
