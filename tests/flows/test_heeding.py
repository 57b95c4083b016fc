"""What a peer erased of its own goes here too, and nothing else does."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from chorsu.exchange import actions as exchange
from chorsu.exchange import blobs, erasures, keys
from chorsu.exchange.erasures import Answer
from chorsu.exchange.models import BlobUse, Erasure, Peer, PeerEntry, WantedBlob
from chorsu.exchange.proofs import root_at
from chorsu.exchange.queries import Access, blob_access
from chorsu.exchange.wanting import wants_of
from chorsu.flows import erasing, heeding
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions
from chorsu.practices.models import Practice, PracticeFile
from chorsu.practices.queries import history, practice
from chorsu.practices.wire import PublishedFile
from chorsu.records.viewer import Viewer
from chorsu.wire.checkpoint import sign_checkpoint
from tests.everywhere import places_of
from tests.flows.remote import make_peer, publish, reasons, row, states, withdraw
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.records.pdfs import small_pdf

MEMBER = Viewer(member=True, languages=("en",))
pytestmark = pytest.mark.usefixtures("academy", "own_data")


@pytest.fixture
def third(now: datetime) -> MemoryNode:
    """Another peer."""
    node = MemoryNode("ashgabat.chorsu.example")
    node.add_peer(keys.signing_key().verify_key)
    return node


def attach(node: MemoryNode, data: bytes, name: str = "list.pdf") -> PublishedFile:
    return PublishedFile(node.add_blob(data), len(data), "application/pdf", name, "")


def look(node: MemoryNode, now: datetime) -> None:
    pull(peer_name=node.name, now=now)
    erasing.finish(now=now)


def answers(node: MemoryNode) -> list[tuple[str, str]]:
    return [(one.answer, one.code) for one in node.answers]


def test_a_peers_earlier_words_go_and_the_peer_is_told(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    first = publish(beijing, record, title="张三先生的事")
    look(beijing, now)
    publish(beijing, record, revision=2, title="村民议事")
    look(beijing, now)
    assert places_of("张三先生的事") != set()
    beijing.ask_to_erase(first.blob or "", "record", record, revision=1)
    look(beijing, now)
    assert places_of("张三先生的事") == set()
    assert answers(beijing) == [("erased", "")]
    line = history(record, MEMBER)[1]
    assert line.erased is not None
    assert (line.erased.origin, line.erased.words) == (beijing.name, "Asked for by law.")
    assert AuditEvent.objects.get(action="erasure.heeded").subject_id == beijing.name


def test_a_peers_file_goes_and_its_place_says_why(beijing: MemoryNode, now: datetime) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    publish(beijing, record, files=(file,))
    look(beijing, now)
    assert blob_access(file.sha256) == Access.ALLOWED
    beijing.ask_to_erase(file.sha256, "file", record, named=False)
    look(beijing, now)
    assert blobs.read(file.sha256) is None
    assert blob_access(file.sha256) == Access.GONE
    shown = practice(record, MEMBER).files[0]
    assert (shown.name, shown.erased is not None) == ("", True)
    assert answers(beijing) == [("erased", "")]
    # A record of it that comes later asks for the file no more.
    publish(beijing, record, revision=2, files=(file,))
    look(beijing, now)
    assert (WantedBlob.objects.count(), blobs.read(file.sha256)) == (0, None)


def test_a_withdrawals_reason_goes(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    publish(beijing, record)
    gone = withdraw(beijing, record, reason="Quillfeather asked.")
    look(beijing, now)
    assert Practice.objects.get().withdrawal_reason == "Quillfeather asked."
    beijing.ask_to_erase(gone.blob or "", "reason", record, revision=1)
    look(beijing, now)
    assert places_of("Quillfeather") == set()


def test_a_file_that_an_own_draft_holds_is_kept_until_it_does_not(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    mine = actions.add_file(
        draft_id=draft.id, upload=small_pdf(), name="x.pdf", language="", by=editor, now=now
    )
    record, file = new_id(), attach(beijing, blobs.read(mine.sha256) or b"")
    publish(beijing, record, files=(file,))
    look(beijing, now)
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    assert answers(beijing) == [("kept", "used-here")]
    assert blobs.read(file.sha256) is not None
    actions.remove_file(draft_id=draft.id, sha256=file.sha256, by=editor, now=now)
    look(beijing, now + timedelta(hours=1))
    assert answers(beijing) == [("kept", "used-here"), ("erased", "")]
    assert blobs.read(file.sha256) is None


def test_what_an_own_record_uses_is_kept(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    mine = actions.add_file(
        draft_id=draft.id, upload=small_pdf(), name="x.pdf", language="", by=editor, now=now
    )
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    record, file = new_id(), attach(beijing, blobs.read(mine.sha256) or b"")
    publish(beijing, record, files=(file,))
    look(beijing, now)
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    assert answers(beijing) == [("kept", "used-here")]
    assert blob_access(file.sha256) == Access.ALLOWED
    assert practice(draft.id, MEMBER).files[0].erased is None


def test_what_another_peers_record_uses_is_kept(
    beijing: MemoryNode, third: MemoryNode, now: datetime
) -> None:
    file = attach(beijing, b"a law")
    record, other = new_id(), new_id()
    publish(beijing, record, files=(file,))
    look(beijing, now)
    with third.serve():
        make_peer(third, now)
        publish(third, other, files=(attach(third, b"a law"),))
        look(third, now)
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    assert answers(beijing) == [("kept", "used-by-other")]
    assert blobs.read(file.sha256) == b"a law"


def test_a_peer_cannot_erase_anothers_record_or_file(
    beijing: MemoryNode, third: MemoryNode, now: datetime
) -> None:
    record = new_id()
    file = attach(beijing, b"a law")
    first = publish(beijing, record, files=(file,))
    look(beijing, now)
    publish(beijing, record, revision=2, files=(file,))
    look(beijing, now)
    withdraw(beijing, record)
    look(beijing, now)
    with third.serve():
        make_peer(third, now)
        publish(third, new_id())
        third.ask_to_erase(file.sha256, "file", record)
        third.ask_to_erase(first.blob or "", "record", record, revision=1)
        look(third, now)
    assert answers(third) == [("kept", "not-named"), ("kept", "used-by-other")]
    assert erasures.erasure_of(first.blob or "") is None
    assert blobs.read(file.sha256) == b"a law"
    assert Erasure.objects.filter(blob=file.sha256).get().answer == Answer.KEPT


def test_what_a_record_says_now_is_kept_until_the_next_revision_is_here(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    first = publish(beijing, record)
    look(beijing, now)
    beijing.ask_to_erase(first.blob or "", "record", record, revision=1)
    look(beijing, now)
    assert answers(beijing) == [("kept", "present")]
    assert practice(record, MEMBER).text.title == "村民议事"
    publish(beijing, record, revision=2)
    look(beijing, now + timedelta(hours=1))
    assert answers(beijing)[-1] == ("erased", "")


def test_a_first_copy_after_an_erasure_settles_in_one_look(
    beijing: MemoryNode, now: datetime
) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    first = publish(beijing, record, title="旧", files=(file,))
    publish(beijing, record, revision=2, files=(file,))
    beijing.ask_to_erase(file.sha256, "file", record)
    beijing.ask_to_erase(first.blob or "", "record", record, revision=1)
    look(beijing, now)
    assert states(beijing) == ["superseded", "accepted"]
    assert WantedBlob.objects.count() == 0
    assert practice(record, MEMBER).files[0].erased is not None
    assert sorted(answers(beijing)) == [("erased", ""), ("erased", "")]


def test_a_peer_that_was_away_learns_it_later(beijing: MemoryNode, now: datetime) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    publish(beijing, record, files=(file,))
    look(beijing, now)
    beijing.ask_to_erase(file.sha256, "file", record)
    beijing.down = True
    look(beijing, now)
    assert blobs.read(file.sha256) is not None
    beijing.behave()
    look(beijing, now + timedelta(days=30))
    assert blobs.read(file.sha256) is None


def test_older_software_is_noted_and_hinders_nothing(beijing: MemoryNode, now: datetime) -> None:
    beijing.knows_erasures = False
    publish(beijing, new_id())
    look(beijing, now)
    assert (states(beijing), row(beijing).trouble) == (["accepted"], "")
    assert row(beijing).knows_erasures is False
    beijing.knows_erasures = True
    look(beijing, now)
    assert row(beijing).knows_erasures is True


def test_a_list_that_another_key_signed_erases_nothing(beijing: MemoryNode, now: datetime) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    publish(beijing, record, files=(file,))
    look(beijing, now)
    beijing.ask_to_erase(file.sha256, "file", record)
    beijing.erased.clear()
    honest, beijing.key = beijing.key, MemoryNode(beijing.name).key
    beijing.serve_checkpoint(sign_checkpoint(beijing.checkpoint(), honest))
    look(beijing, now)
    assert Erasure.objects.count() == 0
    assert blobs.read(file.sha256) == b"a list of names"


def test_a_file_said_to_be_gone_without_a_reason_is_asked_for_some_times_only(
    beijing: MemoryNode, now: datetime
) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    beijing.erase_blob(file.sha256)
    publish(beijing, record, files=(file,))
    for hours in range(9):
        look(beijing, now + timedelta(hours=7 * hours))
    assert WantedBlob.objects.count() == 0
    shown = practice(record, MEMBER).files[0].erased
    assert shown is not None
    assert (shown.ground, shown.words) == ("", "")
    # The reason may come later.
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now + timedelta(days=9))
    shown = practice(record, MEMBER).files[0].erased
    assert shown is not None
    assert shown.ground == "personal-data"


def test_content_said_to_be_gone_is_refused_in_the_end(beijing: MemoryNode, now: datetime) -> None:
    entry = publish(beijing, new_id())
    beijing.erase_blob(entry.blob or "")
    for hours in range(8):
        look(beijing, now + timedelta(hours=7 * hours))
    assert (states(beijing), reasons(beijing)) == (["refused"], ["peer-erased"])


def test_where_an_administrator_decides(
    beijing: MemoryNode, editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.erase_when_asked", False)
    record = new_id()
    keep, drop = attach(beijing, b"one"), attach(beijing, b"two", "two.pdf")
    publish(beijing, record, files=(keep, drop))
    look(beijing, now)
    for file in (keep, drop):
        beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    assert answers(beijing) == [("waiting", ""), ("waiting", "")]
    first, second = sorted(
        erasures.requests(10, waiting=True), key=lambda one: one.blob != keep.sha256
    )
    with pytest.raises(NotAllowed):
        heeding.decide(request_id=first.id, erase=True, by=editor, now=now)
    heeding.decide(request_id=first.id, erase=False, by=None, now=now)
    heeding.decide(request_id=second.id, erase=True, by=None, now=now)
    with pytest.raises(heeding.NotWaiting):
        heeding.decide(request_id=second.id, erase=False, by=None, now=now)
    look(beijing, now)
    assert sorted(answers(beijing)[2:]) == [("erased", ""), ("kept", "decided")]
    assert (blobs.read(keep.sha256), blobs.read(drop.sha256)) == (b"one", None)
    look(beijing, now)
    assert len(beijing.answers) == 4


def test_own_content_that_was_erased_is_not_fetched_from_a_peer(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    mine = actions.add_file(
        draft_id=draft.id, upload=small_pdf(), name="x.pdf", language="", by=editor, now=now
    )
    data = blobs.read(mine.sha256) or b""
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    reason = erasing.Reason("rights", "Not ours.", "en")
    erasing.erase(record_id=uuid.UUID(draft.id), blob=mine.sha256, reason=reason, by=None, now=now)
    erasing.finish(now=now)
    record, file = new_id(), attach(beijing, data)
    publish(beijing, record, files=(file,))
    look(beijing, now)
    assert (WantedBlob.objects.count(), blobs.read(mine.sha256)) == (0, None)
    assert not BlobUse.objects.filter(blob_id=mine.sha256).exists()
    assert ("GET", f"/exchange/blob/{mine.sha256}") not in beijing.requests
    erased = practice(record, MEMBER).files[0].erased
    assert erased is not None
    assert erased.words == "Not ours."


def test_a_long_list_is_read_once(beijing: MemoryNode, now: datetime) -> None:
    for n in range(60):
        beijing.ask_to_erase(f"{n:064x}", "file", new_id())
    look(beijing, now)
    assert len(beijing.answers) == 60
    assert Peer.objects.get().erasures_read == 60
    beijing.requests.clear()
    look(beijing, now)
    lists = [path for _, path in beijing.requests if "erasures" in path]
    assert lists == ["/exchange/erasures?after=60"]


def test_the_log_of_the_peer_verifies_after_all_of_it(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    first = publish(beijing, record, title="旧")
    publish(beijing, record, revision=2)
    look(beijing, now)
    beijing.ask_to_erase(first.blob or "", "record", record, revision=1)
    look(beijing, now)
    assert root_at(beijing.name, 2) == beijing.checkpoint().root
    assert PeerEntry.objects.count() == 2
    assert PracticeFile.objects.count() == 0


def test_a_file_that_is_fetched_when_wanted_and_was_erased_says_so(
    beijing: MemoryNode, now: datetime, client: Client
) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    Peer.objects.update(files=Peer.Files.WANTED)
    publish(beijing, record, files=(file,))
    look(beijing, now)
    address = f"/en/practices/{record}/files/{file.sha256}/"
    assert client.get(address).status_code == 200
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    answer = client.get(address)
    assert (answer.status_code, WantedBlob.objects.count()) == (410, 0)
    assert "Asked for by law." in answer.content.decode()
    assert ("GET", f"/exchange/blob/{file.sha256}") not in beijing.requests


def test_a_file_erased_while_it_was_on_its_way_is_not_kept(
    beijing: MemoryNode, now: datetime
) -> None:
    record, file = new_id(), attach(beijing, b"a list of names")
    beijing.erase_blob(file.sha256)
    publish(beijing, record, files=(file,))
    look(beijing, now)
    want = wants_of(beijing.name, file.sha256)[0]
    path = blobs.partial_path(file.sha256)
    path.write_bytes(b"a list of names")
    beijing.ask_to_erase(file.sha256, "file", record)
    look(beijing, now)
    exchange.keep_file(peer_name=beijing.name, file=want, path=path, now=now)
    assert (path.exists(), blobs.read(file.sha256)) == (False, None)
    assert not BlobUse.objects.filter(blob_id=file.sha256).exists()


def test_a_long_list_of_hashes_that_are_not_here_costs_no_reading_of_contents(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = new_id()
    publish(beijing, record)
    look(beijing, now)
    for number in range(5):
        beijing.ask_to_erase(f"{number:064x}", "file", record)
    read: list[str] = []
    honest = blobs.read

    def counted(sha256: str) -> bytes | None:
        read.append(sha256)
        return honest(sha256)

    monkeypatch.setattr(blobs, "read", counted)
    look(beijing, now)
    assert answers(beijing) == [("erased", "")] * 5
    assert read == []


def test_a_number_given_twice_is_passed_over(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    first = attach(beijing, b"one list")
    publish(beijing, record, files=(first,))
    look(beijing, now)
    exchange.gone_at_origin(
        peer_name=beijing.name,
        blob="ab" * 32,
        record_id=uuid.UUID(record),
        now=now + timedelta(days=1),
    )
    beijing.ask_to_erase(first.sha256, "file", record)
    look(beijing, now)
    beijing.ask_to_erase("ab" * 32, "file", record)
    beijing.erasures[1] = replace(beijing.erasures[1], number=1)
    del beijing.erasures[0]
    Peer.objects.update(erasures_read=0)
    look(beijing, now)
    assert row(beijing).trouble == ""
    assert blobs.read(first.sha256) is None
