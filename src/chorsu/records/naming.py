"""Which rows name a blob: each package lists its own, and what nothing names is swept away.

A place is a condition on rows of the blobs' table, true while some row names the blob.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import BooleanField, Exists, Model, OuterRef, Q
from django.db.models.expressions import RawSQL

Places = Mapping[str, Exists | RawSQL]
"""By the name of the column, `<app>.<Model>.<field>`."""


def by_column(model: type[Model], field: str, only: Q | None = None) -> Places:
    """Rows that have the hash in a column; `only`: those that fulfil this condition too."""
    rows = model._default_manager.filter(only or Q(), **{field: OuterRef("sha256")})
    return {f"{model._meta.label}.{field}": Exists(rows)}


def in_json(model: type[Model], field: str, key: str = "") -> Places:
    """Rows that have the hash anywhere in JSON, read whole once in a query: for small tables.

    `key`: only those that have this member.
    """
    table, column = model._meta.db_table, field
    sql = (
        f'EXISTS (SELECT 1 FROM "{table}" named,'  # noqa: S608 - names of a model
        f" regexp_matches(named.\"{column}\"::text, '\\m[0-9a-f]{{64}}\\M', 'g') AS word(found)"
        ' WHERE word.found[1] = "exchange_blob"."sha256"'
        + (f' AND jsonb_exists(named."{column}", %s))' if key else ")")
    )
    condition = RawSQL(sql, (key,) if key else (), output_field=BooleanField())  # noqa: S611
    return {f"{model._meta.label}.{field}": condition}
