"""Migrations lead from an empty database to what the models say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

EMPTY = "empty_for_migrations"


@pytest.fixture
def empty_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The default connection leads to a new, empty database for a while."""
    with django_db_blocker.unblock():
        usual = connection.settings_dict["NAME"]
        name = f"{usual}_{EMPTY}"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}"')
            connection.close()


def test_an_empty_database_is_migrated_to_head(empty_database: None) -> None:
    assert connection.introspection.table_names() == []

    call_command("migrate", database=DEFAULT_DB_ALIAS, verbosity=0, interactive=False)

    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    made = connection.introspection.table_names()
    assert [
        name for name in connection.introspection.django_table_names() if name not in made
    ] == []
    call_command("check", databases=[DEFAULT_DB_ALIAS], verbosity=0)


def test_what_is_in_the_index_learns_its_last_year(empty_database: None) -> None:
    before = [("search", "0002_records_wait"), ("practices", "0003_practicetext_audience")]
    executor = MigrationExecutor(connection)
    old = executor.migrate(before).apps
    at = datetime(2026, 11, 24, tzinfo=UTC)
    spans = {uuid4(): (2015, 2017), uuid4(): (2016, None), uuid4(): (None, None)}
    for record_id, (first, last) in spans.items():
        old.get_model("practices", "Practice").objects.create(
            id=record_id, facts={}, year_from=first, year_to=last, revision=1, published_at=at,
            updated_at=at, arrived_at=at,
        )  # fmt: skip
        old.get_model("search", "Document").objects.create(
            kind="practice", record_id=record_id, year=first, updated_at=at
        )
    connection.check_constraints()

    executor = MigrationExecutor(connection)
    new = executor.migrate(executor.loader.graph.leaf_nodes()).apps

    rows = new.get_model("search", "Document").objects.values_list(
        "record_id", "year_from", "year_to"
    )
    assert {record_id: (first, last) for record_id, first, last in rows} == spans
    # Each is taken in anew by a worker, and the vocabulary with it.
    waiting = new.get_model("search", "Waiting").objects.values_list("record_id", flat=True)
    assert set(waiting) == set(spans)


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    said = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1, stdout=said)

    assert said.getvalue() == "No changes detected\n"
