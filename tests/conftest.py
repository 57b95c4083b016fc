"""What every test may use."""

from __future__ import annotations

from datetime import UTC, datetime

import hypothesis
import pytest
from django.db import connection

from chorsu.institutions.models import Institution, InstitutionName, Membership, Person
from chorsu.institutions.queries import forget_institutions

# A busy machine is no failure, and examples belong in the tests, not in a folder beside them.
hypothesis.settings.register_profile("chorsu", deadline=None, database=None)
hypothesis.settings.load_profile("chorsu")


@pytest.fixture(autouse=True)
def _institutions_read_anew() -> None:
    """What one test's process kept of the institutions is not another's."""
    forget_institutions()


@pytest.fixture
def empty_queue(db: None) -> None:
    """No job of an earlier test that committed: emptying the tables passes over the queue's own."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def now() -> datetime:
    """A fixed moment."""
    return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.fixture
def academy(db: None) -> Institution:
    """The institution that the node under test hosts."""
    made = Institution.objects.create(
        id="hub-astana", kind="hub", country="KZ", node="hub.chorsu.example"
    )
    for language, name in (("en", "Astana Civil Service Hub"), ("ru", "Астанинский хаб")):
        InstitutionName.objects.create(institution=made, language=language, name=name, short=name)
    return made


@pytest.fixture
def editor(academy: Institution) -> Person:
    """Somebody who may write and publish at the academy."""
    person = Person.objects.create_user("editor@hub.example", "correct horse", name="Editor One")
    for role in ("contributor", "editor", "translator"):
        Membership.objects.create(person=person, institution=academy, role=role)
    return person
