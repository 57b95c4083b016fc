"""The page of the node's own key, and what pages tell of keys that were changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from chorsu.exchange import actions, keys
from chorsu.exchange.models import Peer
from chorsu.flows.rekeying import change_key
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.wire.succession import parse_chain
from tests.memory_node import MemoryNode
from tests.web.test_peers import text

pytestmark = pytest.mark.usefixtures("own_folder", "empty_queue")
PAGE = "/en/node/key/"


@pytest.fixture
def own_folder(db: None, settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def administrator(academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    return person


@pytest.fixture
def peer(now: datetime) -> MemoryNode:
    node = MemoryNode("beijing.chorsu.example", now=lambda: now)
    actions.add_peer(document=node.document(), now=now)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now - timedelta(days=9))
    return node


def test_only_administrators_see_and_change_the_key(client: Client, editor: Person) -> None:
    before = keys.signing_key()
    assert client.get(PAGE).status_code == 302
    client.force_login(editor)
    assert client.get(PAGE).status_code == 403
    answer = client.post(PAGE, {"why": "rotated", "meant": "on"})
    assert (answer.status_code, keys.signing_key()) == (403, before)


@pytest.mark.parametrize("why", ["rotated", "revoked"])
def test_an_administrator_changes_the_key(client: Client, administrator: Person, why: str) -> None:
    client.force_login(administrator)
    old = keys.signing_key()
    answer = client.post(PAGE, {"why": why, "meant": "on"}, follow=True)
    new = keys.signing_key()
    page = answer.content.decode()
    assert "The key was changed." in page
    assert new.fingerprint in page
    assert old.fingerprint in page.partition("Earlier keys")[2]
    assert [one.why for one in parse_chain(client.get("/exchange/keys").content)] == [why]
    event = AuditEvent.objects.get(action="key.changed")
    assert (event.person, event.detail["why"]) == (administrator, why)


@pytest.mark.parametrize(
    "typed", [{"why": "rotated"}, {"meant": "on"}, {"why": "x", "meant": "on"}]
)
def test_a_key_is_not_changed_by_half_a_word(
    client: Client, administrator: Person, typed: dict[str, str]
) -> None:
    client.force_login(administrator)
    before = keys.signing_key()
    answer = client.post(PAGE, typed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert keys.signing_key() == before


def test_everybody_sees_that_and_why_the_key_was_changed(
    client: Client, academy: Institution, now: datetime
) -> None:
    old = keys.signing_key()
    assert "Key changed" not in text(client, "/en/node/")
    change_key(revoked=True, by=None, now=now)
    page = text(client, "/en/node/")
    assert "Key changed" in page
    assert keys.signing_key().fingerprint in page
    assert old.fingerprint in page.partition("Earlier keys")[2]
    assert "Revoked: it may be in other hands" in page


def test_a_stopped_log_offers_no_regular_change(client: Client, administrator: Person) -> None:
    client.force_login(administrator)
    actions.stop_log(note=b"evidence")
    page = text(client, PAGE)
    assert "chorsu keys rotate --revoked" in page
    assert '<button class="button button--danger">Change the key' not in page
    answer = client.post(PAGE, {"why": "rotated", "meant": "on"})
    assert answer.status_code == 503


def test_a_peers_page_tells_how_it_came_to_its_key(
    client: Client, administrator: Person, peer: MemoryNode
) -> None:
    client.force_login(administrator)
    address = f"/en/node/peers/{peer.name}/"
    assert "compared and confirmed it." in text(client, address)
    made = peer.change_key()
    Peer.objects.update(vkey=peer.key.vkey, successions=made.note)
    page = text(client, address)
    assert "The key that an administrator here compared has signed this one." in page
    assert made.new.fingerprint in page
    assert made.old.fingerprint in page.partition("Earlier keys")[2]
    assert "Key changed" in text(client, "/en/node/")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("old-key", "signed with a key that it had replaced"),
        ("two-successors", "replaced twice, by two different keys"),
    ],
)
def test_what_happened_to_a_key_is_told_with_how_to_go_on(
    client: Client, administrator: Person, peer: MemoryNode, now: datetime, code: str, words: str
) -> None:
    actions.set_aside(name=peer.name, code=code, evidence="two notes", now=now)
    client.force_login(administrator)
    page = text(client, f"/en/node/peers/{peer.name}/")
    assert words in page
    assert "by telephone" in page
    assert "two notes" in page
    assert "Trust it again" in page


def test_the_audit_log_tells_of_changed_keys(
    client: Client, administrator: Person, now: datetime
) -> None:
    change_key(revoked=False, by=administrator, now=now)
    client.force_login(administrator)
    assert "Key of this node changed" in text(client, "/en/audit/")
