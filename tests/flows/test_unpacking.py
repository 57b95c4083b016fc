"""Bundles taken in: in any order, twice, cut, damaged, old, forged. Named after what goes wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from chorsu.exchange import actions, blobs, keys
from chorsu.exchange.models import PeerEntry
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.pulling import pull
from chorsu.flows.unpacking import Unpacked, unpack
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice, PracticeText
from chorsu.practices.wire import PublishedFile
from chorsu.wire.bundle import PartLine
from chorsu.wire.keys import SigningKey
from tests.bundles import Stick, put, sealed, zipped
from tests.flows.remote import publish, reasons, row, states, withdraw
from tests.memory_node import MemoryNode


@pytest.fixture
def stick(beijing: MemoryNode, now: datetime) -> Stick:
    """A bundle maker at Beijing; no wire is used in these tests."""
    stick = Stick(beijing, now)
    beijing.add_peer(beijing.key.verify_key)
    return stick


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files lie."""
    return tmp_path


def carry(data: bytes, folder: Path, now: datetime) -> Unpacked:
    path = put(folder, data)
    return unpack(path, folder / "scratch", now=now, progress=lambda done, total: None)


def titles() -> list[str]:
    return sorted(PracticeText.objects.values_list("title", flat=True))


def refusal(data: bytes, folder: Path, now: datetime) -> NotUnpacked:
    with pytest.raises(NotUnpacked) as caught:
        carry(data, folder, now)
    return caught.value


def picture(beijing: MemoryNode, data: bytes) -> PublishedFile:
    return PublishedFile(beijing.add_blob(data), len(data), "image/png", "map.png", "")


def test_a_bundle_brings_records_and_files_without_any_wire(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    file = picture(beijing, b"a picture")
    publish(beijing, new_id(), title="一", files=(file,))
    publish(beijing, new_id(), title="二", audience="network")
    data = stick.part()
    beijing.requests.clear()
    taken = carry(data, folder, now)
    assert (taken.entries, taken.accepted, taken.files) == (2, 2, 1)
    assert (taken.cut, taken.damaged, taken.trouble, taken.missing) == (False, [], "", [])
    assert titles() == ["一", "二"]
    assert blobs.read(file.sha256) == b"a picture"
    assert beijing.requests == []
    assert (row(beijing).verified_size, row(beijing).trouble) == (2, "")


def test_the_same_bundle_twice_changes_nothing(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    data = stick.part()
    carry(data, folder, now)
    again = carry(data, folder, now)
    assert (again.entries, again.accepted, again.trouble, again.old) == (0, 0, "", False)
    assert (states(beijing), Practice.objects.count()) == (["accepted"], 1)


def test_parts_come_in_any_order_and_what_is_missing_is_named(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    file = picture(beijing, b"a map of the district")
    first = publish(beijing, new_id(), title="一", files=(file,))
    second = publish(beijing, new_id(), title="二")
    lines = [PartLine("a.zip", 0, 1), PartLine("b.zip", 0, 1), PartLine("c.zip", 1, 2)]
    words = stick.part([first.blob or ""], number=1, lines=lines)
    files = stick.part([file.sha256], number=2, lines=lines)
    rest = stick.part([second.blob or ""], number=3, lines=lines)

    taken = carry(rest, folder, now)
    assert (taken.accepted, titles()) == (1, ["二"])
    assert [(one.index, one.is_file) for one in taken.missing] == [(0, False)]
    assert taken.missing_parts == ["a.zip", "b.zip"]

    taken = carry(words, folder, now)
    assert (taken.accepted, titles()) == (1, ["一", "二"])
    assert [(one.sha256, one.is_file) for one in taken.missing] == [(file.sha256, True)]
    assert taken.missing_parts == ["b.zip"]

    taken = carry(files, folder, now)
    assert (taken.files, taken.missing, taken.missing_parts) == (1, [], [])
    assert blobs.read(file.sha256) == b"a map of the district"


@pytest.mark.parametrize("encrypted", [False, True])
def test_half_copied_at_any_byte_what_came_is_taken_and_the_rest_named(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime, encrypted: bool
) -> None:
    for title in ("一", "二", "三"):
        publish(beijing, new_id(), title=title)
    data = stick.part(extra=[("blob/" + "0" * 64, bytes(70_000))])
    if encrypted:
        data = sealed(data, keys.signing_key().verify_key)
    came, codes = 0, set()
    for cut in [*range(0, len(data), max(1, len(data) // 60)), len(data)]:
        try:
            taken = carry(data[:cut], folder, now)
        except NotUnpacked as refused:
            codes.add(refused.code)
            continue
        came += taken.accepted
        assert taken.missing_records == 3 - came or taken.trouble == "bundle-cut"
        assert taken.cut == (cut < len(data))
    assert (came, titles(), codes) == (3, ["一", "三", "二"], {"bundle-cut"})


def test_any_flipped_byte_harms_one_piece_at_most_and_is_made_good_by_another_copy(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    data, codes = stick.part(), set()
    for at in range(0, len(data), max(1, len(data) // 150)):
        spoilt = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            carry(spoilt, folder, now)
        except NotUnpacked as refused:
            codes.add(refused.code)
        assert set(titles()) <= {"一"}
    assert codes & {"rewritten", "fork", "rolled-back"} == set()
    carry(data, folder, now)
    assert (titles(), states(beijing), row(beijing).state) == (["一"], ["accepted"], "confirmed")


def test_years_old_is_no_rollback_and_still_brings_what_is_missing(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    lost = publish(beijing, new_id(), title="一")
    old = stick.part()
    publish(beijing, new_id(), title="二")
    beijing.erase_blob(lost.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert titles() == ["二"]
    taken = carry(old, folder, now)
    assert (taken.old, taken.entries, taken.accepted) == (True, 0, 1)
    assert (titles(), row(beijing).state) == (["一", "二"], "confirmed")
    assert (row(beijing).verified_size, row(beijing).offered_size) == (2, 2)


def test_an_old_bundle_brings_back_nothing_that_was_withdrawn(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    old = stick.part()
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    carry(old, folder, now)
    assert (titles(), states(beijing)) == ([], ["superseded", "accepted"])


def test_an_old_bundle_of_another_past_is_evidence(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    honest = list(beijing.leaves)
    beijing.rewrite_history()
    forged = stick.part()
    beijing.leaves = honest
    publish(beijing, new_id(), title="二")
    pull(peer_name=beijing.name, now=now)
    assert refusal(forged, folder, now).code == "rewritten"
    kept = row(beijing)
    assert (kept.state, kept.trouble) == ("set-aside", "rewritten")
    assert kept.trouble_detail.count("beijing.chorsu.example\n") == 2


def test_a_newer_bundle_of_another_past_is_evidence(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    pull(peer_name=beijing.name, now=now)
    beijing.rewrite_history()
    publish(beijing, new_id(), title="二")
    assert refusal(stick.part(), folder, now).code == "rewritten"
    assert row(beijing).state == "set-aside"


def test_two_roots_for_one_size_are_evidence(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    pull(peer_name=beijing.name, now=now)
    beijing.fork()
    assert refusal(stick.part(), folder, now).code == "fork"
    assert row(beijing).state == "set-aside"


def test_encrypted_to_this_node_is_read(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一", audience="network")
    taken = carry(sealed(stick.part(), keys.signing_key().verify_key), folder, now)
    assert (taken.sealed, taken.accepted, titles()) == (True, 1, ["一"])
    assert list(folder.glob("scratch*")) == []


def test_encrypted_to_another_node_is_refused_and_says_to_which(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), audience="network")
    refused = refusal(sealed(stick.part(), beijing.key.verify_key), folder, now)
    assert (refused.code, refused.about) == ("bundle-not-ours", beijing.name)
    stranger = SigningKey.generate("nobody.example").verify_key
    assert refusal(sealed(stick.part(), stranger), folder, now).about == ""


def test_from_a_node_that_is_no_peer(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    actions.refuse_peer(name=beijing.name)
    assert refusal(stick.part(), folder, now).code == "bundle-of-stranger"
    assert PeerEntry.objects.count() == 0


def test_a_forged_checkpoint_brings_nothing(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    beijing.sign_with_another_key()
    assert refusal(stick.part(), folder, now).code in ("wrong-key", "bad-signature")
    assert (titles(), row(beijing).state) == ([], "confirmed")


def test_a_forged_manifest_that_names_another_origin(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    other = MemoryNode("osh.chorsu.example")
    actions.add_peer(document=other.document(), now=now)
    actions.confirm_peer(name=other.name, vkey=other.key.vkey, now=now)
    assert refusal(stick.part(origin=other.name), folder, now).code == "wrong-key"
    assert PeerEntry.objects.count() == 0


def test_entries_changed_on_the_stick_are_not_believed(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    beijing.serve_entry_flipped()
    taken = carry(stick.part(), folder, now)
    assert (taken.trouble, taken.entries, titles()) == ("root-mismatch", 0, [])
    assert row(beijing).state == "confirmed"


def test_a_blob_of_another_content_is_not_believed(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id())
    beijing.serve_blob_flipped()
    taken = carry(stick.part(), folder, now)
    assert (titles(), reasons(beijing), taken.missing_records) == ([], ["blob-hash"], 1)


def test_a_gap_is_said_with_where_to_begin(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    for _ in range(3):
        publish(beijing, new_id())
    taken = carry(stick.part(since=2), folder, now)
    assert (taken.trouble, taken.trouble_detail) == ("bundle-gap", "2, read up to 0")
    assert (taken.entries, titles()) == (0, [])


def test_from_an_entry_on_over_many_tiles(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    for _ in range(300):
        beijing.append_raw(b'{"format":2,"kind":"practice"}')
    carry(stick.part(), folder, now)
    publish(beijing, new_id(), title="一")
    for _ in range(400):
        beijing.append_raw(b'{"format":2,"kind":"practice"}')
    taken = carry(stick.part(since=300), folder, now)
    assert (taken.trouble, taken.entries, titles()) == ("", 401, ["一"])


def test_names_that_lead_out_of_the_folder_are_never_read(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    names = ["../../escape", "/etc/escape", "blob/../escape", "tile/0/000/../../escape"]
    taken = carry(stick.part(extra=[(name, b"!") for name in names]), folder, now)
    assert (taken.damaged, titles()) == (sorted(names), ["一"])
    assert list(folder.rglob("*escape*")) == []


def test_a_name_with_a_nul_ends_what_is_read_and_is_not_reported(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    part = stick.part(extra=[("blob/a+b", b"!"), ("after", b"!")]).replace(b"a+b", b"a\0b")
    taken = carry(part, folder, now)
    assert (taken.cut, taken.damaged, titles()) == (True, [], ["一"])


def test_a_zip_bomb_is_no_part_of_a_bundle(
    stick: Stick, beijing: MemoryNode, folder: Path, now: datetime
) -> None:
    bomb = zipped([("manifest.json", bytes(50_000_000))], method=8)
    assert len(bomb) < 100_000
    assert refusal(bomb, folder, now).code == "bundle-cut"
    huge = zipped([("manifest.json", bytes(2_000_000))])
    assert refusal(huge, folder, now).code == "bundle-cut"


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"%PDF-1.7", b"age-encryption.org/v1\n", b"PK\x05\x06" + bytes(18)]
)
def test_another_file_is_no_part_of_a_bundle(
    beijing: MemoryNode, folder: Path, now: datetime, data: bytes
) -> None:
    assert refusal(data, folder, now).code == "bundle-cut"


def test_a_newer_manifest_is_told_apart(beijing: MemoryNode, folder: Path, now: datetime) -> None:
    data = zipped([("manifest.json", b'{"format":2}')])
    assert refusal(data, folder, now).code == "carried-format"
    data = zipped([("manifest.json", b'{"format":1}')])
    assert refusal(data, folder, now).code == "carried-malformed"
