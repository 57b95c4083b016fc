"""The page of guests: only what they told, and shutting one out, for administrators of the node."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.errors import GuestShutOut
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.wire.identity import Identity
from tests.practices.conftest import person
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db
HOME = "bishkek.chorsu.example"


def a_guest(number: int, now: datetime, **told: str) -> Person:
    subject = f"a-guest-of-that-home-{number:03}"
    return welcome_guest(node=HOME, identity=Identity(subject, **told), now=now)


@pytest.fixture
def administrator(academy: Institution) -> Person:
    return person(academy, "admin@hub.example", "Admin", "administrator")


def test_what_a_guest_agreed_to_tell_is_shown_and_nothing_else(
    administrator: Person, now: datetime
) -> None:
    a_guest(1, now, name="Aiperi", position="specialist")
    a_guest(2, now)
    page = as_person(administrator).get(url("guests")).content.decode()
    for shown in ("Aiperi", "a-guest-of-that-home-001", "a-guest-of-that-home-002",
                  "No name was told", "Category of the position"):  # fmt: skip
        assert shown in page
    assert "E-mail address" not in page
    people = as_person(administrator).get(url("people")).content.decode()
    assert url("guests") in people


def test_a_guest_who_is_shut_out_does_not_come_back_until_let_in(
    administrator: Person, now: datetime
) -> None:
    guest = a_guest(1, now, name="Aiperi")
    browser = as_person(guest)
    assert browser.get(url("my-training")).status_code == 200
    client = as_person(administrator)
    client.post(url("guest-decide", guest.pk), {"active": "0"})
    assert browser.get(url("my-training")).status_code == 302
    with pytest.raises(GuestShutOut):
        a_guest(1, now, name="Aiperi")
    assert "Shut out" in client.get(url("guests")).content.decode()
    client.post(url("guest-decide", guest.pk), {"active": "1"})
    assert a_guest(1, now).is_active
    told = AuditEvent.objects.filter(action__in=("guest.shut_out", "guest.let_in")).order_by("pk")
    assert [(row.action, "Aiperi" in row.subject_id) for row in told] == [
        ("guest.shut_out", False),
        ("guest.let_in", False),
    ]


def test_only_administrators_of_the_node_and_only_guests(
    administrator: Person, academy: Institution, now: datetime
) -> None:
    guest = a_guest(1, now)
    editor = person(academy, "editor-two@hub.example", "Editor", "editor")
    for who in (editor, guest):
        assert as_person(who).get(url("guests")).status_code == 403
        assert as_person(who).post(url("guest-decide", guest.pk)).status_code == 403
    assert Client().get(url("guests")).status_code == 302
    assert as_person(administrator).post(url("guest-decide", editor.pk)).status_code == 404
    assert Person.objects.get(pk=editor.pk).is_active
    assert Person.objects.get(pk=guest.pk).is_active


def test_many_guests_take_as_many_queries_as_few(
    administrator: Person, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        a_guest(number, now)
    client = as_person(administrator)
    with django_assert_max_num_queries(10):
        client.get(url("guests"))
    assert HOME in client.get(url("guests"), {"home": HOME}).content.decode()
