"""Migrations lead from an empty database to what the models say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django.plugin import DjangoDbBlocker

from chorsu.search.meaning import Choice, Meaning
from chorsu.search.space import SPACE_FILE
from chorsu.search.switching import TIES
from chorsu.training.remembering import points

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


def test_courses_in_the_index_learn_their_terms_and_are_not_told_of_as_new(
    empty_database: None,
) -> None:
    old = MigrationExecutor(connection).migrate([("search", "0024_nearest_surely")]).apps
    at = datetime(2026, 11, 24, tzinfo=UTC)
    ids = {kind: uuid4() for kind in ("practice", "course")}
    for kind, record_id in ids.items():
        old.get_model("search", "Document").objects.create(
            kind=kind, record_id=record_id, updated_at=at
        )
    connection.check_constraints()

    executor = MigrationExecutor(connection)
    new = executor.migrate(executor.loader.graph.leaf_nodes()).apps

    waiting = new.get_model("search", "Waiting").objects.values_list("kind", "record_id")
    assert list(waiting) == [("course", ids["course"])]
    told = new.get_model("search", "Document").objects.filter(announced=True)
    assert [row.kind for row in told] == ["course"]


def test_vectors_that_are_there_are_carried_over_and_serve(empty_database: None) -> None:
    executor = MigrationExecutor(connection)
    old = executor.migrate([("search", "0004_twins_by_model")]).apps
    document = old.get_model("search", "Document").objects.create(
        kind="practice", record_id=uuid4(), updated_at=datetime(2026, 11, 24, tzinfo=UTC)
    )
    model, row = "multilingual-e5-small-q4", [1.0] + [0.0] * 383
    for position, made in enumerate((model, "", "none", "another")):
        old.get_model("search", "Passage").objects.create(
            document=document, language="en", field="summary", position=position,
            text=f"Text {position}", words="", hash=str(position), model=made,
            vector=row if made not in ("", "none") else None,
        )  # fmt: skip
    connection.check_constraints()

    executor = MigrationExecutor(connection)
    new = executor.migrate(executor.loader.graph.leaf_nodes()).apps

    encoder = new.get_model("search", "Encoder").objects.get()
    assert (encoder.name, encoder.state, encoder.filled) == (
        Meaning(Choice(), SPACE_FILE.with_name("means.json").read_bytes()).name,
        "serving",
        True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reloptions FROM pg_class WHERE relname = %s",
            [f"search_vector_of_{encoder.pk}"],
        )
        (ties,) = cursor.fetchone()
    assert ties == TIES.replace(" ", "").split(",")  # as one that is made today
    kept = new.get_model("search", "Vector").objects.values_list("passage__position", "encoder")
    assert list(kept) == [(0, encoder.pk)]
    waiting = new.get_model("search", "Unembedded").objects.order_by("position")
    assert list(waiting.values_list("position", flat=True)) == [1, 3]
    meant = new.get_model("search", "Passage").objects.filter(has_meaning=False)
    assert list(meant.values_list("position", flat=True)) == [2]


def test_a_result_of_before_has_the_number_of_its_certificate_or_the_next(
    empty_database: None,
) -> None:
    executor = MigrationExecutor(connection)
    before = [("training", "0001_initial"), ("institutions", "0003_guests")]
    old = executor.migrate(before).apps
    at = datetime(2026, 11, 24, tzinfo=UTC)
    academy = old.get_model("institutions", "Institution").objects.create(
        id="kz-apa", country="KZ", node="apa.example"
    )
    course = old.get_model("training", "Course").objects.create(
        id=uuid4(), facts={}, revision=1, hours=72, published_at=at, updated_at=at, arrived_at=at
    )
    cohort = old.get_model("training", "Cohort").objects.create(
        id=uuid4(), course=course, revision=1, institution=academy, state="finished",
        starts_on=at.date(), ends_on=at.date(), capacity=0, changed_at=at, created_at=at,
        finished_at=at, protocol_number="7",
    )  # fmt: skip
    rows = []
    for place, state in enumerate(("passed", "failed", "passed", "passed"), 1):
        person = old.get_model("institutions", "Person").objects.create(email=f"p{place}@x.example")
        rows.append(
            old.get_model("training", "Enrolment").objects.create(
                id=uuid4(), cohort=cohort, person=person, state=state, queued_at=at, created_at=at,
                result_document=f"7/{place}",
            )
        )  # fmt: skip
    old.get_model("training", "DocumentCounter").objects.create(
        institution=academy, year=2026, last=5
    )
    held = old.get_model("training", "StatusList").objects.create(
        id=uuid4(), origin="apa.example", revision=1, bits=b"", updated_at=at
    )
    for place, (number, state) in enumerate(
        (("KZ-APA-2026-000004", "replaced"), ("KZ-APA-2026-000005", "valid"))
    ):
        position = old.get_model("training", "StatusPosition").objects.create(
            status_list=held, position=place
        )
        old.get_model("training", "Certificate").objects.create(
            id=uuid4(), enrolment=rows[2], institution=academy, position=position, number=number,
            state=state, issued_at=at + timedelta(days=place),
        )  # fmt: skip
    connection.check_constraints()

    executor = MigrationExecutor(connection)
    new = executor.migrate(executor.loader.graph.leaf_nodes()).apps

    kept = dict(new.get_model("training", "Enrolment").objects.values_list("pk", "result_document"))
    assert [kept[row.pk] for row in rows] == [
        "KZ-APA-2026-000006", "7/2", "KZ-APA-2026-000004", "KZ-APA-2026-000007",
    ]  # fmt: skip
    assert new.get_model("training", "DocumentCounter").objects.get().last == 7


def test_old_mail_of_guests_is_not_shown_as_news(empty_database: None) -> None:
    executor = MigrationExecutor(connection)
    before = [
        ("training", "0017_cartridges_that_wait"),
        ("institutions", "0007_position_of_people"),
    ]
    old = executor.migrate(before).apps
    at = datetime(2026, 11, 24, tzinfo=UTC)
    academy = old.get_model("institutions", "Institution").objects.create(
        id="kz-apa", country="KZ", node="apa.example"
    )
    course = old.get_model("training", "Course").objects.create(
        id=uuid4(), facts={}, revision=1, hours=72, published_at=at, updated_at=at, arrived_at=at
    )
    cohort = old.get_model("training", "Cohort").objects.create(
        id=uuid4(), course=course, revision=1, institution=academy, state="open",
        starts_on=at.date(), ends_on=at.date(), capacity=0, changed_at=at, created_at=at,
    )  # fmt: skip
    message = old.get_model("training", "Message").objects.create(
        cohort=cohort, subject="Papers", text="Bring them.", created_at=at
    )
    for place, (told, sent) in enumerate(
        (({"email": "g@x.example"}, at), ({}, at), ({"email": "h@x.example"}, None))
    ):
        guest = old.get_model("institutions", "Person").objects.create(
            home="bishkek.example", home_subject=f"guest-{place}", told=told
        )
        old.get_model("training", "MessageCopy").objects.create(
            message=message, person=guest, sent_at=sent
        )
    executor = MigrationExecutor(connection)
    new = executor.migrate([("training", "0018_old_mail_of_guests_is_read")]).apps
    rows = new.get_model("training", "MessageCopy").objects.order_by("pk")
    assert list(rows.values_list("read_at", flat=True)) == [at, None, None]


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    said = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1, stdout=said)

    assert said.getvalue() == "No changes detected\n"


def test_review_cards_that_are_there_go_by_the_words_of_their_number(empty_database: None) -> None:
    executor = MigrationExecutor(connection)
    old = executor.migrate([("training", "0018_old_mail_of_guests_is_read")]).apps
    at, ids = datetime(2026, 11, 24, tzinfo=UTC), {"course": uuid4(), "enrolment": uuid4()}
    course = old.get_model("training", "Course").objects.create(
        id=ids["course"], origin="hub.example", facts={}, revision=2, original_language="en",
        hours=8, published_at=at, updated_at=at, arrived_at=at,
    )  # fmt: skip
    words = {"units.r1.key_points": "- Why wait? Nobody should.\n- A queue is a cost."}
    old.get_model("training", "CourseRevision").objects.create(
        course=course, revision=1, published_at=at, texts={"en": {"words": words}}
    )
    person = old.get_model("institutions", "Person").objects.create(email="a@hub.example")
    institution = old.get_model("institutions", "Institution").objects.create(id="hub")
    cohort = old.get_model("training", "Cohort").objects.create(
        id=uuid4(), course=course, revision=1, institution=institution, starts_on=at, ends_on=at,
        capacity=0, created_at=at, changed_at=at,
    )  # fmt: skip
    enrolment = old.get_model("training", "Enrolment").objects.create(
        id=ids["enrolment"], cohort=cohort, person=person, created_at=at, queued_at=at
    )
    for unit, number in (("r1", 0), ("r1", 1), ("r1", 2), ("gone", 0)):
        card = old.get_model("training", "ReviewCard").objects.create(
            enrolment=enrolment, unit=unit, point=number, state=1, due_at=at
        )
        old.get_model("training", "Review").objects.create(card=card, key=uuid4(), rating=3, at=at)
    connection.check_constraints()

    executor = MigrationExecutor(connection)
    new = executor.migrate(executor.loader.graph.leaf_nodes()).apps

    rows = new.get_model("training", "ReviewCard").objects.order_by("id")
    asked = [point.mark for point in points(words["units.r1.key_points"])]
    assert list(rows.values_list("unit", "point")) == [
        ("r1", asked[0]), ("r1", asked[1]), ("r1", "#2"), ("gone", "#0"),
    ]  # fmt: skip
    assert new.get_model("training", "Review").objects.count() == 4
