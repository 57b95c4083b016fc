"""The page on which an administrator has the node's log brought back from its peers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.exchange import actions, keys, queries, restorations
from chorsu.exchange.locks import only_one
from chorsu.exchange.restorations import Lost, Shown
from chorsu.flows import restoring, witnessing
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.kernel.clock import utc_now
from tests.flows.copies import give_copy, set_back
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode
from tests.web.library import ID, publish

pytestmark = pytest.mark.usefixtures("empty_queue")
PAGE = "/en/node/restore/"


@pytest.fixture
def administrator(academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    return person


@pytest.fixture
def beijing(db: None) -> Iterator[MemoryNode]:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, utc_now())
        yield node


def text(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_only_administrators_restore(client: Client, editor: Person) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(editor)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE).status_code == 403
    assert restorations.restoration() is None


def test_from_the_stopped_log_to_the_whole_one(
    client: Client,
    administrator: Person,
    beijing: MemoryNode,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with set_back():
        publish(now)
        give_copy(beijing)
    witnessing.ask_before_start(now=utc_now())
    client.force_login(administrator)
    node = client.get("/en/node/").content.decode()
    assert f'href="{PAGE}"' in node
    assert "Publishing is stopped" in text(client)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE)
        client.post(PAGE)
    assert ProcrastinateJob.objects.filter(task_name=restoring.JOB).count() == 1
    asked = AuditEvent.objects.get(action="log.restore-asked")
    assert asked.person == administrator
    assert "data-poll" in client.get(PAGE).content.decode()

    restoring.carry_out(clock=utc_now)
    page = text(client)
    assert "Publishing is stopped" not in page
    assert "Entries brought back 1" in page
    assert "1 entry" in page
    assert "data-poll" not in client.get(PAGE).content.decode()
    assert queries.feed_size() == 1
    restoring.carry_out(clock=utc_now)
    assert AuditEvent.objects.filter(action="log.restored").count() == 1, "done once"


def test_what_went_wrong_and_what_is_lost_is_told_in_words(
    client: Client, administrator: Person, now: datetime
) -> None:
    publish(now)
    actions.ask_restoration(now=now)
    actions.begin_restoration(peers=[Shown("beijing.chorsu.example", -1, "peer-lacks")], size=1)
    lost = [
        Lost(0, UUID(ID), "ab" * 32, 5, is_file=True, reason="peer-lacks"),
        Lost(0, UUID(ID), "cd" * 32, 5, is_file=False, reason="peer-erased"),
    ]
    actions.note_lost(record_id=UUID(ID), lost=lost)
    actions.fail_restoration(code="log-forked", detail="two notes", now=now)
    client.force_login(administrator)
    page = text(client)
    assert "two logs that contradict each other" in page
    assert "It has no copy of this node" in page
    assert "2 contents could not be brought back" in page
    assert "One window for all papers" in page
    assert "The node has erased this content." in page
    assert "two notes" in page


def test_the_page_asks_the_database_little(
    client: Client, administrator: Person, now: datetime, django_assert_max_num_queries: object
) -> None:
    publish(now)
    for number in range(30):
        key = UUID(int=number)
        gone = Lost(number, key, f"{number:064x}", 5, is_file=True, reason="peer-lacks")
        actions.note_lost(record_id=key, lost=[gone])
    client.force_login(administrator)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get(PAGE)


def test_a_peers_page_tells_who_else_has_seen_how_much(
    client: Client, administrator: Person, beijing: MemoryNode, now: datetime
) -> None:
    make_peer(MemoryNode("astana.chorsu.example"), now)
    actions.record_sighting(
        witness="astana.chorsu.example", subject=beijing.name, size=7, note=b"", seen_at=now,
        now=now,
    )  # fmt: skip
    client.force_login(administrator)
    page = text(client, f"/en/node/peers/{beijing.name}/")
    assert "Who else has seen how much of it" in page
    assert "7 entries, 0 here" in page


def test_one_that_was_killed_can_be_taken_up_again(
    client: Client, administrator: Person, now: datetime
) -> None:
    actions.ask_restoration(now=now)
    actions.begin_restoration(peers=[], size=3)
    client.force_login(administrator)
    with only_one(restoring.LOCK):
        page = client.get(PAGE).content.decode()
        assert "data-poll" in page
        assert "Ask the peers" not in page
        client.post(PAGE)
        assert not AuditEvent.objects.filter(action="log.restore-asked").exists()
    assert "Ask the peers again" in client.get(PAGE).content.decode()
    client.post(PAGE)
    last = restorations.restoration()
    assert last is not None
    assert last.state == restorations.State.WAITING
