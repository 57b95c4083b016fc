"""Two nodes become peers: looked at, compared, confirmed on both sides, told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.conf import settings

from chorsu.exchange import actions, keys, queries
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.models import Peer
from chorsu.flows import peering
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request
from tests.flows.remote import row
from tests.memory_node import MemoryNode


def test_a_confirmed_peer_is_told_by_a_signed_request(beijing: MemoryNode) -> None:
    peering.tell(name=beijing.name)
    assert [one.vkey for one in beijing.peerings] == [keys.signing_key().vkey]
    # Beijing answered 202: its administrator has not confirmed this node yet.
    assert not row(beijing).confirmed_by_peer


def test_a_peer_that_has_confirmed_says_so(
    beijing: MemoryNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beijing, "_peering", lambda *_: (200, {}, b""))
    peering.tell(name=beijing.name)
    assert row(beijing).confirmed_by_peer


def test_a_peer_that_is_down_is_told_later(beijing: MemoryNode) -> None:
    beijing.down = True
    with pytest.raises(PeerTrouble):
        peering.tell(name=beijing.name)


def test_pings_reach_who_can_be_reached(beijing: MemoryNode, now: datetime) -> None:
    gone = MemoryNode("gone.chorsu.example")
    with gone.serve():
        actions.add_peer(document=gone.document(), now=now)
        actions.confirm_peer(name=gone.name, vkey=gone.key.vkey, now=now)
    peering.ping_all()
    assert beijing.pings == ["hub.chorsu.example"]


def test_a_node_is_no_peer_of_itself(beijing: MemoryNode, now: datetime) -> None:
    beijing.name, beijing.key = "hub.chorsu.example", SigningKey.generate("hub.chorsu.example")
    with pytest.raises(peering.OwnAddress):
        peering.add(address=beijing.address, by=None, now=now)


def test_another_key_under_a_confirmed_name(beijing: MemoryNode, now: datetime) -> None:
    before = row(beijing).vkey
    beijing.key = SigningKey.generate(beijing.name)
    with pytest.raises(actions.KeyDiffers):
        peering.add(address=beijing.address, by=None, now=now)
    assert row(beijing).vkey == before


def test_a_node_behind_two_addresses_is_kept_under_its_own(
    beijing: MemoryNode, now: datetime
) -> None:
    Peer.objects.all().delete()
    other = beijing.address.replace("127.0.0.1", "localhost")
    assert peering.add(address=other, by=None, now=now).address == beijing.address
    assert row(beijing).address == beijing.address


def test_deciding_takes_an_administrator(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        peering.refuse(name=beijing.name, by=editor, now=now)
    assert row(beijing).state == "confirmed"
    assert AuditEvent.objects.count() == 0


def test_a_peer_set_aside_is_read_again_after_a_decision(
    beijing: MemoryNode, now: datetime
) -> None:
    actions.set_aside(name=beijing.name, code="fork", evidence="notes", now=now)
    peering.trust_again(name=beijing.name, by=None, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "")
    assert queries.pull_state(beijing.name) is not None
    assert AuditEvent.objects.get().action == "peer.trusted-again"


def test_a_recorded_request_does_not_set_an_old_address_again(
    beijing: MemoryNode, now: datetime
) -> None:
    def told(address: str, nonce: str) -> peering.SignedRequest:
        body = replace(beijing.document(), address=address).to_bytes()
        url = f"{settings.NODE_ADDRESS}{peering.PEERING_PATH}"
        headers = sign_request(beijing.key, "POST", url, body, now, nonce)
        return peering.SignedRequest("POST", peering.PEERING_PATH, headers, body)

    recorded = told("https://old.example", "one")
    peering.receive_peering(recorded, now)
    peering.receive_peering(told("https://new.example", "two"), now)
    with pytest.raises(WireError, match="replay"):
        peering.receive_peering(recorded, now)
    assert row(beijing).address == "https://new.example"
