"""Many new rows of one table together, by PostgreSQL's COPY.

What `bulk_create` puts into statements, quoted value by value and read again by the server, goes
as lines of text: a third of the time on both sides, and a line at a time in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar

import orjson
from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def copy_rows(model: type[Row], rows: Iterable[Row]) -> None:
    """Insert rows made here, in the caller's transaction; their keys by sequence stay unknown.

    Nothing else happens to a value than that it is written: no default of the database, no
    `pre_save`. Raises `IntegrityError` if one is there already: then none is inserted.

    Rows are written as they are made. Making one must not ask the database, which waits for the
    next line: that raises `RuntimeError`.
    """
    fields = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    written = [(field.attname, _writer(field)) for field in fields]
    with (
        connection.wrap_database_errors,
        connection.execute_wrapper(_refuse),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([write(getattr(row, name)) for name, write in written])


def _refuse(*_asked: object) -> NoReturn:
    raise RuntimeError("a row asks the database while rows are copied in")


def _writer(field: models.Field[object, object]) -> Callable[[object], object]:
    """How a value of a field is handed to the library that writes lines for PostgreSQL."""
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.CharField):
        return _text
    return _as_it_is


def _json(value: object) -> object:
    return None if value is None else orjson.dumps(value).decode()


def _text(value: object) -> object:
    # A member of an enumeration would be written by its name.
    return value if value is None else str(value)


def _as_it_is(value: object) -> object:
    return value
