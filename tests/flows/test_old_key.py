"""A node put back with a key that it had replaced learns it from a peer, and publishes nothing."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from chorsu.exchange import actions, keys, queries, witnesses
from chorsu.exchange.actions import LogStopped
from chorsu.exchange.models import Feed
from chorsu.flows import restoring
from chorsu.flows.pulling import pull
from chorsu.flows.rekeying import change_key
from chorsu.flows.restoring import NotRestored
from chorsu.flows.witnessing import ask_before_start
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.jobs.doctor import examine
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.wire.keys import SigningKey
from chorsu.wire.succession import parse_chain, print_chain, sign_succession
from tests.bundles import Stick
from tests.flows.remote import row
from tests.flows.test_unpacking import carry, refusal
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("own_data")


def publish(now: datetime) -> None:
    with transaction.atomic():
        actions.append(
            kind="practice", record_id=new_id(), revision=1, action="publish", audience="public",
            payload=b"{}", now=now,
        )  # fmt: skip


@pytest.fixture
def peer(own_data: None, beijing: MemoryNode, now: datetime) -> MemoryNode:
    """A peer that has seen this node's log under a key that is no more at hand: the folder of keys
    and the database are those of the day before the change.
    """
    publish(now)
    folder = keys.key_path().parent
    shutil.copytree(folder, folder.with_name("keys-kept"))
    old = Feed.objects.values().get()
    change_key(revoked=False, by=None, now=now)
    beijing.see(queries.checkpoint())
    beijing.known_chains[str(settings.NODE_NAME)] = print_chain(keys.chain())
    shutil.move(folder, folder.with_name("keys-newest"))
    shutil.copytree(folder.with_name("keys-kept"), folder)
    Feed.objects.update(**{name: old[name] for name in ("size", "range", "checkpoint")})
    AuditEvent.objects.all().delete()
    return beijing


def put_newest_keys_back() -> None:
    folder = keys.key_path().parent
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("keys-newest"), folder)


def is_refused(now: datetime) -> bool:
    try:
        publish(now)
    except LogStopped:
        return True
    return False


def test_it_is_learnt_at_a_look_and_nothing_more_is_signed_by_the_old_key(
    peer: MemoryNode, now: datetime
) -> None:
    assert not witnesses.stopped()
    pull(peer_name=peer.name, now=now)
    found = witnesses.key_replaced()
    assert found is not None
    assert found.old == keys.signing_key().verify_key
    assert is_refused(now)
    assert Client().get("/exchange/checkpoint").status_code == 503
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("key.replaced-elsewhere", peer.name)
    # Known once, told once; and the look itself went well.
    pull(peer_name=peer.name, now=now)
    assert (AuditEvent.objects.count(), row(peer).trouble) == (1, "")


def test_it_is_learnt_at_the_start_before_anything_is_published(
    peer: MemoryNode, now: datetime
) -> None:
    ask_before_start(now=now)
    assert witnesses.key_replaced() is not None
    assert is_refused(now)


def test_also_from_a_peer_that_has_set_this_node_aside(peer: MemoryNode, now: datetime) -> None:
    peer.seen.clear()
    pull(peer_name=peer.name, now=now)
    assert is_refused(now)


def test_a_bundle_tells_it_as_the_network_does(
    peer: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    peer.requests.clear()
    part = Stick(peer, now).part()
    asked_to_make_it = list(peer.requests)
    taken = carry(part, tmp_path, now)
    assert peer.requests == asked_to_make_it, "nothing goes over the network"
    assert (taken.stopped, taken.trouble, taken.damaged) == (True, "", [])
    assert is_refused(now)
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("key.replaced-elsewhere", peer.name)
    # Known once, told once; it goes on by itself, and the same file stops nothing then.
    carry(part, tmp_path, now)
    assert AuditEvent.objects.count() == 1
    put_newest_keys_back()
    assert carry(part, tmp_path, now).stopped is False
    assert not is_refused(now)


def test_a_bundle_whose_log_cannot_be_believed_tells_it_all_the_same(
    peer: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    peer.key = SigningKey.generate(peer.name)
    assert refusal(Stick(peer, now).part(), tmp_path, now).code == "wrong-key"
    assert is_refused(now)


def test_it_goes_on_by_itself_once_the_newest_keys_are_there(
    peer: MemoryNode, now: datetime
) -> None:
    pull(peer_name=peer.name, now=now)
    put_newest_keys_back()
    assert witnesses.key_replaced() is None
    assert not is_refused(now)
    pull(peer_name=peer.name, now=now)
    assert not witnesses.stopped()


def test_a_key_that_was_replaced_is_not_changed_but_as_one_in_other_hands(
    peer: MemoryNode, now: datetime
) -> None:
    pull(peer_name=peer.name, now=now)
    with pytest.raises(LogStopped):
        change_key(revoked=False, by=None, now=now)
    change_key(revoked=True, by=None, now=now)
    assert witnesses.key_replaced() is None
    assert not is_refused(now)
    # The peer's chain contradicts the new one, and says nothing here any more: people decide.
    pull(peer_name=peer.name, now=now)
    assert not is_refused(now)


def test_restoring_waits_for_the_newest_keys(peer: MemoryNode, now: datetime) -> None:
    pull(peer_name=peer.name, now=now)
    with pytest.raises(NotRestored) as caught:
        restoring.restore(clock=utc_now, progress=lambda done, total: None)
    assert caught.value.code == "key-replaced"


@pytest.mark.parametrize("lie", ["of-a-thief", "of-another-node", "nonsense", "none"])
def test_a_peer_that_lies_stops_nothing(
    beijing: MemoryNode, tmp_path: Path, now: datetime, lie: str
) -> None:
    publish(now)
    own = keys.signing_key().name
    made = {
        "of-a-thief": (SigningKey.generate(own), SigningKey.generate(own)),
        "of-another-node": (beijing.key, SigningKey.generate(beijing.name)),
    }
    chains = {"nonsense": b"replaced", "none": b""}
    for name, (old, new) in made.items():
        one = sign_succession(old, new, size=1, root=bytes(32), time=now, why="rotated")
        chains[name] = one.note
    beijing.known_chains[own] = chains[lie]
    pull(peer_name=beijing.name, now=now)
    ask_before_start(now=now)
    taken = carry(Stick(beijing, now).part(), tmp_path, now)
    assert (taken.stopped, taken.trouble) == (False, "")
    assert not is_refused(now)
    assert ("GET", f"/exchange/keys/{own}") in beijing.requests


def test_administrators_are_told_on_the_page_and_by_the_doctor(
    peer: MemoryNode, academy: Institution, client: Client, now: datetime
) -> None:
    pull(peer_name=peer.name, now=now)
    found = witnesses.key_replaced()
    assert found is not None
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    page = " ".join(client.get("/en/node/").content.decode().split())
    assert "The key of this node was replaced by a newer one" in page
    assert found.new.fingerprint in page
    assert "puts the newest copy of the folder data/keys in place" in page
    keys.key_path().with_name("secret_key").touch(mode=0o600)
    said = {one.check: one for one in examine(now=now) if one.level == "wrong"}
    assert found.new.fingerprint in said["keys"].what
    assert "data/keys" in said["keys"].advice
    assert "replaced" in said["log"].what


def test_what_is_known_of_a_peers_keys_is_served(beijing: MemoryNode, now: datetime) -> None:
    path = f"/exchange/keys/{beijing.name}"
    assert Client().get(path).content == b""
    pull(peer_name=beijing.name, now=now)
    made = beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    assert parse_chain(Client().get(path).content) == (made,)
    actions.set_aside(name=beijing.name, code="old-key", evidence="", now=now)
    assert parse_chain(Client().get(path).content) == (made,)
    actions.refuse_peer(name=beijing.name)
    answer = Client().get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-witnessed")
