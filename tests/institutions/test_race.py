"""Two administrators acting in the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection, transaction

from chorsu.institutions import actions
from chorsu.institutions.errors import InvitationUnusable, LastAdministrator, NotAllowed
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.wire.identity import Identity
from tests.waiting import until_held_up

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_administrators_who_remove_each_other_leave_one(
    academy: Institution, now: datetime
) -> None:
    pair = [Person.objects.create_user(f"{name}@hub.example") for name in ("one", "two")]
    for person in pair:
        Membership.objects.create(person=person, institution=academy, role="administrator")
    start = Barrier(2)

    def remove(by: Person, other: Person) -> str:
        start.wait()
        try:
            actions.set_roles(
                person_id=other.pk, institution_id=academy.id, roles=[], by=by, now=now
            )
        except (LastAdministrator, NotAllowed) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return "removed"

    with ThreadPoolExecutor(2) as threads:
        outcome = sorted(threads.map(remove, pair, reversed(pair)))
    assert "removed" in outcome
    assert Membership.objects.filter(role="administrator").count() == 1


def test_an_invitation_used_twice_at_once_makes_one_person(
    academy: Institution, now: datetime
) -> None:
    admin = Person.objects.create_user("admin@hub.example")
    Membership.objects.create(person=admin, institution=academy, role="administrator")
    token = actions.invite(
        by=admin,
        email="new@hub.example",
        institution_id=academy.id,
        roles=["reader"],
        language="ru",
        now=now,
    ).token
    start = Barrier(2)

    def accept(name: str) -> str:
        start.wait()
        try:
            actions.accept_invitation(token=token, name=name, password="tall poplar trees", now=now)
        except InvitationUnusable as refused:
            return refused.state.value
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(accept, ["First", "Second"])) == ["joined", "used"]
    assert Person.objects.filter(email="new@hub.example").count() == 1


def test_a_guest_forgotten_while_they_sign_in_is_not_there_afterwards(now: datetime) -> None:
    node, subject = "bishkek.chorsu.example", "A-guest_of-this_node"

    def forget() -> None:
        try:
            actions.forget_guest(node=node, subject=subject, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            actions.welcome_guest(node=node, identity=Identity(subject, name="A"), now=now)
            forgetting = threads.submit(forget)
            until_held_up(forgetting)
        forgetting.result()
    assert not Person.objects.exists()
