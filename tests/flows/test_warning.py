"""What only a person can put right is mailed to each administrator of the node, once."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.exchange import actions, queries
from chorsu.exchange.models import Peer
from chorsu.flows import warning
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from tests.flows.remote import publish
from tests.memory_node import MemoryNode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queue")]


def person(academy: Institution, name: str, language: str, role: str = "administrator") -> Person:
    made = Person.objects.create_user(f"{name}@hub.example", "correct horse", name=name)
    made.languages = [language] if language else []
    made.save()
    Membership.objects.create(person=made, institution=academy, role=role)
    return made


def do_waiting() -> int:
    """What a worker does with the jobs of this flow; how many mails."""
    sent = 0
    for _ in range(2):
        waiting = list(
            ProcrastinateJob.objects.filter(
                task_name__in=[warning.WARN_JOB, warning.MAIL_JOB]
            ).values_list("id", "task_name", "args")
        )
        ProcrastinateJob.objects.filter(id__in=[number for number, _, _ in waiting]).delete()
        for _, task, said in waiting:
            if task == warning.WARN_JOB:
                warning.warn_all(**said)
            else:
                rest = {key: value for key, value in said.items() if key != "person"}
                sent += warning.warn(person_id=int(said["person"]), **rest)
    return sent


def test_each_administrator_is_mailed_once_in_their_language_when_a_peer_is_set_aside(
    academy: Institution, beijing: MemoryNode, now: datetime
) -> None:
    for name, language in (("aigul", "kk"), ("wei", "zh-Hans"), ("eve", "en")):
        person(academy, name, language)
    person(academy, "learner", "en", role="editor")
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.fork()
    for _ in range(2):
        pull(peer_name=beijing.name, now=now)
    assert Peer.objects.get().state == "set-aside"
    assert do_waiting() == 3
    told = {one.to[0]: one for one in mail.outbox}
    assert sorted(told) == ["aigul@hub.example", "eve@hub.example", "wei@hub.example"]
    english = told["eve@hub.example"]
    assert english.subject == f"Peer set aside · {beijing.name}"
    assert "The node has signed two different logs." in english.body
    assert "Speak with the administrator of that node by telephone." in english.body
    assert f"{settings.NODE_ADDRESS}/en/node/peers/{beijing.name}/" in english.body
    assert f"/zh-hans/node/peers/{beijing.name}/" in told["wei@hub.example"].body
    assert f"/kk/node/peers/{beijing.name}/" in told["aigul@hub.example"].body
    assert len({one.body for one in told.values()}) == 3
    assert len({one.extra_headers["Message-ID"] for one in told.values()}) == 3


def test_who_reads_no_language_in_particular_is_written_to_in_the_node_s(
    academy: Institution, beijing: MemoryNode, now: datetime
) -> None:
    somebody = person(academy, "somebody", "")
    at = now.isoformat()
    assert warning.warn(person_id=somebody.pk, code="fork", peer=beijing.name, at=at)
    (one,) = mail.outbox
    node_language = settings.NODE.text("node.language").lower()
    assert f"/{node_language}/node/peers/{beijing.name}/" in one.body


@pytest.mark.parametrize("code", ["seen-by-peer", "signed-more", "key-replaced"])
def test_a_stop_of_the_own_log_is_told_with_what_to_do(
    academy: Institution, now: datetime, code: str
) -> None:
    one = person(academy, "eve", "en")
    assert warning.warn(person_id=one.pk, code=code, peer="x.example", at=now.isoformat())
    (told,) = mail.outbox
    assert told.subject == f"Publishing is stopped · {settings.NODE_NAME}"
    assert "nothing more is published." in told.body
    assert "An administrator " in told.body
    assert f"{settings.NODE_ADDRESS}/en/node/" in told.body


def test_one_who_administers_no_more_is_not_mailed(academy: Institution, now: datetime) -> None:
    one = person(academy, "eve", "en")
    Membership.objects.all().delete()
    assert not warning.warn(person_id=one.pk, code="fork", peer="x", at=now.isoformat())
    assert mail.outbox == []


def test_nobody_is_told_twice_of_a_log_that_is_stopped_already(
    academy: Institution, beijing: MemoryNode, now: datetime
) -> None:
    person(academy, "eve", "en")
    actions.stop_log(note=b"evidence")
    pull(peer_name=beijing.name, now=now)
    assert queries.feed_size() == 0
    assert do_waiting() == 0
