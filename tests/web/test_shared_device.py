"""What pages say to the service worker of who reads them: a mark, and nothing of the person."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from chorsu.institutions.models import Institution, Person
from tests.training.class_kit import learner_in
from tests.web.test_cohorts import as_person

pytestmark = pytest.mark.django_db
HEADER = "Chorsu-Reader"


def mark(client: Client) -> str:
    return client.get(reverse("learning")).headers[HEADER]


def test_the_mark_of_a_reader_is_theirs_alone_and_the_same_after_every_sign_in(
    editor: Person, academy: Institution
) -> None:
    other = Person.objects.create_user("other@hub.example")
    assert mark(as_person(editor)) == mark(as_person(editor)) != mark(as_person(other))
    assert len(mark(as_person(editor))) == 32
    assert Client().get(reverse("home")).headers[HEADER] == "nobody"


def test_who_signs_out_is_nobody_on_the_next_page(editor: Person) -> None:
    client = as_person(editor)
    client.post(reverse("account_logout"))
    assert client.get(reverse("home")).headers[HEADER] == "nobody"


def test_the_list_of_what_to_keep_says_who_keeps_it(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    client = as_person(Person.objects.get(pk=one.person_id))
    for name, arguments in (("course", [one.id]), ("unit", [one.id, "r1"])):
        told = client.get(reverse(f"learning-keep-{name}", args=arguments))
        assert told.json()["reader"] == mark(client)
        assert "no-store" in told.headers["Cache-Control"]
    assert client.get(reverse("learning-token")).json()["reader"] == mark(client)


def test_the_page_in_the_place_of_one_that_is_not_kept_names_nobody(editor: Person) -> None:
    page = as_person(editor).get(reverse("learning-offline"))
    assert page.headers[HEADER] == "nobody"
    assert editor.name not in page.content.decode()
    assert page.content == Client().get(reverse("learning-offline")).content
