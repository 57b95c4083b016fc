"""A log that shows each reader a straight history, and not the same one, is found out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from chorsu.exchange import keys, sightings
from chorsu.exchange.models import Peer, PeerSighting
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.keys import SigningKey
from tests.flows.remote import make_peer, publish, row
from tests.memory_node import MemoryNode


@pytest.fixture
def astana(db: None, now: datetime) -> Iterator[MemoryNode]:
    """The witness: it reads Beijing's log as this node does."""
    node = MemoryNode("astana.chorsu.example", institutions=("kz-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


def twin(node: MemoryNode, entries: int) -> bytes:
    """A signed checkpoint of another history of the node, of so many entries."""
    other = MemoryNode(node.name)
    for _ in range(entries):
        publish(other, new_id())
    return sign_checkpoint(other.checkpoint(), node.key)


def asked(witness: MemoryNode, about: MemoryNode) -> int:
    return witness.requests.count(("GET", f"/exchange/witness/{about.name}"))


def test_what_others_have_seen_of_a_log_is_kept(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    astana.see(beijing.honest_checkpoint_note())
    pull(peer_name=beijing.name, now=now)
    pull(peer_name=astana.name, now=now)
    seen = sightings.sightings_of(beijing.name)
    assert [(one.witness, one.size) for one in seen] == [(astana.name, 1)]
    assert PeerSighting.objects.get(size=1).compared
    assert row(beijing).state == Peer.State.CONFIRMED


@pytest.mark.parametrize("theirs", [1, 2])
def test_two_histories_are_found_though_each_reader_sees_a_straight_log(
    beijing: MemoryNode, astana: MemoryNode, now: datetime, theirs: int
) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    astana.see(twin(beijing, theirs))
    pull(peer_name=beijing.name, now=now)
    pull(peer_name=astana.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble) == (Peer.State.SET_ASIDE, "fork")
    assert peer.trouble_detail.count(f"\u2014 {beijing.name} ") == 2, "both notes are evidence"
    assert astana.name in peer.trouble_detail
    assert AuditEvent.objects.get(action="peer.set-aside").subject_id == beijing.name
    assert row(astana).state == Peer.State.CONFIRMED


def test_a_history_that_an_earlier_key_signed_is_compared_too(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    astana.see(twin(beijing, 1))
    beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    pull(peer_name=astana.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == (Peer.State.SET_ASIDE, "fork")


def test_a_witness_that_is_ahead_is_compared_once_this_node_is_there(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    astana.see(twin(beijing, 2))
    pull(peer_name=astana.name, now=now)
    assert row(beijing).state == Peer.State.CONFIRMED
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == (Peer.State.SET_ASIDE, "fork")


def test_two_witnesses_that_are_ahead_contradict_each_other(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    bishkek = MemoryNode("bishkek.chorsu.example", institutions=("kg-apa",))
    with bishkek.serve():
        make_peer(bishkek, now)
        for witness in (astana, bishkek):
            witness.see(twin(beijing, 3))
            pull(peer_name=witness.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == (Peer.State.SET_ASIDE, "fork")


def test_a_lying_witness_harms_nobody(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    invented = Checkpoint(beijing.name, 1, bytes(range(32)))
    impostor = SigningKey.generate(beijing.name)
    astana.seen[beijing.name] = cosign(sign_checkpoint(invented, impostor), astana.key, now)
    pull(peer_name=astana.name, now=now)
    astana.seen[beijing.name] = b"nonsense"
    pull(peer_name=astana.name, now=now + timedelta(hours=7))
    assert row(beijing).state == Peer.State.CONFIRMED
    assert row(astana).state == Peer.State.CONFIRMED
    assert sightings.sightings_of(beijing.name) == []


def test_a_note_that_the_witness_did_not_cosign_is_not_its_word(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    astana.seen[beijing.name] = beijing.honest_checkpoint_note()
    pull(peer_name=astana.name, now=now)
    assert sightings.sightings_of(beijing.name) == []


def test_nobody_is_asked_again_while_nothing_changed(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    astana.see(beijing.honest_checkpoint_note())
    pull(peer_name=beijing.name, now=now)
    for minutes in (0, 1, 20, 60):
        pull(peer_name=astana.name, now=now + timedelta(minutes=minutes))
    assert asked(astana, beijing) == 1
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now + timedelta(minutes=61))
    pull(peer_name=astana.name, now=now + timedelta(minutes=62))
    assert asked(astana, beijing) == 2
    pull(peer_name=astana.name, now=now + timedelta(hours=9))
    assert asked(astana, beijing) == 3


def test_a_look_asks_about_a_few_logs_at_most(astana: MemoryNode, now: datetime) -> None:
    for number in range(5):
        make_peer(MemoryNode(f"node{number}.chorsu.example"), now)
    pull(peer_name=astana.name, now=now)
    about = [path for _, path in astana.requests if "/witness/node" in path]
    assert len(set(about)) == 3
    pull(peer_name=astana.name, now=now)
    about = [path for _, path in astana.requests if "/witness/node" in path]
    assert len(set(about)) == len(about) == 5


def test_an_old_note_takes_nothing_back(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    old = beijing.honest_checkpoint_note()
    publish(beijing, new_id())
    astana.see(beijing.honest_checkpoint_note())
    pull(peer_name=astana.name, now=now)
    astana.see(old)
    pull(peer_name=astana.name, now=now + timedelta(hours=7))
    assert [one.size for one in sightings.sightings_of(beijing.name)] == [2]


def test_what_a_thief_signs_with_a_revoked_key_says_nothing_of_the_log(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    by_the_thief = twin(beijing, 1)
    beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    astana.see(by_the_thief)
    pull(peer_name=astana.name, now=now)
    assert row(beijing).state == Peer.State.CONFIRMED
