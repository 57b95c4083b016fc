"""A peer's log is believed as far as it is proven. Tests are named after the attack."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings

from chorsu.exchange import queries
from chorsu.exchange.models import Peer
from chorsu.flows import looking
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice, PracticeText
from tests.flows.remote import make_peer, publish, row, states
from tests.memory_node import MemoryNode


def titles() -> list[str]:
    return sorted(PracticeText.objects.values_list("title", flat=True))


def test_what_a_peer_publishes_is_here_and_in_sync(beijing: MemoryNode, now: datetime) -> None:
    first, second = new_id(), new_id()
    publish(beijing, first, title="一")
    publish(beijing, second, title="二")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]
    assert titles() == ["一", "二"]
    peer = queries.peer(beijing.name)
    assert (peer.verified_size, peer.offered_size, peer.trouble) == (2, 2, "")
    assert peer.in_sync
    assert peer.answered_at == now


def test_looking_again_changes_nothing(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    before = Practice.objects.get()
    beijing.requests.clear()
    pull(peer_name=beijing.name, now=now)
    assert beijing.requests == [
        ("GET", "/exchange/checkpoint"),
        ("GET", f"/exchange/witness/{settings.NODE_NAME}"),
        ("GET", f"/exchange/keys/{settings.NODE_NAME}"),
        ("GET", "/exchange/erasures?after=0"),
    ]
    assert Practice.objects.get().arrived_at == before.arrived_at
    assert states(beijing) == ["accepted"]


def test_a_long_log_is_proven_and_kept_part_by_part(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    same = new_id()
    for revision in range(1, 601):
        publish(beijing, same, revision=revision, title=f"第{revision}版")
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).verified_size == 600
    assert states(beijing) == ["superseded"] * 599 + ["accepted"]
    assert titles() == ["第600版"]
    # Of 600 blobs only the one that counts was fetched.
    assert sum(1 for _, path in beijing.requests if "/blob/" in path) == 1


def test_a_link_cut_between_two_parts_loses_nothing(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    for _ in range(300):
        beijing.publish("poem", new_id(), 1, {"line": 1})
    honest = beijing._tile
    monkeypatch.setattr(
        beijing, "_tile", lambda path: (404, {}, b"") if "entries/001" in path else honest(path)
    )
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).verified_size, row(beijing).trouble) == (256, "peer-lacks")
    monkeypatch.setattr(beijing, "_tile", honest)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).verified_size, row(beijing).trouble) == (301, "")
    assert states(beijing) == ["unknown"] * 300 + ["accepted"]


def test_a_part_of_a_rewritten_log_is_not_continued(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    for _ in range(300):
        publish(beijing, new_id())
    honest = beijing._tile
    monkeypatch.setattr(
        beijing, "_tile", lambda path: (404, {}, b"") if "entries/001" in path else honest(path)
    )
    pull(peer_name=beijing.name, now=now)
    monkeypatch.setattr(beijing, "_tile", honest)
    # The part that is here stays as it was; only what the accepted note promised is changed.
    beijing.rewrite_history(280)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "rewritten")
    assert row(beijing).verified_size == 256


def test_history_rewritten(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id(), title="一")
    publish(beijing, new_id(), title="二")
    pull(peer_name=beijing.name, now=now)
    signed_before = bytes(row(beijing).checkpoint).decode()
    beijing.rewrite_history()
    publish(beijing, new_id(), title="三")
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble, peer.verified_size) == ("set-aside", "rewritten", 2)
    assert signed_before in peer.trouble_detail
    assert beijing.honest_checkpoint_note().decode() in peer.trouble_detail
    assert AuditEvent.objects.get().action == "peer.set-aside"
    assert titles() == ["一", "二"]


def test_fork(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.fork()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "fork")


def test_roll_back(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.roll_back()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "rolled-back")


def test_a_peer_set_aside_is_asked_nothing(beijing: MemoryNode, now: datetime) -> None:
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    pull(peer_name=beijing.name, now=now)
    assert beijing.requests == []


def test_another_key(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.sign_with_another_key()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "wrong-key")
    assert states(beijing) == []
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == ""
    assert states(beijing) == ["accepted"]


def test_the_log_of_another_node(beijing: MemoryNode, now: datetime) -> None:
    beijing.claim_origin("astana.chorsu.example")
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == "wrong-origin"


def test_more_promised_than_served(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.promise_more()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).trouble, states(beijing)) == ("peer-lacks", [])


def test_entry_flipped_on_the_way(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    beijing.serve_entry_flipped()
    pull(peer_name=beijing.name, now=now)
    # A broken line is no proof against the peer: it is asked again, not set aside.
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "root-mismatch")
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]


def test_node_down_and_up(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.down = True
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).trouble, row(beijing).looked_at) == ("peer-error", now)
    assert row(beijing).answered_at is None
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]


def test_nobody_at_the_address(db: None, now: datetime) -> None:
    nobody = MemoryNode("nobody.chorsu.example")
    with nobody.serve():
        make_peer(nobody, now)
    pull(peer_name=nobody.name, now=now)
    assert row(nobody).trouble == "unreachable"


def test_a_peer_that_leads_into_this_machine(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == "private-address"
    assert beijing.requests == []
