"""The database says of everything in it why it is there."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState

from chorsu.institutions.models import Membership
from chorsu.records.comments import SayWhy

OURS = (
    *("institutions", "records", "practices", "training", "tools"),
    *("exchange", "language", "search"),
)
MODELS = [
    model
    for label in OURS
    for model in apps.get_app_config(label).get_models(include_auto_created=True)
]
NAMES = ["membership_once", "institutions_invitation_token_hash_key"]

TABLES = """
    SELECT relname, obj_description(oid, 'pg_class') FROM pg_class
    WHERE relkind = 'r' AND relname = ANY(%s) ORDER BY relname
"""
CONSTRAINTS = """
    SELECT conname, obj_description(c.oid, 'pg_constraint') FROM pg_constraint c
    JOIN pg_class t ON t.oid = conrelid
    WHERE t.relname = ANY(%s) AND contype IN ('c', 'u', 'x') ORDER BY conname
"""
INDEXES = """
    SELECT i.relname, obj_description(i.oid, 'pg_class') FROM pg_index
    JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid
    WHERE t.relname = ANY(%s) AND NOT indisprimary ORDER BY i.relname
"""


def described(question: str) -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(question, [[model._meta.db_table for model in MODELS]])
        return dict(cursor.fetchall())


def checks_of_positive_fields() -> set[str]:
    """Django makes them by itself: a number that is never negative."""
    return {
        f"{model._meta.db_table}_{field.column}_check"
        for model in MODELS
        for field in model._meta.local_fields
        if field.db_check(connection)
    }


def made_with_a_column(name: str) -> bool:
    """Indexes Django makes by itself: of a foreign key, and for patterns on a unique text."""
    if name.endswith("_like"):
        return True
    keys = [
        (model._meta.db_table, field.column)
        for model in MODELS
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
    ]
    with connection.cursor() as cursor:
        for table, column in keys:
            made = connection.introspection.get_constraints(cursor, table)
            about = made.get(name)
            if about and about["columns"] == [column] and not about["unique"]:
                return True
    return False


@pytest.mark.django_db
def test_every_table_says_what_it_is_for() -> None:
    found = described(TABLES)

    assert found.keys() == {model._meta.db_table for model in MODELS}
    assert [name for name, comment in found.items() if not comment] == []


@pytest.mark.django_db
def test_every_constraint_says_why() -> None:
    found = described(CONSTRAINTS)

    silent = {name for name, comment in found.items() if not comment}
    assert silent - checks_of_positive_fields() == set()
    assert "person_email_once" not in found  # by an expression: an index alone
    assert "tile_once" in found


@pytest.mark.django_db
def test_every_index_says_why() -> None:
    found = described(INDEXES)

    silent = [name for name, comment in found.items() if not comment]
    assert [name for name in silent if not made_with_a_column(name)] == []
    assert found["tile_once"] == described(CONSTRAINTS)["tile_once"]


def run(operation: SayWhy, *, backwards: bool = False) -> None:
    state = ProjectState()
    for model in apps.get_models():
        state.add_model(ModelState.from_model(model))
    way = operation.database_backwards if backwards else operation.database_forwards
    with connection.schema_editor() as editor:
        way("institutions", editor, state, state)


@pytest.mark.django_db
def test_a_reason_is_written_as_it_is_and_taken_away_again() -> None:
    reason = 'it\'s "quoted"; 100 % \\ DROP TABLE x; --'
    operation = SayWhy(dict.fromkeys(NAMES, reason))

    run(operation)
    assert [described(CONSTRAINTS)[name] for name in NAMES] == [reason, reason]
    assert [described(INDEXES)[name] for name in NAMES] == [reason, reason]

    run(operation, backwards=True)
    assert [described(CONSTRAINTS)[name] for name in NAMES] == [None, None]


@pytest.mark.django_db
def test_a_name_that_nothing_has_is_refused() -> None:
    assert Membership._meta.constraints[0].name == NAMES[0]

    with pytest.raises(ValueError, match=r"institutions has no index or constraint \['gone'\]"):
        run(SayWhy({"gone": "no longer"}))
