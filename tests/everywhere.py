"""Looks for words in all that a node keeps: every column of its database, every file it has."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public'
      AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
"""


def places_of(word: str) -> set[str]:
    """`table.column` and paths of files that hold a word in UTF-8, JSON escapes read as well."""
    return _in_database(word) | _in_files(word)


def _in_database(word: str) -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column, kind in cursor.fetchall():
            if kind == "bytea":
                test, value = f'position(%s::bytea in "{column}") > 0', word.encode()
            else:
                test, value = f'position(%s in "{column}"::text) > 0', word
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {test}', [value])
            row = cursor.fetchone()
            if row and row[0]:
                found.add(f"{table}.{column}")
    return found


def _in_files(word: str) -> set[str]:
    folder = Path(settings.DATA_DIR)
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word.encode() in path.read_bytes()
    }
