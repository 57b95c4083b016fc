"""Parts of pages: what htmx gets of an address, and that caches keep it apart from the page."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from chorsu.exchange import actions
from chorsu.exchange.models import Peer
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.search.errors import SearchTooSlow
from chorsu.web import search as search_page
from tests.memory_node import MemoryNode
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]
MAX_BYTES = 100_000
LISTS = ("/en/search/", "/en/practices/")


@pytest.fixture
def _published(academy: Institution, now: datetime) -> None:
    load_institutions(now=now)
    publish(now)


def part(client: Client, address: str, **headers: str) -> HttpResponse:
    return client.get(address, headers={"HX-Request": "true", **headers})


def html(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize("address", LISTS)
def test_htmx_gets_the_list_alone_and_what_to_say(client: Client, address: str) -> None:
    page, alone = html(client.get(address)), html(part(client, address))
    assert "<html" not in alone
    assert 'id="count"' in alone
    assert f"/en/practices/{ID}/" in alone
    assert re.search(r'<p id="said" hx-swap-oob="innerHTML">1 practice ?</p>', alone)
    # What stands in the page is what is put into it.
    assert alone.partition('<p id="said"')[0].strip() in page
    assert '<p class="visually-hidden" id="said" role="status"></p>' in page


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize("address", LISTS)
def test_going_back_gets_the_list_and_nothing_to_say(client: Client, address: str) -> None:
    back = html(part(client, address, **{"HX-History-Restore-Request": "true"}))
    assert "<html" not in back
    assert 'id="count"' in back
    assert "said" not in back


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize("address", [*LISTS, "/en/node/"])
def test_page_and_part_are_told_apart_and_a_part_is_not_kept(client: Client, address: str) -> None:
    page, alone = client.get(address), part(client, address)
    assert ("HX-Request" in page["Vary"], page["Cache-Control"]) == (True, "no-cache")
    assert ("HX-Request" in alone["Vary"], alone["Cache-Control"]) == (True, "no-store")


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize(("address", "queries"), [("/en/search/", 7), ("/en/practices/", 6)])
def test_a_part_costs_no_more_than_its_page(
    client: Client, django_assert_max_num_queries: Count, address: str, queries: int
) -> None:
    client.get(address)
    with django_assert_max_num_queries(queries):
        part(client, address)


@pytest.mark.usefixtures("_published")
def test_a_search_that_takes_too_long_says_so_in_its_place(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_named: object) -> None:
        raise SearchTooSlow("certificates")

    monkeypatch.setattr(search_page, "find", slow)
    answer = part(client, "/en/search/?q=certificates")
    assert (answer.status_code, "<html" in html(answer)) == (503, False)
    assert '<p id="said" hx-swap-oob="innerHTML">This search took too long</p>' in html(answer)


@pytest.mark.usefixtures("_published")
def test_an_odd_value_has_an_id_all_the_same(client: Client) -> None:
    shown = html(client.get("/en/search/", {"theme": 'a "b"/<c> 村'}))
    assert 'id="theme-a%20%22b%22%2F%3Cc%3E%20%E6%9D%91"' in shown


@pytest.mark.usefixtures("_published")
@pytest.mark.parametrize("address", LISTS)
def test_a_page_with_htmx_weighs_less_than_100_kb(client: Client, address: str) -> None:
    shown = client.get(address).content
    total = len(gzip.compress(shown))
    for name in re.findall(r'(?:href|src)="/static/([^"]+)"', shown.decode()):
        plain = re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", name)
        path = finders.find(plain)
        assert path
        with open(path, "rb") as file:
            total += len(gzip.compress(file.read()))
    assert "django_htmx/htmx-2.min" in shown.decode()
    assert total < MAX_BYTES


@pytest.mark.usefixtures("_published")
def test_only_pages_that_use_htmx_load_it(client: Client) -> None:
    for address in ("/en/", f"/en/practices/{ID}/", "/en/institutions/", "/en/node/"):
        assert "htmx" not in client.get(address).content.decode()


@pytest.fixture
def peer(academy: Institution, now: datetime) -> Peer:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    with node.serve():
        actions.add_peer(document=node.document(), now=now)
        actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    Peer.objects.update(
        verified_size=640, offered_size=1204, looked_at=now, answered_at=now, confirmed_by_peer=True
    )
    return Peer.objects.get()


@pytest.fixture
def administrator(client: Client, academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return person


PEER_PAGES = ("/en/node/", "/en/node/peers/", "/en/node/peers/beijing.chorsu.example/")


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("address", PEER_PAGES)
def test_a_peer_that_is_read_is_watched_until_it_is_in_sync(
    client: Client, peer: Peer, address: str
) -> None:
    page = html(client.get(address))
    assert f'id="watched" data-poll hx-get="{address}"' in page
    assert '<progress value="640" max="1204" aria-label="Verified entries">' in page
    assert "htmx-2.min" in page

    Peer.objects.update(verified_size=1100)
    under_way = html(part(client, address))
    assert "<html" not in under_way
    assert 'id="watched" data-poll' in under_way
    assert "1,100 of 1,204" in under_way
    assert "said" not in under_way

    Peer.objects.update(verified_size=1204)
    done = html(part(client, address))
    assert "data-poll" not in done
    assert 'hx-swap-oob="innerHTML"><span lang="en">beijing.chorsu.example</span>: In sync.' in done
    assert "htmx" not in html(client.get(address))


@pytest.mark.usefixtures("administrator")
def test_in_trouble_nothing_is_watched(client: Client, peer: Peer) -> None:
    Peer.objects.update(trouble="unreachable")
    for address in PEER_PAGES:
        assert "data-poll" not in html(client.get(address))


@pytest.mark.usefixtures("administrator", "empty_queue")
def test_a_look_that_was_asked_for_is_waited_for(client: Client, peer: Peer) -> None:
    Peer.objects.update(verified_size=1204)
    asked = client.post(PEER_PAGES[2] + "decide/", {"decision": "look"})["Location"]
    assert re.fullmatch(re.escape(PEER_PAGES[2]) + r"\?asked=\d+", asked)
    assert "data-poll" in html(part(client, asked))
    when = int(asked.rpartition("=")[2])
    Peer.objects.update(looked_at=datetime.fromtimestamp(when).astimezone() + timedelta(seconds=1))
    assert "data-poll" not in html(part(client, asked))


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("asked", ["", "x", "-1", "²", "1", "99999999999", "9" * 30])
def test_a_look_of_another_day_is_not_waited_for(client: Client, peer: Peer, asked: str) -> None:
    Peer.objects.update(verified_size=1204)
    assert "data-poll" not in html(client.get(PEER_PAGES[2], {"asked": asked}))


def test_the_node_page_asks_no_more_for_a_part(
    client: Client, peer: Peer, django_assert_max_num_queries: Count
) -> None:
    with django_assert_max_num_queries(8):
        part(client, "/en/node/")
