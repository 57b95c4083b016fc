"""A peer's copy of a log comes back in a bundle, and counts for no more than what it proves."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings

from chorsu.exchange import actions, blobs, keys, queries, restorations, witnesses
from chorsu.exchange.models import Peer
from chorsu.exchange.sealing import unseal
from chorsu.flows import restoring
from chorsu.flows.loading import NotPacked, Order
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.packing import pack
from chorsu.flows.pulling import pull
from chorsu.flows.restoring import NotRestored, Restored
from chorsu.flows.unpacking import unpack
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.models import PracticeFile
from chorsu.practices.wire import PublishedFile
from chorsu.wire.bundle import PartLine
from chorsu.wire.checkpoint import open_checkpoint, open_cosignature
from tests.bundles import Stick, put, sealed
from tests.flows.copies import give_copy, set_back, state
from tests.flows.remote import publish, row, withdraw
from tests.flows.test_restoring import a_busy_day, with_file
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("academy", "own_data")


@pytest.fixture
def far(db: None, now: datetime) -> MemoryNode:
    """A peer that no network reaches, confirmed here."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    node.add_peer(node.key.verify_key)
    actions.add_peer(document=node.document(), now=now, carried=True)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    return node


def own_name() -> str:
    return str(settings.NODE_NAME)


def restore(*files: Path) -> Restored:
    return restoring.restore(clock=utc_now, progress=lambda done, total: None, files=files)


def refusal(*files: Path) -> NotRestored:
    with pytest.raises(NotRestored) as caught:
        restore(*files)
    return caught.value


def carried(copy: MemoryNode, folder: Path, now: datetime, name: str = "copy.zip.age") -> Path:
    """A peer's copy of this node's log as a bundle, encrypted as it always is."""
    data = Stick(copy, now).part(recipient=own_name())
    return put(folder, sealed(data, keys.signing_key().verify_key), name)


def test_a_lost_log_is_made_whole_from_a_bundle_without_any_wire(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    kept = with_file(editor, now, "One window for all papers")
    with set_back():
        a_busy_day(kept, editor, now)
        before = state()
        copy = give_copy(far)
    copy.serve_checkpoint(far.seen[own_name()])
    restored = restore(carried(copy, tmp_path, now))
    assert state() == before
    assert (restored.since, restored.size, restored.lost) == (1, 9, 0)
    assert not witnesses.stopped()
    assert restored.peers == [restorations.Shown(far.name, 9, "")]
    assert list((Path(settings.DATA_DIR) / "bundles").iterdir()) == []


def test_parts_come_one_after_the_other_and_what_lacks_is_named(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "One window for all papers")
        before = state()
        copy = give_copy(far)
        file = PracticeFile.objects.get().sha256
    lines = [PartLine("a.zip", 0, 1), PartLine("b.zip", 0, 1)]
    words = [one for one in copy.blobs if one != file]
    stick = Stick(copy, now)
    first = put(tmp_path, stick.part(words, number=1, lines=lines), "a.zip")
    second = put(tmp_path, stick.part([file], number=2, lines=lines), "b.zip")
    assert restore(first).lost == 1
    assert [one.sha256 for one in restorations.lost()] == [file]
    assert restore(second).lost == 0
    assert (state(), blobs.is_here(file)) == (before, True)


def test_two_logs_are_shown_and_nothing_is_changed(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "One window for all papers")
        copy = give_copy(far)
    with_file(editor, now, "A second history")
    before = state()
    found = refusal(carried(copy, tmp_path, now))
    assert found.code == "log-forked"
    assert found.detail.count(own_name()) >= 4
    assert state() == before


def test_a_copy_that_another_key_signed_is_none(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "One window for all papers")
        copy = give_copy(far)
    copy.serve_checkpoint(copy.honest_checkpoint_note())
    found = refusal(carried(copy, tmp_path, now))
    assert (found.code, queries.feed_size()) == ("no-copy", 0)
    assert found.detail == f"copy.zip.age: wrong-key, {far.name}: carried-copy"


def test_a_damaged_copy_brings_nothing_that_does_not_prove_true(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "One window for all papers")
        copy = give_copy(far)
    note = queries.checkpoint()
    copy.leaves[0] = copy.leaves[0].replace(b'"revision":1', b'"revision":7')
    assert refusal(carried(copy, tmp_path, now)).code == "copy-incomplete"
    assert (queries.feed_size(), queries.checkpoint()) == (0, note)
    assert witnesses.stopped()


def test_a_bundle_of_a_peers_own_log_is_no_copy(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    found = refusal(put(tmp_path, Stick(far, now).part()))
    assert found.code == "no-copy"
    assert "not-a-copy" in found.detail


def test_a_copy_is_not_taken_in_as_a_peers_log(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with_file(editor, now, "One window for all papers")
    path = carried(give_copy(far), tmp_path, now)
    with pytest.raises(NotUnpacked) as caught:
        unpack(path, tmp_path / "scratch", now=now, progress=lambda done, total: None)
    assert caught.value.code == "bundle-own-log"


def test_entries_are_not_given_up_while_a_carried_peer_was_not_asked(
    far: MemoryNode, beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    give_copy(beijing)
    with set_back():
        with_file(editor, now, "One window for all papers")
    with pytest.raises(NotRestored) as caught:
        restoring.restore(clock=utc_now, progress=lambda done, total: None, give_up_unseen=True)
    assert caught.value.code == "no-copy"
    assert far.name in caught.value.detail


def made(node: MemoryNode, folder: Path, now: datetime) -> dict[str, bytes]:
    """The members of the bundle with this node's copy of the other's log, as that one reads it."""
    order = Order(node.name, node.key.verify_key, 0, 2**30, now, mirror=True)
    packed = pack(order, folder / "copy.zip", lambda done, total: None)
    assert (packed.sealed, packed.lost, packed.left_out) == (True, [], [])
    plain = io.BytesIO()
    assert unseal(io.BytesIO(packed.files[0].read_bytes()), plain, node.key) is True
    with zipfile.ZipFile(plain) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_what_is_kept_of_a_peers_log_is_packed_for_it_and_nothing_of_others(
    beijing: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    with_file(editor, now, "This node's own, for the network", audience="network")
    record = new_id()
    file = PublishedFile(beijing.add_blob(b"a map", "network"), 5, "image/png", "m.png", "")
    publish(beijing, record, title="一", audience="network")
    pull(peer_name=beijing.name, now=now)
    publish(beijing, record, revision=2, title="二", audience="network", files=(file,))
    publish(beijing, new_id(), title="三")
    withdraw(beijing, beijing.entries()[-1].id)
    pull(peer_name=beijing.name, now=now)
    members = made(beijing, tmp_path, now)
    held = {name.removeprefix("blob/") for name in members if name.startswith("blob/")}
    named = {one.blob for one in beijing.entries() if one.blob}
    assert file.sha256 in held
    assert held - named == {file.sha256}
    # The overtaken first revision and the withdrawal's reason are there; what was withdrawn before
    # anybody looked was never fetched.
    assert named - held <= {beijing.entries()[2].blob}
    note = members["checkpoint"]
    assert open_checkpoint(note, beijing.key.verify_key).size == 4
    own = keys.signing_key().verify_key
    assert open_cosignature(note, own).checkpoint.size == 4


def test_one_that_is_set_aside_has_its_copy_back_without_a_cosignature(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    actions.set_aside(name=beijing.name, code="fork", evidence="", now=now)
    members = made(beijing, tmp_path, now)
    assert members["checkpoint"].count("—".encode()) == 1


def test_no_copy_is_packed_of_a_log_that_was_not_read_to_its_end(
    beijing: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    order = Order(beijing.name, beijing.key.verify_key, 0, 2**30, now, mirror=True)
    with pytest.raises(NotPacked, match="bundle-no-copy"):
        pack(order, tmp_path / "copy.zip", lambda done, total: None)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).verified_size == 1
    Peer.objects.update(verified_size=0)
    with pytest.raises(NotPacked, match="bundle-no-copy"):
        pack(order, tmp_path / "copy.zip", lambda done, total: None)
