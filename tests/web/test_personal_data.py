"""The file with all on a person: one's own, and for an administrator who answers a request."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.test import Client

from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Institution, Person
from chorsu.wire.identity import Identity
from tests.practices.conftest import person
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


def test_everybody_takes_their_own_from_their_account(editor: Person, now: datetime) -> None:
    guest = welcome_guest(
        node="bishkek.chorsu.example", identity=Identity("a-guest-here-001", name="Aiperi"), now=now
    )
    for who in (editor, guest):
        browser = as_person(who)
        assert url("account-data") in browser.get(url("account")).content.decode()
        answer = browser.get(url("account-data"))
        assert answer["Cache-Control"] == "private, no-store"
        assert "my-data.json" in answer["Content-Disposition"]
        assert json.loads(answer.getvalue())["person"]["name"] == who.name
    assert Client().get(url("account-data")).status_code == 302


def test_somebody_elses_is_for_administrators_of_the_node(
    academy: Institution, editor: Person
) -> None:
    administrator = person(academy, "admin@hub.example", "Admin Two", "administrator")
    asked = url("person-data", editor.pk)
    assert as_person(editor).post(asked).status_code == 403
    browser = as_person(administrator)
    assert browser.get(asked).status_code == 405
    assert asked in browser.get(url("person", academy.pk, editor.pk)).content.decode()
    told = json.loads(browser.post(asked).getvalue())
    assert told["person"]["email"] == editor.email
    assert browser.post(url("person-data", 10**9)).status_code == 404
