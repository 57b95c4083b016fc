"""Who has seen how much of which log, where no network reaches: bundles tell it, signed as ever."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from chorsu.exchange import actions, keys, queries, sightings, witnesses
from chorsu.exchange.models import Feed, Peer
from chorsu.flows.loading import Order
from chorsu.flows.packing import pack
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.wire.bundle import witness_of
from chorsu.wire.checkpoint import (
    Checkpoint,
    cosign,
    open_checkpoint,
    open_cosignature,
    sign_checkpoint,
)
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import parse_note
from tests.bundles import Stick
from tests.flows.remote import make_peer, publish, row
from tests.flows.test_comparing import twin
from tests.flows.test_unpacking import carry
from tests.flows.test_witnessing import publish as publish_here
from tests.flows.test_witnessing import set_back
from tests.memory_node import MemoryNode


def own() -> str:
    return str(settings.NODE_NAME)


def met(name: str, now: datetime) -> MemoryNode:
    """A peer that no network reaches."""
    node = MemoryNode(name)
    node.add_peer(node.key.verify_key)
    actions.add_peer(document=node.document(), now=now, carried=True)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    return node


@pytest.fixture
def far(db: None, now: datetime) -> MemoryNode:
    """Whose bundles come here."""
    return met("tashkent.chorsu.example", now)


@pytest.fixture
def third(db: None, now: datetime) -> MemoryNode:
    """Another one; no bundle of it comes."""
    return met("dushanbe.chorsu.example", now)


def carried(far: MemoryNode, folder: Path, now: datetime, *extra: tuple[str, bytes]) -> int:
    """How many peers' word counted of what came with a bundle."""
    taken = carry(Stick(far, now).part(extra=extra), folder, now)
    assert (taken.trouble, taken.damaged) == ("", [])
    return taken.witnesses


def seen() -> dict[str, int]:
    """How far each peer has seen this node's log, as its page tells."""
    return {one.name: one.witnessed_size for one in queries.peers() if one.witnessed_at}


def test_a_bundle_tells_how_far_its_maker_and_others_have_seen_this_nodes_log(
    far: MemoryNode, third: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish_here(now)
    shorter = queries.checkpoint()
    publish_here(now)
    far.see(queries.checkpoint())
    of_third = (witness_of(own(), third.name), cosign(shorter, third.key, now))
    assert carried(far, tmp_path, now, of_third) == 2
    assert seen() == {far.name: 2, third.name: 1}
    assert not witnesses.stopped()
    signers = [one.name for one in parse_note(witnesses.own_checkpoint()).signatures]
    assert signers == [own(), far.name]


def test_an_old_bundle_takes_nothing_back(far: MemoryNode, tmp_path: Path, now: datetime) -> None:
    publish_here(now)
    far.see(queries.checkpoint())
    old = Stick(far, now).part()
    publish_here(now)
    far.see(queries.checkpoint())
    carried(far, tmp_path, now)
    carry(old, tmp_path, now)
    assert seen() == {far.name: 2}


def test_a_bundle_of_older_software_tells_nothing_of_it(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    assert carried(far, tmp_path, now) == 0
    assert (seen(), row(far).verified_size) == ({}, 1)


def test_a_node_set_back_learns_by_a_bundle_what_its_log_lacks(
    far: MemoryNode, third: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish_here(now)
    feed = Feed.objects.get()
    old = (bytes(feed.checkpoint), bytes(feed.range))
    publish_here(now)
    of_third = (witness_of(own(), third.name), cosign(queries.checkpoint(), third.key, now))
    set_back(1, *old)
    taken = carry(Stick(far, now).part(extra=[of_third]), tmp_path, now)
    assert taken.stopped
    with pytest.raises(actions.LogStopped):
        publish_here(now)
    event = AuditEvent.objects.get(action="log.stopped")
    assert (event.subject_id, event.detail) == (third.name, {"entries": 2})


@pytest.mark.parametrize(
    "lie", ["invented", "by-another", "by-a-stranger", "of-another-log", "nonsense", "cut"]
)
def test_a_bundle_that_lies_says_nothing(
    far: MemoryNode, third: MemoryNode, tmp_path: Path, now: datetime, lie: str
) -> None:
    publish_here(now)
    true, impostor = queries.checkpoint(), SigningKey.generate(own())
    longer = Checkpoint(own(), 9, bytes(range(32)))
    stranger = SigningKey.generate("stranger.chorsu.example")
    publish(far, new_id())
    other_log = far.honest_checkpoint_note()
    named, note = {
        "invented": (third.name, cosign(sign_checkpoint(longer, impostor), third.key, now)),
        "by-another": (third.name, cosign(true, far.key, now)),
        "by-a-stranger": (stranger.name, cosign(true, stranger, now)),
        "of-another-log": (third.name, cosign(other_log, third.key, now)),
        "nonsense": (third.name, b"seen"),
        "cut": (third.name, cosign(true, third.key, now)[:-9]),
    }[lie]
    assert carried(far, tmp_path, now, (witness_of(own(), named), note)) == 0
    assert (seen(), witnesses.stopped()) == ({}, False)


def test_what_the_maker_has_seen_of_others_logs_is_held_against_them(
    far: MemoryNode, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    far.see(beijing.honest_checkpoint_note())
    pull(peer_name=beijing.name, now=now)
    carried(far, tmp_path, now)
    assert [(one.witness, one.size) for one in sightings.sightings_of(beijing.name)] == [
        (far.name, 1)
    ]
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    far.see(twin(beijing, 2))
    carried(far, tmp_path, now)
    assert (row(beijing).state, row(beijing).trouble) == (Peer.State.SET_ASIDE, "fork")
    assert far.name in row(beijing).trouble_detail
    assert row(far).state == Peer.State.CONFIRMED


def test_a_log_that_is_carried_is_compared_once_it_is_as_long_as_others_saw_it(
    far: MemoryNode, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    beijing.see(twin(far, 1))
    pull(peer_name=beijing.name, now=now)
    assert row(far).state == Peer.State.CONFIRMED
    carry(Stick(far, now).part(), tmp_path, now)
    assert (row(far).state, row(far).trouble) == (Peer.State.SET_ASIDE, "fork")


def members(node: MemoryNode, folder: Path, now: datetime) -> dict[str, bytes]:
    """What this node packs for a peer, as anybody reads it."""
    order = Order(node.name, node.key.verify_key, 0, 2**30, now)
    packed = pack(order, folder / "stick.zip", lambda done, total: None)
    assert [path.name for path in packed.files] == ["stick.zip"]
    with zipfile.ZipFile(packed.files[0]) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_this_node_packs_what_it_answers_over_the_network(
    far: MemoryNode, beijing: MemoryNode, astana: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    carry(Stick(far, now).part(), tmp_path, now)
    publish(beijing, new_id())
    publish_here(now)
    beijing.see(queries.checkpoint())
    astana.see(far.honest_checkpoint_note())
    for node in (beijing, astana):
        pull(peer_name=node.name, now=now)
    found = members(far, tmp_path, now)
    held = {name: note for name, note in found.items() if name.startswith("witness/")}
    key = keys.signing_key().verify_key
    for node in (far, beijing):
        note = held.pop(witness_of(node.name, own()))
        assert open_checkpoint(note, node.key.verify_key).size == 1
        assert open_cosignature(note, key).checkpoint.size == 1
    shown = held.pop(witness_of(far.name, astana.name))
    assert open_cosignature(shown, astana.key.verify_key).checkpoint == far.checkpoint()
    assert held == {}
    under = open_cosignature(found["checkpoint"], beijing.key.verify_key)
    assert (under.witness, under.checkpoint.size) == (beijing.name, 1)


def test_a_stopped_log_and_a_peer_set_aside_are_packed_without_a_word_for_them(
    far: MemoryNode, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    carry(Stick(far, now).part(), tmp_path, now)
    publish_here(now)
    beijing.see(queries.checkpoint())
    pull(peer_name=beijing.name, now=now)
    actions.stop_log(note=b"a note")
    actions.set_aside(name=far.name, code="fork", evidence="", now=now)
    found = members(far, tmp_path, now)
    assert len(parse_note(found["checkpoint"]).signatures) == 1
    assert witness_of(far.name, own()) not in found


def test_names_too_long_for_a_member_are_left_out(tmp_path: Path, now: datetime, db: None) -> None:
    one, other = (MemoryNode(f"{letter * 50}.{letter * 50}.example") for letter in "ab")
    for node in (one, other):
        make_peer(node, now)
    actions.record_sighting(
        witness=other.name, subject=one.name, size=1, note=b"a note", seen_at=now,
        now=now,
    )  # fmt: skip
    assert [name for name in members(one, tmp_path, now) if name.startswith("witness/")] == []
