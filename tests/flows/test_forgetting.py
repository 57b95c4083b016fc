"""A guest is forgotten when their home asks, and the home keeps what was signed about it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from chorsu.exchange import keys
from chorsu.exchange.models import Peer
from chorsu.flows import forgetting
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.actions.connections import agree, end
from chorsu.institutions.connections import connection, connections
from chorsu.institutions.errors import NotConnected, StillForgetting
from chorsu.institutions.models import AuditEvent, Forgetting, Institution, Person
from chorsu.wire.errors import WireError
from chorsu.wire.identity import FORGET_PATH, Identity, encode_forget, open_forgotten
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request
from tests.everywhere import places_of
from tests.flows.remote import make_peer
from tests.home_node import SUBJECT, HomeNode
from tests.practices.conftest import person

pytestmark = pytest.mark.usefixtures("academy", "empty_queue")


@pytest.fixture
def peer(db: None, now: datetime) -> Iterator[HomeNode]:
    """A confirmed peer: a home, or a node where somebody of this one learns."""
    node = HomeNode("bishkek.chorsu.example", institutions=("kg-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


def ask(key: SigningKey, body: bytes, now: datetime) -> HttpResponse:
    """What this node answers to a peer that asks it to forget somebody."""
    url = settings.NODE_ADDRESS + FORGET_PATH
    signed = sign_request(key, "POST", url, body, now, secrets.token_hex(16))
    return Client().post(  # type: ignore[return-value]
        FORGET_PATH, body, content_type="application/json", headers=signed
    )


def a_guest(peer: HomeNode, now: datetime, subject: str = SUBJECT) -> Person:
    told = Identity(subject, name="Айпери Сыдыкова", email="aiperi@kg.example")
    return welcome_guest(node=peer.name, identity=told, now=now)


def test_the_home_gets_a_signed_word_and_nothing_of_the_guest_is_left(
    peer: HomeNode, now: datetime
) -> None:
    a_guest(peer, now)
    assert places_of("Айпери") == {"institutions_person.name"}

    answer = ask(peer.key, encode_forget(SUBJECT), now)

    said = open_forgotten(answer.content, keys.signing_key().verify_key)
    assert (said.home, said.subject, said.rows) == (peer.name, SUBJECT, 1)
    assert places_of("Айпери") == set()
    assert places_of("aiperi@kg.example") == set()


def test_asked_again_the_answer_is_the_same(peer: HomeNode, now: datetime) -> None:
    a_guest(peer, now)

    answers = [ask(peer.key, encode_forget(SUBJECT), now).content for _ in range(2)]

    assert answers[0] == answers[1]
    assert Forgetting.objects.count() == 1


def test_only_the_home_has_its_guest_forgotten(peer: HomeNode, now: datetime) -> None:
    guest = a_guest(peer, now)
    other = HomeNode("dushanbe.chorsu.example")
    make_peer(other, now)
    stranger = SigningKey.generate(peer.name)

    # To another peer the identifier is nobody; under the home's name it takes the home's key.
    said = open_forgotten(
        ask(other.key, encode_forget(SUBJECT), now).content, keys.signing_key().verify_key
    )
    assert (said.home, said.rows) == (other.name, 0)
    assert ask(stranger, encode_forget(SUBJECT), now).status_code == 403
    assert Client().post(FORGET_PATH, b"{}", content_type="application/json").status_code == 403
    assert Person.objects.filter(pk=guest.pk).exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"subject":7}',
        b'{"subject":"short"}',
        b'{"subject":"a-person-of-this-home","why":"x"}',
        b'{"subject": "a-person-of-this-home"}',
        b'{"subject":"' + b"x" * 600 + b'"}',
    ],
)
def test_a_body_that_is_not_of_the_form_is_refused(
    peer: HomeNode, now: datetime, body: bytes
) -> None:
    a_guest(peer, now)

    assert ask(peer.key, body, now).status_code == 400
    assert Person.objects.exists()


def test_a_person_of_this_node_is_never_forgotten_by_a_peer(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    ask(peer.key, encode_forget(f"{uuid4().hex}"), now)

    assert Person.objects.filter(pk=editor.pk).exists()


# The home's side.


def connect(editor: Person, peer: HomeNode, now: datetime) -> int:
    agree(person=editor, node=peer.name, claims=["name"], position="", now=now)
    found = connection(editor, peer.name)
    assert found is not None
    return found.id


def test_the_home_keeps_the_note_and_what_was_told_goes(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    made = connect(editor, peer, now)
    subject = connections(editor)[0].subject
    forgetting.want(person=editor, connection_id=made, now=now)

    forgetting.ask_all(now=now)

    [shown] = connections(editor)
    assert peer.asked_to_forget == [subject]
    assert (shown.state, shown.claims) == ("forgotten", ())
    said = open_forgotten(shown.confirmation, peer.key.verify_key)
    assert (said.home, said.subject) == (settings.NODE_NAME, subject)
    assert AuditEvent.objects.filter(action="connection.forgotten").count() == 1
    forgetting.ask_all(now=now)
    assert len(peer.asked_to_forget) == 1


@pytest.mark.parametrize(
    "said", [{"subject": "another-person-here"}, {"home": "dushanbe.chorsu.example"}]
)
def test_a_note_about_somebody_else_is_no_confirmation(
    peer: HomeNode, editor: Person, now: datetime, said: dict[str, object]
) -> None:
    peer.forgotten = said
    forgetting.want(person=editor, connection_id=connect(editor, peer, now), now=now)

    forgetting.ask_all(now=now)

    assert connections(editor)[0].state == "forgetting"


def test_a_note_by_another_key_is_no_confirmation(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    peer.vouches_with = SigningKey.generate(peer.name)
    forgetting.want(person=editor, connection_id=connect(editor, peer, now), now=now)

    forgetting.ask_all(now=now)

    assert connections(editor)[0].state == "forgetting"


def test_one_node_that_does_not_answer_keeps_nobody_elsewhere_waiting(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    away = HomeNode("dushanbe.chorsu.example")
    away.address = "http://127.0.0.1:1"
    make_peer(away, now)
    forgetting.want(person=editor, connection_id=connect(editor, away, now), now=now)
    forgetting.want(person=editor, connection_id=connect(editor, peer, now), now=now)

    forgetting.ask_all(now=now)

    states = {one.node: one.state for one in connections(editor)}
    assert states == {away.name: "forgetting", peer.name: "forgotten"}


def test_a_node_that_is_no_peer_any_more_is_not_asked(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    forgetting.want(person=editor, connection_id=connect(editor, peer, now), now=now)
    Peer.objects.update(state=Peer.State.REFUSED)

    forgetting.ask_all(now=now)

    assert peer.asked_to_forget == []


def test_who_waits_to_be_forgotten_does_not_agree_anew_and_then_is_somebody_else(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    made = connect(editor, peer, now)
    forgetting.want(person=editor, connection_id=made, now=now)
    with pytest.raises(StillForgetting):
        connect(editor, peer, now)
    forgetting.ask_all(now=now)

    connect(editor, peer, now)

    new, old = connections(editor)
    assert (new.state, old.state) == ("live", "forgotten")
    assert new.subject != old.subject


def test_nobody_ends_or_forgets_for_somebody_else(
    academy: Institution, peer: HomeNode, editor: Person, now: datetime
) -> None:
    made = connect(editor, peer, now)
    administrator = person(academy, "admin@hub.example", "Admin One", "administrator")

    with pytest.raises(NotConnected):
        end(person=administrator, connection_id=made, now=now)
    with pytest.raises(NotConnected):
        forgetting.want(person=administrator, connection_id=made, now=now)


def test_two_nodes_know_a_person_by_nothing_in_common(
    peer: HomeNode, editor: Person, now: datetime
) -> None:
    connect(editor, peer, now)
    agree(person=editor, node="dushanbe.chorsu.example", claims=[], position="", now=now)

    first, second = (one.subject for one in connections(editor))
    assert first != second
    assert str(editor.pk) not in (first, second)


def test_a_subject_of_another_form_can_not_be_asked_for() -> None:
    with pytest.raises(WireError, match="identity-malformed"):
        encode_forget("a person")
