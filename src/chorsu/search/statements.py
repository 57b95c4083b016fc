"""Statements kept in SQL files by name, and how long one may take of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, cast

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from chorsu.search.errors import SearchTooSlow

Value: TypeAlias = str | int | float | list[str] | list[int] | list[float] | None


def statements(file: str) -> dict[str, str]:
    """The statements of an SQL file of this package, by the name in the comment before each."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    bare = [re.sub(r"^--.*\n", "", part, flags=re.MULTILINE).strip(" \n;") for part in parts]
    return dict(zip(bare[::2], bare[1::2], strict=True))


@contextmanager
def patient(milliseconds: int, *, by_index: bool = False) -> Iterator[int | None]:
    """A transaction in which no statement takes longer; raises `SearchTooSlow` for one that would.

    Gives the id of the encoder that serves in it, None before the first. One statement of its own:
    it also has the vector index scanned until filters are satisfied, and plans `by_index`.
    """
    try:
        with transaction.atomic():
            tuned = rows(_SQL["tune"], {"patience_ms": str(milliseconds), "by_index": by_index})
            yield cast("int | None", tuned[0][-1])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise


def rows(statement: str, values: Mapping[str, Value]) -> list[tuple[object, ...]]:
    """The rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [tuple(row) for row in cursor.fetchall()]


_SQL = statements("statements.sql")
