"""Erasures travel in bundles: asked for in the one, done, and answered in the next one back."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from chorsu.exchange import blobs, erasures, keys
from chorsu.exchange.models import Erasure, ErasureAsked
from chorsu.exchange.sealing import unseal
from chorsu.flows import erasing
from chorsu.flows.loading import Order
from chorsu.flows.packing import Packed, pack
from chorsu.flows.pulling import pull
from chorsu.flows.unpacking import Unpacked, unpack
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.practices.queries import practice
from chorsu.practices.wire import PublishedFile
from chorsu.records.viewer import Viewer
from chorsu.wire.envelope import blob_hash
from chorsu.wire.erasing import ErasureAnswer, open_answers, parse_erasures
from chorsu.wire.keys import SigningKey
from tests.bundles import Stick, put
from tests.flows.remote import make_peer, publish, row, states
from tests.flows.test_erasing import blob_of, erase, publish_with, revise
from tests.memory_node import MemoryNode

MEMBER = Viewer(member=True, languages=("en",))
pytestmark = pytest.mark.usefixtures("academy", "own_data")


@pytest.fixture
def far(db: None, now: datetime) -> MemoryNode:
    """A peer that no wire reaches."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    node.add_peer(node.key.verify_key)
    make_peer(node, now)
    return node


def carry(node: MemoryNode, folder: Path, now: datetime, data: bytes = b"") -> Unpacked:
    path = put(folder, data or Stick(node, now).part(recipient=str(settings.NODE_NAME)))
    taken = unpack(path, folder / "scratch", now=now, progress=lambda done, total: None)
    erasing.finish(now=now)
    return taken


def packed_for(node: MemoryNode, folder: Path, now: datetime) -> tuple[Packed, dict[str, bytes]]:
    """A bundle for the node, and the small members of it as that node reads them."""
    order = Order(node.name, node.key.verify_key, 0, 2**30, now)
    packed = pack(order, folder / "out.zip", lambda done, total: None)
    data = packed.files[0].read_bytes()
    if packed.sealed:
        plain = io.BytesIO()
        assert unseal(io.BytesIO(data), plain, node.key) is True
        data = plain.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = [one for one in file.namelist() if one.startswith("erasure")]
        return packed, {one: file.read(one) for one in names}


def test_what_a_peer_erased_goes_here_and_the_next_bundle_back_says_so(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    record = new_id()
    file = PublishedFile(far.add_blob(b"a list"), 6, "application/pdf", "list.pdf", "")
    publish(far, record, files=(file,))
    assert carry(far, tmp_path, now).files == 1
    far.ask_to_erase(file.sha256, "file", record)
    data = Stick(far, now).part([one for one in far.blobs if one != file.sha256])
    taken = carry(far, tmp_path, now, data)
    assert (taken.requests, taken.trouble, taken.damaged) == (1, "", [])
    assert blobs.read(file.sha256) is None
    shown = practice(record, MEMBER).files[0]
    assert shown.erased is not None
    assert shown.erased.words == "Asked for by law."
    packed, members = packed_for(far, tmp_path, now)
    assert (packed.sealed, list(members)) == (True, ["erasure-answers/0"])
    own = keys.signing_key().verify_key
    (said,) = open_answers(members["erasure-answers/0"], own, far.name)
    assert (said.blob, said.answer) == (file.sha256, "erased")
    # The same bundle once more asks for nothing new.
    assert carry(far, tmp_path, now, data).requests == 0


def test_a_long_list_is_read_to_its_end(far: MemoryNode, tmp_path: Path, now: datetime) -> None:
    publish(far, new_id())
    for number in range(60):
        far.ask_to_erase(blob_hash(b"%d" % number), "file", new_id())
    assert carry(far, tmp_path, now).requests == 60
    assert erasures.read_up_to(far.name) == 60


def test_an_older_bundle_makes_nothing_forgotten(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    publish(far, new_id())
    far.ask_to_erase(blob_hash(b"one"), "file", new_id())
    old = Stick(far, now).part()
    far.ask_to_erase(blob_hash(b"two"), "file", new_id())
    carry(far, tmp_path, now)
    assert carry(far, tmp_path, now, old).requests == 0
    assert erasures.read_up_to(far.name) == 2


def test_what_this_node_erased_goes_with_the_bundle_encrypted_and_the_answer_comes_back(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    record = publish_with(editor, now)
    revise(record, editor, now, problem="Shorter.")
    packed, members = packed_for(far, tmp_path, now)
    assert (packed.sealed, members) == (False, {})
    gone = blob_of(record, 1)
    erase(record, gone, now)
    packed, members = packed_for(far, tmp_path, now)
    assert (packed.sealed, list(members)) == (True, ["erasures/0"])
    told = parse_erasures(members["erasures/0"], keys.signing_key().verify_key)
    assert [one.blob for one in told.erasures] == [gone]
    assert ErasureAsked.objects.count() == 0
    publish(far, new_id())
    far.says = [ErasureAnswer(gone, "kept", "used-here", now + timedelta(days=1))]
    assert carry(far, tmp_path, now).answers == 1
    asked = ErasureAsked.objects.get()
    assert (asked.peer.name, asked.answer, asked.code) == (far.name, "kept", "used-here")


def test_a_node_not_confirmed_is_told_nothing_of_erasures(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    record = publish_with(editor, now)
    revise(record, editor, now, problem="Shorter.")
    erase(record, blob_of(record, 1), now)
    row_of = row(far)
    row_of.state = "added"
    row_of.save()
    packed, members = packed_for(far, tmp_path, now)
    assert (packed.sealed, members) == (False, {})


def test_a_list_by_a_key_that_is_not_the_peers_erases_nothing(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    record = new_id()
    file = PublishedFile(far.add_blob(b"a list"), 6, "application/pdf", "list.pdf", "")
    publish(far, record, files=(file,))
    far.ask_to_erase(file.sha256, "file", record)
    far.erased.clear()
    honest, far.key = far.key, SigningKey.generate(far.name)
    forged = dict(Stick(far, now).said())
    far.key, far.erasures = honest, []
    data = Stick(far, now).part(extra=list(forged.items()))
    taken = carry(far, tmp_path, now, data)
    assert (taken.files, taken.requests, Erasure.objects.count()) == (1, 0, 0)
    assert blobs.read(file.sha256) == b"a list"


def test_answers_meant_for_another_node_are_not_taken(
    far: MemoryNode, editor: Person, tmp_path: Path, now: datetime
) -> None:
    record = publish_with(editor, now)
    revise(record, editor, now, problem="Shorter.")
    gone = blob_of(record, 1)
    erase(record, gone, now)
    publish(far, new_id())
    stick = Stick(far, now)
    far.says = [ErasureAnswer(gone, "erased", "", now)]
    ((name, note),) = stick.said(origin="another.chorsu.example")
    far.says = []
    taken = carry(far, tmp_path, now, stick.part(extra=[(name, note)]))
    assert (taken.trouble, taken.answers, taken.accepted) == ("erasure-malformed", 0, 1)
    assert ErasureAsked.objects.count() == 0


def test_what_was_told_over_the_wire_is_not_carried_again(
    far: MemoryNode, tmp_path: Path, now: datetime
) -> None:
    far.add_peer(keys.signing_key().verify_key)
    with far.serve():
        make_peer(far, now)
        publish(far, str(uuid.UUID(new_id())))
        far.ask_to_erase(blob_hash(b"one"), "file", new_id())
        pull(peer_name=far.name, now=now)
    assert [one.answer for one in far.answers] == ["erased"]
    assert states(far) == ["accepted"]
    assert packed_for(far, tmp_path, now)[1] == {}
