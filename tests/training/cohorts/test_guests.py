"""Guests from other nodes learn in cohorts, and do nothing else there."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from chorsu.flows import certifying, informing
from chorsu.institutions.actions import forget_guest, welcome_guest
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions.employers import add_officer
from chorsu.training.models import Certificate, Enrolment, StatusPosition
from chorsu.wire.identity import Identity
from tests.training import passed
from tests.training.cohorts.factory import Desk

HOME = "bishkek.chorsu.example"
SUBJECT = "A-guest_of-this_node"


def guest(desk: Desk, email: str = "") -> Person:
    told = Identity(SUBJECT, name="Айпери Сыдыкова", email=email, language="ky")
    return welcome_guest(node=HOME, identity=told, now=desk.now)


def test_a_guest_is_nominated_by_the_identifier_at_their_home(desk: Desk) -> None:
    person = guest(desk)
    before = Person.objects.count()

    enrolment = desk.nominate(person.address.lower())

    assert Enrolment.objects.get(pk=enrolment).person == person
    assert Person.objects.count() == before


def test_mail_goes_where_the_guest_agreed_to_be_written_to_and_asks_for_no_password(
    desk: Desk,
) -> None:
    desk.nominate(guest(desk, "aiperi@kg.example").address)

    informing.inform(now=desk.now)

    [sent] = [one for one in mail.outbox if one.to == ["aiperi@kg.example"]]
    assert "password" not in sent.body


def test_a_guest_who_told_no_address_gets_no_mail_and_holds_up_nobody(desk: Desk) -> None:
    desk.nominate(guest(desk).address)
    desk.nominate("a@x.example", name="Somebody Else")

    informing.inform(now=desk.now)

    assert [one.to for one in mail.outbox] == [["a@x.example"]]


def test_a_guest_nominates_nobody(desk: Desk) -> None:
    person = guest(desk)

    with pytest.raises(ValidationError):
        add_officer(employer_id=desk.employer, email=person.address, by=desk.officer, now=desk.now)


def test_a_forgotten_guest_leaves_no_place_behind(desk: Desk) -> None:
    desk.admit(desk.nominate(guest(desk).address))

    rows, _at = forget_guest(node=HOME, subject=SUBJECT, now=desk.now)

    assert not Enrolment.objects.exists()
    assert rows >= 2


def test_a_certificate_holds_wherever_it_is_held_when_its_guest_is_forgotten(
    academy: Institution, now: datetime
) -> None:
    told = Identity(SUBJECT, name="Айпери Сыдыкова")
    person = welcome_guest(node=HOME, identity=told, now=now)
    enrolment = passed.learner(passed.cohort(academy, now), now)
    Enrolment.objects.update(person=person)
    certifying.issue(
        enrolment_id=enrolment.pk, renewable_by="", by=passed.officer(academy), now=now
    )
    before = list(StatusPosition.objects.values())

    forget_guest(node=HOME, subject=SUBJECT, now=now)

    # The copy here goes with its holder; the place in the status list says what it said.
    assert not Certificate.objects.exists()
    assert len(before) == 1
    assert list(StatusPosition.objects.values()) == before
