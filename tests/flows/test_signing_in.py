"""The teaching node takes in whom a home vouches for, once, for itself, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from chorsu.exchange import keys
from chorsu.exchange.models import Peer
from chorsu.institutions.actions import forget_guest, set_roles
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.institutions.queries import is_member, people, person_by_email, roles
from chorsu.wire.keys import SigningKey
from tests.flows.remote import make_peer
from tests.home_node import SUBJECT, HomeNode, later
from tests.practices.conftest import person

pytestmark = pytest.mark.usefixtures("academy")
NAME = "bishkek.chorsu.example"


@pytest.fixture
def home(db: None, now: datetime) -> Iterator[HomeNode]:
    """A confirmed peer whose people come here."""
    node = HomeNode(NAME, institutions=("kg-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


def depart(client: Client) -> str:
    answer = client.get(reverse("sign-in-depart", args=[NAME]), {"next": "/en/courses/"})
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(client: Client, carried: dict[str, str], name: str = NAME) -> HttpResponse:
    return client.get(reverse("sign-in-returned", args=[name]), carried)  # type: ignore[return-value]


def sign_in(home: HomeNode, client: Client | None = None) -> HttpResponse:
    client = client or Client()
    return come_back(client, home.allow(depart(client)))


def test_a_guest_is_known_by_what_the_home_tells_and_goes_on_where_they_wanted(
    home: HomeNode,
) -> None:
    home.claims |= {"name": "Айпери  Сыдыкова", "locale": "ky", "position": "leading"}

    answer = sign_in(home)

    assert (answer.status_code, answer["Location"]) == (302, "/en/courses/")
    guest = Person.objects.get()
    assert (guest.home, guest.home_subject, guest.email) == (NAME, SUBJECT, "")
    assert (guest.name, guest.languages) == ("Айпери Сыдыкова", ["ky"])
    assert guest.told == {"position": "leading", "language": "ky"}
    assert not guest.has_usable_password()


def test_a_guest_stays_signed_in_where_they_were(home: HomeNode) -> None:
    first = Client()
    sign_in(home, first)
    assert first.get("/en/learning/").status_code == 200

    sign_in(home)

    assert first.get("/en/learning/").status_code == 200


def test_what_is_no_longer_told_is_no_longer_kept(home: HomeNode) -> None:
    home.claims |= {"name": "Айпери", "email": "a@kg.example", "locale": "ky"}
    sign_in(home)
    home.claims = {"sub": SUBJECT}

    sign_in(home)

    guest = Person.objects.get()
    assert (guest.name, guest.told, guest.languages) == ("", {}, [])


def test_another_language_told_takes_the_place_of_the_first_and_not_of_ones_own_choice(
    home: HomeNode,
) -> None:
    for told in ("ky", "ru"):
        home.claims |= {"locale": told}
        sign_in(home)
        assert Person.objects.get().languages == [told]
    Person.objects.update(languages=["tk", "ru"])
    for claims in ({**home.claims, "locale": "kk"}, {"sub": SUBJECT}):
        home.claims = claims
        sign_in(home)
        assert Person.objects.get().languages == ["tk", "ru"]


def test_the_log_names_a_guest_by_the_home_alone(home: HomeNode) -> None:
    home.claims |= {"name": "Айпери", "email": "a@kg.example"}

    sign_in(home)

    [event] = AuditEvent.objects.filter(subject_kind="guest")
    assert (event.action, event.actor, event.subject_id) == (
        "guest.welcomed",
        NAME,
        f"{SUBJECT} {NAME}",
    )
    assert event.detail == {}


def test_an_address_of_somebody_here_makes_a_guest_nobody_else(
    home: HomeNode, editor: Person
) -> None:
    home.claims |= {"email": editor.email}

    sign_in(home)

    assert person_by_email(editor.email) == editor
    assert Person.objects.filter(home=NAME).get() != editor


def test_a_guest_holds_no_role_and_is_listed_nowhere(
    home: HomeNode, academy: Institution, now: datetime
) -> None:
    administrator = person(academy, "admin@hub.example", "Admin One", "administrator")
    sign_in(home)
    guest = Person.objects.get(home=NAME)

    with pytest.raises(Person.DoesNotExist):
        set_roles(
            person_id=guest.pk, institution_id=academy.id, roles=["editor"], by=administrator,
            now=now,
        )  # fmt: skip
    Membership.objects.create(person=guest, institution=academy, role="administrator")
    assert roles(guest, academy.id) == set()
    assert not is_member(guest)
    Membership.objects.all().delete()
    assert guest.pk not in [one.id for one in people(academy.id)]


def test_the_database_refuses_a_guest_with_an_address(home: HomeNode) -> None:
    sign_in(home)

    with pytest.raises(IntegrityError, match="person_guest_or_own"), transaction.atomic():
        Person.objects.filter(home=NAME).update(email="a@kg.example")


def test_pages_that_would_make_a_guest_somebody_of_this_node_are_closed(home: HomeNode) -> None:
    client = Client()
    sign_in(home, client)

    closed = ["account_set_password", "account_email", "mfa_index", "mfa_activate_totp"]
    assert [client.get(reverse(name)).status_code for name in closed] == [403] * 4
    assert client.get(reverse("account")).status_code == 200
    assert client.get(reverse("connections")).status_code == 404
    assert client.get(reverse("account_logout")).status_code == 200


def _spoil(**claims: object) -> Callable[[HomeNode], None]:
    def spoil(home: HomeNode) -> None:
        home.claims |= claims

    return spoil


def _other_rsa_key(home: HomeNode) -> None:
    home.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _other_node_key(home: HomeNode) -> None:
    home.vouches_with = SigningKey.generate(NAME)


def _unsigned(home: HomeNode) -> None:
    home.algorithm = "none"


def _times(issued: int, expires: int) -> Callable[[HomeNode], None]:
    def spoil(home: HomeNode) -> None:
        home.claims |= {"iat": later(home.now(), issued), "exp": later(home.now(), expires)}

    return spoil


ATTACKS = {
    "another nonce": _spoil(nonce="of another sign-in"),
    "no nonce": _spoil(nonce=None),
    "another audience": _spoil(aud="beijing.chorsu.example"),
    "two audiences": _spoil(aud=["hub.chorsu.example", "beijing.chorsu.example"]),
    "another issuer": _spoil(iss="https://beijing.chorsu.example"),
    "no subject": _spoil(sub=None),
    "a subject that is a number": _spoil(sub=7),
    "a subject with a space": _spoil(sub="a person of this home"),
    "a short subject": _spoil(sub="7"),
    "old": _times(-900, -840),
    "expired": _times(-300, -240),
    "from the future": _times(600, 660),
    "times that are words": _spoil(iat="now", exp="soon"),
    "signed with another RSA key": _other_rsa_key,
    "keys vouched for by another node key": _other_node_key,
    "not signed": _unsigned,
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_a_token_that_does_not_hold_signs_nobody_in(
    home: HomeNode, attack: Callable[[HomeNode], None]
) -> None:
    attack(home)
    client = Client()

    answer = sign_in(home, client)

    assert answer.status_code == 502
    assert not Person.objects.exists()
    assert "_auth_user_id" not in client.session


def test_an_answer_counts_in_the_browser_that_asked_and_once(home: HomeNode) -> None:
    asked, other = Client(), Client()
    carried = home.allow(depart(asked))
    depart(other)

    assert come_back(other, carried).status_code == 403
    assert come_back(Client(), carried).status_code == 403
    assert come_back(asked, {**carried, "state": "another"}).status_code == 403
    # What was kept is used up by the wrong answer too.
    assert come_back(asked, carried).status_code == 403
    assert not Person.objects.exists()


def test_the_answer_of_one_home_does_not_pass_for_anothers(home: HomeNode) -> None:
    client = Client()
    carried = home.allow(depart(client))

    assert come_back(client, carried, "beijing.chorsu.example").status_code == 403
    assert not Person.objects.exists()


def test_who_took_too_long_begins_again(home: HomeNode) -> None:
    client = Client()
    carried = home.allow(depart(client))
    session = client.session
    kept = session["chorsu-signing-in"]
    kept["at"] = (datetime.fromisoformat(kept["at"]) - timedelta(minutes=11)).isoformat()
    session["chorsu-signing-in"] = kept
    session.save()

    assert come_back(client, carried).status_code == 403
    assert not Person.objects.exists()


def test_nobody_is_sent_to_a_node_that_is_no_peer_or_reached_by_bundles(home: HomeNode) -> None:
    depart(Client())
    Peer.objects.update(carried=True)
    assert Client().get(reverse("sign-in-depart", args=[NAME])).status_code == 404
    Peer.objects.update(carried=False, state=Peer.State.REFUSED)
    assert Client().get(reverse("sign-in-depart", args=[NAME])).status_code == 404


def test_a_peer_refused_meanwhile_signs_nobody_in(home: HomeNode) -> None:
    client = Client()
    carried = home.allow(depart(client))
    Peer.objects.update(state=Peer.State.REFUSED)

    assert come_back(client, carried).status_code == 403
    assert not Person.objects.exists()


def test_the_way_onward_stays_at_this_node(home: HomeNode) -> None:
    client = Client()
    for wanted in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
        answer = client.get(reverse("sign-in-depart", args=[NAME]), {"next": wanted})
        assert answer.status_code == 302
        assert client.session["chorsu-signing-in"]["onward"] == reverse("learning")


def test_a_forgotten_or_shut_out_guest_does_not_come_back(home: HomeNode, now: datetime) -> None:
    sign_in(home)
    Person.objects.update(is_active=False)
    assert sign_in(home).status_code == 403
    forget_guest(node=NAME, subject=SUBJECT, now=now)

    assert sign_in(home).status_code == 403
    assert not Person.objects.exists()
