"""Nodes that share no wire: met by a file, read by bundles, and asked nothing over the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from chorsu.exchange import actions, keys, queries
from chorsu.flows import peering
from chorsu.flows.pulling import pull
from chorsu.flows.unpacking import unpack
from chorsu.flows.witnessing import ask_before_start
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.practices.models import PracticeText
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.node import open_node_file, sign_node
from tests.bundles import Stick, put
from tests.flows.remote import make_peer, publish, row
from tests.memory_node import MemoryNode


@pytest.fixture
def far(db: None) -> Iterator[MemoryNode]:
    """A node that would answer, so that a test sees whether it is asked."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    node.add_peer(node.key.verify_key)
    with node.serve():
        yield node


def file_of(node: MemoryNode) -> bytes:
    return sign_node(node.document(), node.key)


def meet(node: MemoryNode, now: datetime) -> None:
    peering.add_from_file(data=file_of(node), by=None, now=now)
    peering.confirm(name=node.name, vkey=node.key.vkey, by=None, now=now)


def carry(node: MemoryNode, folder: Path, now: datetime) -> int:
    path = put(folder, Stick(node, now).part())
    node.requests.clear()
    taken = unpack(path, folder / "scratch", now=now, progress=lambda done, total: None)
    return taken.accepted


def test_a_node_is_met_by_its_file_and_confirmed_by_its_fingerprint(
    far: MemoryNode, now: datetime
) -> None:
    document = peering.add_from_file(data=file_of(far), by=None, now=now)
    assert (document.name, document.verify_key) == (far.name, far.key.verify_key)
    assert (row(far).state, row(far).carried) == ("added", True)
    other = SigningKey.generate(far.name)
    with pytest.raises(actions.KeyDiffers):
        peering.confirm(name=far.name, vkey=other.vkey, by=None, now=now)
    peering.confirm(name=far.name, vkey=far.key.vkey, by=None, now=now)
    assert row(far).state == "confirmed"
    assert far.requests == []
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "peer.added",
        "peer.confirmed",
    ]


def test_its_log_comes_by_bundles_and_nothing_is_ever_asked_of_it(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    meet(far, now)
    publish(far, new_id(), title="一")
    publish(far, new_id(), title="二", audience="network")
    assert carry(far, tmp_path, now) == 2
    assert sorted(PracticeText.objects.values_list("title", flat=True)) == ["一", "二"]
    peering.look_now(name=far.name, now=now)
    pull(peer_name=far.name, now=now)
    peering.ping_all()
    peering.tell(name=far.name)
    ask_before_start(now=now)
    assert far.requests == []
    assert queries.peers_to_look_at(now, now) == []
    shown = queries.peer(far.name)
    assert (shown.trouble, shown.in_sync, shown.carried_at) == ("", True, now)


def test_what_was_wrong_on_the_wire_is_forgotten_with_the_wire(
    far: MemoryNode, now: datetime
) -> None:
    make_peer(far, now)
    far.down = True
    pull(peer_name=far.name, now=now)
    assert row(far).trouble != ""
    peering.reach(name=far.name, carried=True, by=None, now=now)
    pull(peer_name=far.name, now=now)
    assert (row(far).trouble, row(far).carried) == ("", True)


def test_a_wire_that_came_is_used_once_somebody_says_so(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    meet(far, now)
    publish(far, new_id(), title="一")
    assert carry(far, tmp_path, now) == 1
    publish(far, new_id(), title="二")
    peering.reach(name=far.name, carried=False, by=None, now=now)
    pull(peer_name=far.name, now=now)
    assert row(far).verified_size == 2
    assert far.requests != []
    # And so it is if its address is given, for then it has answered.
    peering.reach(name=far.name, carried=True, by=None, now=now)
    peering.add(address=far.address, by=None, now=now)
    assert row(far).carried is False


def test_the_file_of_a_node_that_the_network_reaches_takes_no_wire_away(
    far: MemoryNode, now: datetime
) -> None:
    make_peer(far, now)
    peering.add_from_file(data=file_of(far), by=None, now=now)
    assert (row(far).carried, row(far).state) == (False, "confirmed")


def test_a_file_by_another_key_is_refused_and_changes_nothing(
    far: MemoryNode, now: datetime
) -> None:
    meet(far, now)
    thief = MemoryNode(far.name)
    with pytest.raises(actions.KeyDiffers):
        peering.add_from_file(data=file_of(thief), by=None, now=now)
    forged = sign_node(far.document(), thief.key)
    with pytest.raises(WireError, match="wrong-key"):
        peering.add_from_file(data=forged, by=None, now=now)
    assert row(far).vkey == far.key.vkey


def test_this_nodes_own_file_says_who_it_is_and_is_not_taken_in(db: None, now: datetime) -> None:
    assert open_node_file(peering.own_file()) == peering.own_document()
    assert peering.own_document().vkey == keys.signing_key().vkey
    with pytest.raises(peering.OwnAddress):
        peering.add_from_file(data=peering.own_file(), by=None, now=now)


def test_what_is_published_defers_no_ping_that_asks_it(far: MemoryNode, now: datetime) -> None:
    meet(far, now)
    with transaction.atomic():
        actions.append(
            kind="practice", record_id=new_id(), revision=1, action="publish",
            audience="public", payload=b"{}", now=now,
        )  # fmt: skip
    peering.ping_all()
    assert (far.pings, queries.peers_by_network()) == ([], [])
    assert queries.confirmed_peers() == [(far.name, far.address)]
