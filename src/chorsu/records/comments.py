"""Why an index or a constraint exists, written into the database beside it.

Django comments tables and columns (`db_table_comment`, `db_comment`); this migration operation
does the same for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import CheckConstraint, Model, UniqueConstraint


class SayWhy(Operation):
    """Comments on an app's indexes and constraints; the last operation of a migration.

    `reasons` maps the name of an index or constraint of the app's models to why it exists; that of
    a field with `unique=True` is `<table>_<column>_key`. What is unique has both a constraint and
    an index of that name, and both are commented. A name that no model of the app has raises
    `ValueError`.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Comments are no part of a model's state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Write the comments."""
        self._write(app_label, schema_editor, to_state, self.reasons)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the comments away."""
        self._write(app_label, schema_editor, to_state, dict.fromkeys(self.reasons))

    def describe(self) -> str:
        """A line for the terminal."""
        return f"Say why {len(self.reasons)} indexes and constraints exist"

    def _write(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        state: ProjectState,
        reasons: Mapping[str, str | None],
    ) -> None:
        quote = schema_editor.quote_name
        known: set[str] = set()
        for model in state.apps.get_app_config(app_label).get_models():
            for name, things in _things(model):
                known.add(name)
                reason = reasons.get(name)
                if name not in reasons:
                    continue
                text = "NULL" if reason is None else schema_editor.quote_value(reason)
                for thing in things:
                    of = f" ON {quote(model._meta.db_table)}" if thing == "CONSTRAINT" else ""
                    # Deferred, since Django makes most indexes when the operations are through.
                    schema_editor.deferred_sql.append(
                        f"COMMENT ON {thing} {quote(name)}{of} IS {text}"
                    )
        if unknown := reasons.keys() - known:
            raise ValueError(f"{app_label} has no index or constraint {sorted(unknown)}")


def _things(model: type[Model]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of a model's indexes and constraints, with what PostgreSQL knows by each name."""
    options = model._meta
    for index in options.indexes:
        yield index.name, ("INDEX",)
    for constraint in options.constraints:
        if isinstance(constraint, CheckConstraint):
            yield constraint.name, ("CONSTRAINT",)
        elif isinstance(constraint, UniqueConstraint) and _is_index_only(constraint):
            yield constraint.name, ("INDEX",)
        else:
            yield constraint.name, ("CONSTRAINT", "INDEX")
    for field in options.local_fields:
        if field.unique and not field.primary_key:
            yield f"{options.db_table}_{field.column}_key", ("CONSTRAINT", "INDEX")


def _is_index_only(constraint: UniqueConstraint) -> bool:
    """PostgreSQL has no constraint for what is unique under a condition or by an expression."""
    return bool(constraint.condition or constraint.expressions)
