"""A change of key where no network reaches: bundles carry what leads to the new one."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from chorsu.exchange import keys, proofs
from chorsu.flows.loading import Order
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.packing import pack
from chorsu.flows.pulling import pull
from chorsu.flows.rekeying import change_key
from chorsu.kernel.ids import new_id
from chorsu.wire import trust
from chorsu.wire.bundle import parse_manifest
from chorsu.wire.checkpoint import gather, open_checkpoint, sign_checkpoint
from chorsu.wire.keys import SigningKey
from chorsu.wire.succession import OldKey, parse_chain
from tests.bundles import Stick, sealed
from tests.flows.remote import make_peer, publish, row, states
from tests.flows.test_unpacking import carry, refusal
from tests.flows.test_witnessing import publish as publish_here
from tests.memory_node import MemoryNode


@pytest.fixture
def stick(beijing: MemoryNode, now: datetime) -> Stick:
    """A bundle maker at Beijing, of one entry so far."""
    publish(beijing, new_id())
    return Stick(beijing, now)


def test_a_bundle_leads_an_offline_reader_to_the_new_key(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    carry(stick.part(), tmp_path, now)
    beijing.change_key()
    publish(beijing, new_id())
    beijing.change_key("revoked")
    publish(beijing, new_id())
    beijing.requests.clear()
    taken = carry(stick.part(since=1), tmp_path, now)
    assert (taken.entries, taken.trouble, taken.damaged) == (2, "", [])
    assert (row(beijing).vkey, states(beijing)) == (beijing.key.vkey, ["accepted"] * 3)


def test_a_bundle_of_the_old_key_comes_after_the_change(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    data = stick.part()
    beijing.change_key()
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    taken = carry(data, tmp_path, now)
    assert (taken.old, taken.trouble, row(beijing).state) == (True, "", "confirmed")
    assert row(beijing).vkey == beijing.key.vkey


def test_a_bundle_of_the_old_key_that_is_as_long_as_the_log_was_at_the_change(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    data = stick.part()
    beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    taken = carry(data, tmp_path, now)
    assert (taken.trouble, row(beijing).state, taken.entries) == ("", "confirmed", 0)


def test_a_bundle_that_a_thief_made_with_the_old_key(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    stolen = beijing.key
    beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    beijing.serve_checkpoint(sign_checkpoint(beijing.checkpoint(), stolen))
    assert refusal(stick.part(), tmp_path, now).code == "old-key"
    assert (row(beijing).state, states(beijing)) == ("set-aside", ["accepted"])


def test_a_checkpoint_that_both_keys_have_signed_is_the_present_ones(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    old = beijing.key
    beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    both = [sign_checkpoint(beijing.checkpoint(), key) for key in (old, beijing.key)]
    beijing.serve_checkpoint(gather(both))
    assert carry(stick.part(), tmp_path, now).entries == 1
    assert row(beijing).state == "confirmed"


def test_a_bundle_with_a_chain_that_leads_from_no_known_key(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    pull(peer_name=beijing.name, now=now)
    beijing.key = SigningKey.generate(beijing.name)
    beijing.change_key()
    assert refusal(stick.part(), tmp_path, now).code == "chain-broken"
    assert row(beijing).state == "confirmed"


def test_a_bundle_without_a_chain_by_an_unknown_key(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    beijing.key = SigningKey.generate(beijing.name)
    assert refusal(stick.part(), tmp_path, now).code == "wrong-key"


def test_this_node_packs_its_chain_and_opens_what_was_sealed_before_it(
    beijing: MemoryNode, tmp_path: Path, settings: LazySettings, now: datetime
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    publish(beijing, new_id())
    old = keys.signing_key().verify_key
    on_its_way = sealed(Stick(beijing, now).part(), old)
    publish_here(now)
    change_key(revoked=False, by=None, now=now)
    order = Order(beijing.name, beijing.key.verify_key, 0, 1 << 20, now)
    packed = pack(order, tmp_path / "stick.zip", lambda done, total: None)
    with zipfile.ZipFile(packed.files[0]) as file:
        (made,) = trust.follow_keys(parse_chain(file.read("keys")), old)
        assert open_checkpoint(file.read("checkpoint"), made.new).size == 1
    assert carry(on_its_way, tmp_path, now).accepted == 1
    change_key(revoked=True, by=None, now=now)
    with pytest.raises(NotUnpacked, match="bundle-not-ours"):
        carry(on_its_way, tmp_path, now)


def test_a_peer_that_lost_its_newer_key_can_read_that_it_has_one(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish_here(now, audience="network")
    pull(peer_name=beijing.name, now=now)
    made = beijing.change_key()
    pull(peer_name=beijing.name, now=now)
    order = Order(beijing.name, beijing.key.verify_key, 0, 1 << 20, now)
    packed = pack(order, tmp_path / "stick.zip", lambda done, total: None)
    assert [path.name for path in packed.files] == ["stick.zip.age", "stick.keys.zip"]
    assert packed.beside == packed.files[1]
    with zipfile.ZipFile(packed.files[1]) as file:
        members = {name: file.read(name) for name in file.namelist()}
    assert trust.follow_keys(parse_chain(members[f"successions/{beijing.name}"]), made.old)
    manifest = parse_manifest(members["manifest.json"])
    assert (manifest.since, manifest.size, manifest.recipient) == (1, 1, beijing.name)
    inside = [name for name in members if name.startswith(("blob/", "tile/entries", "eras"))]
    assert inside == []


def test_who_has_its_first_key_is_told_nothing_of_it(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish_here(now, audience="network")
    order = Order(beijing.name, beijing.key.verify_key, 0, 1 << 20, now)
    packed = pack(order, tmp_path / "stick.zip", lambda done, total: None)
    assert ([path.name for path in packed.files], packed.beside) == (["stick.zip.age"], None)


def test_a_file_of_no_entries_for_who_has_read_less_is_no_gap(
    stick: Stick, tmp_path: Path, now: datetime
) -> None:
    assert carry(stick.part([], since=1), tmp_path, now).trouble == ""


def test_a_peer_met_by_a_bundle(beijing: MemoryNode, tmp_path: Path, now: datetime) -> None:
    other = MemoryNode("almaty.chorsu.example")
    publish(other, new_id())
    made = other.change_key()
    make_peer(other, now)
    taken = carry(Stick(other, now).part(), tmp_path, now)
    assert taken.trouble == ""
    assert row(other).vkey == made.new.vkey
    assert OldKey(made.old, 1, revoked=False) in proofs.known_keys()


def test_a_bundle_of_a_short_log_that_a_thief_made_proves_nothing(
    stick: Stick, beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    stolen = beijing.key
    beijing.change_key("revoked")
    pull(peer_name=beijing.name, now=now)
    thief = MemoryNode(beijing.name)
    publish(thief, new_id())
    thief.serve_checkpoint(sign_checkpoint(thief.checkpoint(), stolen))
    assert carry(Stick(thief, now).part(), tmp_path, now).trouble == "old-key"
    assert row(beijing).state == "confirmed"
