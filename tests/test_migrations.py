"""Migrations lead from an empty database to what the models say."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

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


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    said = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1, stdout=said)

    assert said.getvalue() == "No changes detected\n"
