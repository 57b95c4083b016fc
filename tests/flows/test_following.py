"""A peer goes over to another key: an honest change needs no person, a thief gets nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.exchange import actions, proofs, queries, witnesses
from chorsu.exchange.models import Peer
from chorsu.flows import looking, peering
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import open_checkpoint, sign_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.succession import OldKey, parse_chain, sign_succession
from tests.flows.remote import publish, row, states
from tests.memory_node import MemoryNode


def test_an_honest_change_needs_no_person(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    made = beijing.change_key()
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble, peer.vkey) == ("confirmed", "", beijing.key.vkey)
    assert parse_chain(bytes(peer.successions)) == (made,)
    assert states(beijing) == ["accepted", "accepted"]
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id) == ("peer.key-changed", beijing.name)
    assert event.detail == {
        "vkey": made.new.vkey, "before": made.old.vkey, "entries": 1, "why": "rotated",
    }  # fmt: skip
    pull(peer_name=beijing.name, now=now)
    assert AuditEvent.objects.count() == 1


def test_a_change_without_new_entries_is_followed_and_witnessed(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    assert queries.peer(beijing.name).in_sync
    assert open_checkpoint(witnesses.cosigned(beijing.name), beijing.key.verify_key).size == 1


def test_two_changes_between_two_looks(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    beijing.change_key()
    publish(beijing, new_id())
    beijing.change_key("revoked")
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).vkey, row(beijing).trouble) == (beijing.key.vkey, "")
    assert states(beijing) == ["accepted"] * 4
    assert AuditEvent.objects.filter(action="peer.key-changed").count() == 2


def test_a_change_while_entries_are_on_their_way(
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
    assert row(beijing).verified_size == 256
    monkeypatch.setattr(beijing, "_tile", honest)
    beijing.change_key()
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).verified_size, row(beijing).trouble) == (301, "")
    assert row(beijing).vkey == beijing.key.vkey


def test_a_change_followed_and_then_a_cut_line(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.change_key()
    publish(beijing, new_id())
    honest = beijing._tile
    monkeypatch.setattr(
        beijing, "_tile", lambda path: (404, {}, b"") if "entries" in path else honest(path)
    )
    pull(peer_name=beijing.name, now=now)
    # The key is followed; the newest accepted note is still the old key's.
    assert (row(beijing).vkey, row(beijing).trouble) == (beijing.key.vkey, "peer-lacks")
    monkeypatch.setattr(beijing, "_tile", honest)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), row(beijing).trouble) == (["accepted", "accepted"], "")


def test_a_thief_publishes_on_with_the_old_key(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    stolen = beijing.key
    made = beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    forged = sign_checkpoint(beijing.checkpoint(), stolen)
    beijing.serve_checkpoint(forged)
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble, peer.verified_size) == ("set-aside", "old-key", 1)
    assert made.note.decode() in peer.trouble_detail
    assert forged.decode() in peer.trouble_detail
    assert states(beijing) == ["accepted"], "what it had published stays"


def test_a_thief_who_was_quicker_than_the_change_is_found_out(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    stolen, leaves = beijing.key, list(beijing.leaves)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).verified_size == 2
    beijing.leaves, beijing.key = leaves, stolen
    made = beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble) == ("set-aside", "old-key")
    assert made.note.decode() in peer.trouble_detail
    assert peer.vkey == stolen.vkey


def test_an_old_checkpoint_shown_again_proves_nothing_against_the_peer(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    old = beijing.honest_checkpoint_note()
    pull(peer_name=beijing.name, now=now)
    beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    beijing.serve_checkpoint(old)
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "old-key")
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == ""


def test_two_successors_of_one_key(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    stolen, leaves = beijing.key, list(beijing.leaves)
    first = beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    honest = beijing.key
    # Whoever has the old key makes himself its successor.
    beijing.key, beijing.chain, beijing.leaves = stolen, (), leaves
    second = beijing.change_key()
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble, peer.vkey) == ("set-aside", "two-successors", honest.vkey)
    assert first.note.decode() in peer.trouble_detail
    assert second.note.decode() in peer.trouble_detail


def test_a_chain_that_the_old_key_did_not_sign(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    before = beijing.key.vkey
    # The same name, keys made by somebody else, a chain whole in itself.
    beijing.key = SigningKey.generate(beijing.name)
    beijing.change_key()
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "chain-broken")
    assert (row(beijing).vkey, states(beijing)) == (before, ["accepted"])


def test_a_chain_of_nonsense(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    before = beijing.key.vkey
    beijing.change_key()
    honest = beijing._route

    def spoilt(method: str, path: str, headers: object, body: bytes) -> object:
        if path == "/exchange/keys":
            return 200, {}, beijing.chain[0].note[:-1]
        return honest(method, path, headers, body)  # type: ignore[arg-type]

    monkeypatch.setattr(beijing, "_route", spoilt)
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).trouble, row(beijing).vkey) == ("chain-malformed", before)


def test_a_new_key_that_leaves_entries_out(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.change_key()
    beijing.roll_back()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "rolled-back")
    assert beijing.chain[0].note.decode() in row(beijing).trouble_detail


def test_a_new_key_over_another_past(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    for _ in range(3):
        publish(beijing, new_id())
    beijing.change_key()
    beijing.rewrite_history(2)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "fork")
    assert beijing.chain[0].note.decode() in row(beijing).trouble_detail


def test_a_succession_that_names_another_past_than_is_here(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    old, new = beijing.key, SigningKey.generate(beijing.name)
    made = sign_succession(old, new, size=1, root=bytes(range(32)), time=now, why="rotated")
    beijing.chain = (made,)
    # Two entries were signed by the key that says it was replaced at one.
    beijing.key = new
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "old-key")


def test_a_peer_met_later_shows_its_older_keys(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    made = beijing.change_key()
    publish(beijing, new_id())
    Peer.objects.update(vkey=beijing.key.vkey)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]
    assert OldKey(made.old, 1, revoked=False) in proofs.known_keys()
    assert AuditEvent.objects.count() == 0


def test_a_request_by_a_new_key_makes_this_node_look_at_once(
    beijing: MemoryNode, now: datetime, empty_queue: None
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now - timedelta(minutes=5))
    beijing.change_key()
    url = peering.SignedRequest("POST", peering.PING_PATH, {}, b"").url

    def ping() -> peering.SignedRequest:
        headers = beijing.signed_headers("POST", url, b"")
        return peering.SignedRequest("POST", peering.PING_PATH, headers, b"")

    with pytest.raises(WireError, match="request-signature"):
        peering.authenticate(ping(), now)
    assert [job.args for job in ProcrastinateJob.objects.all()] == [{"peer_name": beijing.name}]
    pull(peer_name=beijing.name, now=now)
    assert peering.authenticate(ping(), now) == beijing.name


def test_strangers_cannot_have_a_peer_looked_at_without_end(
    beijing: MemoryNode, now: datetime, empty_queue: None
) -> None:
    pull(peer_name=beijing.name, now=now)
    beijing.key = SigningKey.generate(beijing.name)
    url = peering.SignedRequest("POST", peering.PING_PATH, {}, b"").url
    headers = beijing.signed_headers("POST", url, b"")
    request = peering.SignedRequest("POST", peering.PING_PATH, headers, b"")
    with pytest.raises(WireError):
        peering.authenticate(request, now + timedelta(seconds=3))
    assert ProcrastinateJob.objects.count() == 0


def test_an_administrator_adds_a_node_that_has_changed_its_key(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.change_key()
    assert peering.add(address=beijing.address, by=None, now=now).vkey == beijing.key.vkey
    assert (row(beijing).state, row(beijing).vkey) == ("confirmed", beijing.key.vkey)


def test_a_node_that_asks_by_a_new_key_is_looked_at(
    beijing: MemoryNode, now: datetime, empty_queue: None
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now - timedelta(minutes=5))
    beijing.change_key()
    body = beijing.document().to_bytes()
    url = peering.SignedRequest("POST", peering.PEERING_PATH, {}, body).url

    def told() -> peering.SignedRequest:
        headers = beijing.signed_headers("POST", url, body)
        return peering.SignedRequest("POST", peering.PEERING_PATH, headers, body)

    with pytest.raises(actions.KeyDiffers):
        peering.receive_peering(told(), now)
    assert ProcrastinateJob.objects.count() == 1
    pull(peer_name=beijing.name, now=now)
    assert peering.receive_peering(told(), now)
