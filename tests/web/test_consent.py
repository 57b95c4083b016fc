"""At home: a peer learns of a person what they agreed to, by a code that is worth nothing else."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chorsu.exchange import keys
from chorsu.exchange.models import Peer
from chorsu.flows import forgetting
from chorsu.institutions.actions.connections import end
from chorsu.institutions.connections import connections, wanting_results, wanting_transcripts
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.wire.identity import (
    CLAIMS,
    KEYS_PATH,
    TOKEN_PATH,
    Identity,
    challenge,
    open_keys,
    read_id_token,
)
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("academy")
VERIFIER = "v" * 43


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture
def teaching(db: None, now: datetime) -> MemoryNode:
    """A confirmed peer that asks who somebody is."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    make_peer(node, now)
    return node


@pytest.fixture
def browser(editor: Person) -> Client:
    """Of a person who is signed in at home."""
    client = Client()
    client.force_login(editor)
    return client


def question(node: MemoryNode) -> str:
    asked = {
        "response_type": "code",
        "client_id": node.name,
        "redirect_uri": f"{node.address}/sign-in/returned/{settings.NODE_NAME}",
        "scope": " ".join(("openid", *CLAIMS)),
        "state": "of-this-sign-in",
        "nonce": "of-this-sign-in-too",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    return f"{reverse('sign-in-allow')}?{urlencode(asked)}"


def agree(
    browser: Client, node: MemoryNode, *claims: str, position: str = "", action: str = "grant"
) -> HttpResponse:
    address = question(node)
    page = browser.get(address).content.decode()
    asked = re.search(r'name="request" value="([^"]+)"', page)
    assert asked is not None
    said = {"request": unescape(asked[1]), "claims": claims, "position": position}
    return browser.post(address, {**said, "action": action})  # type: ignore[return-value]


def code_of(answer: HttpResponse) -> str:
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)["code"][0]


def redeem(node: MemoryNode, code: str, key: SigningKey | None = None, **more: str) -> HttpResponse:
    given = {
        "grant_type": "authorization_code",
        "client_id": node.name,
        "redirect_uri": f"{node.address}/sign-in/returned/{settings.NODE_NAME}",
        "code": code,
        "code_verifier": VERIFIER,
    } | more
    body = urlencode(given).encode()
    url = settings.NODE_ADDRESS + TOKEN_PATH
    signed = sign_request(key or node.key, "POST", url, body, utc_now(), secrets.token_hex(16))
    return Client().post(  # type: ignore[return-value]
        TOKEN_PATH, body, content_type="application/x-www-form-urlencoded", headers=signed
    )


def identity(node: MemoryNode, answer: HttpResponse) -> Identity:
    note = Client().get(KEYS_PATH).content
    return read_id_token(
        answer.json()["id_token"],  # type: ignore[attr-defined]
        open_keys(note, keys.signing_key().verify_key),
        issuer=settings.NODE_ADDRESS,
        audience=node.name,
        nonce="of-this-sign-in-too",
        now=utc_now(),
    )


def test_the_first_time_nothing_is_ticked_and_then_what_was_agreed(
    browser: Client, teaching: MemoryNode
) -> None:
    assert " checked" not in browser.get(question(teaching)).content.decode()

    agree(browser, teaching, "email")

    page = browser.get(question(teaching)).content.decode()
    assert re.findall(r'value="(\w+)" id="id_claims_\w+" checked', page) == ["email"]


@pytest.mark.parametrize(
    ("claims", "position"),
    [
        ((), ""),
        (("name",), ""),
        (("email", "language"), ""),
        ((), "leading"),
        (("name", "email", "language"), "leading"),
    ],
)
def test_a_peer_is_told_what_was_agreed_and_not_a_word_more(
    browser: Client,
    teaching: MemoryNode,
    editor: Person,
    claims: tuple[str, ...],
    position: str,
) -> None:
    Person.objects.update(languages=["ky"])

    answer = redeem(teaching, code_of(agree(browser, teaching, *claims, position=position)))

    known = {"name": editor.name, "email": editor.email, "language": "ky"}
    told = {claim: known[claim] if claim in claims else "" for claim in known}
    subject = connections(editor)[0].subject
    assert identity(teaching, answer) == Identity(subject, position=position, **told)
    token = answer.json()["id_token"]  # type: ignore[attr-defined]
    plain = jwt.decode(token, options={"verify_signature": False})
    words = str({name: plain[name] for name in plain if name != "sub"})
    assert [word for word in known if word not in claims and known[word] in words] == []


def test_no_token_but_that_one_leaves_or_stays(browser: Client, teaching: MemoryNode) -> None:
    answer = redeem(teaching, code_of(agree(browser, teaching)))

    assert answer.json().keys() == {"id_token", "token_type"}  # type: ignore[attr-defined]
    assert not Token.objects.exists()


def test_two_peers_know_a_person_by_different_names(
    browser: Client, teaching: MemoryNode, now: datetime
) -> None:
    other = MemoryNode("ashgabat.chorsu.example")
    make_peer(other, now)

    said = [
        identity(node, redeem(node, code_of(agree(browser, node)))).subject
        for node in (teaching, other, teaching)
    ]

    assert said[0] == said[2]
    assert said[0] != said[1]


def test_a_code_is_good_once(browser: Client, teaching: MemoryNode) -> None:
    code = code_of(agree(browser, teaching))

    assert [redeem(teaching, code).status_code for _ in range(2)] == [200, 400]


def test_a_code_is_good_for_the_peer_it_was_made_for(
    browser: Client, teaching: MemoryNode, now: datetime
) -> None:
    other = MemoryNode("ashgabat.chorsu.example")
    make_peer(other, now)
    code = code_of(agree(browser, teaching))

    # By its own name, and by that of the peer whose code it got hold of.
    assert redeem(other, code).status_code == 400
    assert redeem(teaching, code, other.key).status_code == 400
    assert redeem(teaching, code, SigningKey.generate(teaching.name)).status_code == 403
    assert redeem(teaching, code).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": "http://beijing.chorsu.example/elsewhere"},
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token"},
    ],
)
def test_a_code_takes_the_verifier_and_the_way_back_it_was_asked_with(
    browser: Client, teaching: MemoryNode, wrong: dict[str, str]
) -> None:
    code = code_of(agree(browser, teaching))

    assert redeem(teaching, code, **wrong).status_code == 400


def test_a_code_is_worth_nothing_once_the_person_ends_it(
    browser: Client, teaching: MemoryNode, editor: Person, now: datetime
) -> None:
    code = code_of(agree(browser, teaching))
    end(person=editor, connection_id=connections(editor)[0].id, now=now)

    assert redeem(teaching, code).status_code == 400


def test_a_code_of_somebody_shut_out_meanwhile_is_worth_nothing(
    browser: Client, teaching: MemoryNode
) -> None:
    code = code_of(agree(browser, teaching))
    Person.objects.update(is_active=False)

    assert redeem(teaching, code).status_code == 400


def test_a_peer_refused_meanwhile_gets_nothing(browser: Client, teaching: MemoryNode) -> None:
    code = code_of(agree(browser, teaching))
    Peer.objects.update(state=Peer.State.REFUSED)

    assert redeem(teaching, code).status_code == 403
    assert browser.get(question(teaching)).status_code == 400


def test_whoever_says_no_is_connected_with_nobody(
    browser: Client, teaching: MemoryNode, editor: Person
) -> None:
    answer = agree(browser, teaching, "name", action="deny")

    assert parse_qs(urlsplit(answer["Location"]).query) == {
        "error": ["access_denied"],
        "state": ["of-this-sign-in"],
    }
    assert connections(editor) == []


def test_another_site_agrees_for_nobody(teaching: MemoryNode, editor: Person) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(editor)
    page = browser.get(question(teaching)).content.decode()
    asked = re.search(r'name="request" value="([^"]+)"', page)
    assert asked is not None

    said = {"request": unescape(asked[1]), "action": "grant"}
    assert browser.post(question(teaching), said).status_code == 403
    assert connections(editor) == []


def test_who_waits_to_be_forgotten_there_is_told_so(
    browser: Client, teaching: MemoryNode, editor: Person, now: datetime
) -> None:
    agree(browser, teaching)
    forgetting.want(person=editor, connection_id=connections(editor)[0].id, now=now)

    assert agree(browser, teaching).status_code == 400
    assert len(connections(editor)) == 1


def test_results_without_a_certificate_are_asked_for_only_by_a_tick_of_their_own(
    browser: Client, teaching: MemoryNode, editor: Person
) -> None:
    agree(browser, teaching)
    assert wanting_transcripts(teaching.name) == []
    page = browser.get(question(teaching)).content.decode()
    asked = re.search(r'name="request" value="([^"]+)"', page)
    assert asked is not None
    said = {"request": unescape(asked[1]), "transcript": "on", "action": "grant"}
    assert browser.post(question(teaching), said).status_code == 302
    assert [one.node for one in wanting_transcripts(teaching.name)] == [teaching.name]
    assert wanting_results(teaching.name) == []
    again = browser.get(question(teaching)).content.decode()
    assert re.search(r'id="id_transcript"[^>]* checked', again)
    with override("en"):
        shown = browser.get(reverse("connections")).content.decode()
    assert "How your courses there ended is asked for by this node" in shown
