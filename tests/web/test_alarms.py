"""Every page tells the administrators of the node what only they can put right, and nobody else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chorsu.exchange import actions, keys
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.web.alarms import NAMED
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.django_db
PAGE = "/en/institutions/"
NAME = "beijing.chorsu.example"


def sign_in(academy: Institution, role: str) -> Client:
    person = Person.objects.create_user(f"{role}@hub.example", "correct horse", name=role)
    Membership.objects.create(person=person, institution=academy, role=role)
    client = Client()
    client.force_login(person)
    return client


def set_aside(name: str, now: datetime) -> None:
    node = MemoryNode(name)
    actions.add_peer(document=node.document(), now=now)
    actions.confirm_peer(name=name, vkey=node.key.vkey, now=now)
    assert actions.set_aside(name=name, code="fork", evidence="two notes", now=now)


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def queries_of(client: Client) -> int:
    page(client)
    with CaptureQueriesContext(connection) as asked:
        page(client)
    return len(asked)


def test_administrators_are_told_of_a_peer_set_aside_until_it_is_dealt_with(
    academy: Institution, now: datetime
) -> None:
    client = sign_in(academy, "administrator")
    assert "Peer set aside" not in page(client)
    set_aside(NAME, now)
    assert f'<a href="/en/node/peers/{NAME}/">{NAME}</a>' in page(client)
    actions.trust_again(name=NAME)
    assert "Peer set aside" not in page(client)


def test_administrators_are_told_that_publishing_is_stopped(academy: Institution) -> None:
    client = sign_in(academy, "administrator")
    assert "Publishing is stopped" not in page(client)
    actions.stop_log(note=b"evidence")
    assert "Publishing is stopped" in page(client)


def test_a_few_peers_are_named_and_the_list_shows_the_others(
    academy: Institution, now: datetime
) -> None:
    client = sign_in(academy, "administrator")
    for number in range(NAMED):
        set_aside(f"n{number}.chorsu.example", now)
    assert "All peers" not in page(client)
    set_aside("other.chorsu.example", now)
    shown = page(client)
    assert '<a href="/en/node/peers/">All peers</a>' in shown
    assert "other.chorsu.example" not in shown


@pytest.mark.parametrize("role", ["editor", ""])
def test_nobody_else_is_told_and_no_query_made_for_it(
    academy: Institution, now: datetime, role: str
) -> None:
    client = sign_in(academy, role) if role else Client()
    before = queries_of(client)
    set_aside(NAME, now)
    actions.stop_log(note=b"evidence")
    shown = page(client)
    assert "Peer set aside" not in shown
    assert "Publishing is stopped" not in shown
    assert queries_of(client) == before


def test_telling_costs_an_administrator_s_page_one_query(
    academy: Institution, now: datetime
) -> None:
    set_aside(NAME, now)
    told = queries_of(sign_in(academy, "administrator"))
    assert told - queries_of(sign_in(academy, "editor")) <= 2


def test_a_damaged_key_file_leaves_administrators_their_pages(
    academy: Institution, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    client = sign_in(academy, "administrator")
    keys.signing_key()
    keys.key_path().write_text("damaged")
    assert "Publishing is stopped" in page(client)
    assert "The key of this node cannot be read" in client.get("/en/node/").content.decode()
