"""Erasing what this node published: gone everywhere here, the log as it was, peers asked."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from chorsu.exchange import actions as exchange
from chorsu.exchange import blobs, cargo, erasures, proofs, queries
from chorsu.exchange.erasures import Answer
from chorsu.exchange.models import Blob, BlobUse, Erasure, FeedEntry
from chorsu.exchange.queries import Access, NotThere, blob_access
from chorsu.exchange.stores import DiskStore, StoreFailed
from chorsu.flows import erasing
from chorsu.flows.erasing import InvalidReason, NotErasable, Reason
from chorsu.flows.publishing import publish_draft
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.practices import actions
from chorsu.practices.errors import NoSuchPractice
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision
from chorsu.practices.queries import document_for_search, history, practice, revision
from chorsu.practices.rules import InvalidPractice
from chorsu.records.viewer import Viewer
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.erasing import ErasureAnswer, encode_answers, parse_erasures
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range, leaf_hash
from tests.everywhere import places_of
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.records.pdfs import small_pdf

MARK = "Quillfeather"
REASON = Reason("personal-data", "It named a citizen.", "en")
MEMBER = Viewer(member=True, languages=("en",))
pytestmark = pytest.mark.usefixtures("academy", "own_data")


def publish_with(editor: Person, now: datetime, *, file: bytes = b"", **words: str) -> uuid.UUID:
    """A new practice, with a file if one is given."""
    draft = ready_draft(editor, now, **words)
    if file:
        actions.add_file(
            draft_id=draft.id, upload=file, name="list.pdf", language="", by=editor, now=now
        )
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    return uuid.UUID(draft.id)


def revise(record: uuid.UUID, editor: Person, now: datetime, **words: str) -> None:
    copy = actions.revise(practice_id=str(record), by=editor, now=now)
    changed = actions.save_draft(
        draft_id=copy.id, version=copy.version, words={**copy.words, **words}, facts=copy.facts,
        by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=copy.id, version=changed.version, by=editor, now=now)


def erase(record: uuid.UUID, blob: str, now: datetime, reason: Reason = REASON) -> None:
    erasing.erase(record_id=record, blob=blob, reason=reason, by=None, now=now)
    erasing.finish(now=now)


def blob_of(record: uuid.UUID, number: int) -> str:
    return FeedEntry.objects.filter(record_id=record, revision=number).latest("index").blob


def file_of(record: uuid.UUID) -> str:
    return PracticeFile.objects.get(practice_id=record).sha256


def verify_own_log() -> int:
    """Build the tree from leaf 0 on and hold it against the signed root; returns its size."""
    from chorsu.exchange import keys

    leaves = FeedEntry.objects.order_by("index").values_list("leaf", flat=True)
    edge = Range.empty().append_all(leaf_hash(bytes(leaf)) for leaf in leaves)
    signed = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    assert (signed.size, signed.root) == (edge.size, edge.root())
    return edge.size


def test_the_words_of_an_erased_revision_are_nowhere_and_the_log_verifies(
    editor: Person, now: datetime
) -> None:
    record = publish_with(editor, now, problem=f"A man called {MARK} waited.")
    revise(record, editor, now, problem="A man waited.")
    assert places_of(MARK) != set()
    erase(record, blob_of(record, 1), now)
    assert places_of(MARK) == set()
    assert verify_own_log() == 2
    line = history(str(record), MEMBER)[1]
    assert (line.revision, line.is_here) == (1, False)
    assert line.erased is not None
    assert (line.erased.ground, line.erased.words) == ("personal-data", "It named a citizen.")
    with pytest.raises(NoSuchPractice):
        revision(str(record), 1, MEMBER)
    with pytest.raises(NotThere):
        proofs.save(proofs.publication(record, 1))


def test_all_that_was_published_of_a_revision_goes_with_it(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, problem=f"{MARK} waited.")
    row = Practice.objects.get()
    row.updated_at = now + timedelta(minutes=1)
    with transaction.atomic():
        form = actions.published_form(row)
        exchange.append(
            kind="practice", record_id=record, revision=1, action="publish", audience="public",
            payload=form.to_bytes(), now=now,
        )  # fmt: skip
    revise(record, editor, now, problem="A man waited.")
    erase(record, FeedEntry.objects.get(index=0).blob, now)
    assert places_of(MARK) == set()
    gone = {entry.blob for entry in FeedEntry.objects.filter(revision=1)}
    assert len(gone) == 2
    assert {blob_access(blob) for blob in gone} == {Access.GONE}


def test_what_a_practice_says_now_is_not_erased(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now)
    with pytest.raises(NotErasable, match="present"):
        erase(record, blob_of(record, 1), now)
    assert Erasure.objects.count() == 0
    assert practice(str(record), MEMBER).text.title


def test_a_withdrawn_practice_and_its_reason(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, problem=f"{MARK} waited.")
    withdraw_practice(practice_id=str(record), reason=f"{MARK} asked us.", by=editor, now=now)
    erase(record, FeedEntry.objects.get(index=0).blob, now)
    assert places_of(f"{MARK} waited") == set()
    assert places_of(MARK) != set()
    erase(record, FeedEntry.objects.get(index=1).blob, now)
    assert places_of(MARK) == set()
    assert Practice.objects.get().withdrawal_reason == ""
    assert AuditEvent.objects.filter(action="practice.withdrawn").count() == 1
    assert verify_own_log() == 2
    with pytest.raises(NoSuchPractice):
        actions.begin_from(practice_id=str(record), by=editor, now=now)


def test_a_file_is_gone_from_the_store_and_shown_as_erased_in_its_place(
    editor: Person, now: datetime
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    sha256 = file_of(record)
    assert blob_access(sha256) == Access.ALLOWED
    erase(record, sha256, now)
    assert (blob_access(sha256), blob_access(sha256, member=True)) == (Access.GONE, Access.GONE)
    assert blobs.read(sha256) is None
    assert queries.open_blobs([sha256], peer="beijing.chorsu.example") == set()
    assert sha256 not in {
        file.sha256 for load in cargo.loads(0, 1, network=True) for file in load.files
    }
    shown = practice(str(record), MEMBER).files[0]
    assert shown.erased is not None
    assert (shown.name, shown.erased.ground) == ("list.pdf", "personal-data")


def test_the_name_of_a_file_can_go_with_it(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now, Reason("rights", "Not ours.", "en", named=False))
    assert practice(str(record), MEMBER).files[0].name == ""
    # The next publication of the revision must stay one that peers can read.
    row = Practice.objects.get()
    assert actions.published_form(row).files[0].name == row_hash(record)


def row_hash(record: uuid.UUID) -> str:
    return file_of(record)[:12]


def test_a_file_only_an_earlier_revision_had_can_be_erased_before_or_after_its_words(
    editor: Person, now: datetime
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    sha256 = file_of(record)
    copy = actions.revise(practice_id=str(record), by=editor, now=now)
    actions.remove_file(draft_id=copy.id, sha256=sha256, by=editor, now=now)
    publish_draft(draft_id=copy.id, version=copy.version, by=editor, now=now)
    assert blobs.read(sha256) is not None
    erase(record, blob_of(record, 1), now)
    assert erasing.find_record(blob_of(record, 1)) == record
    erase(record, sha256, now)
    assert blobs.read(sha256) is None


def test_a_file_that_was_erased_is_not_taken_again(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now)
    again = ready_draft(editor, now)
    with pytest.raises(InvalidPractice, match="file_erased"):
        actions.add_file(
            draft_id=again.id, upload=small_pdf(), name="x.pdf", language="", by=editor, now=now
        )
    copy = actions.revise(practice_id=str(record), by=editor, now=now)
    assert copy.files == []


def test_erasing_twice_is_erasing_once(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now)
    with pytest.raises(NotErasable, match="done"):
        erase(record, file_of(record), now)
    assert Erasure.objects.count() == 1


def test_a_kill_before_the_bytes_went_is_made_up_for(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    sha256 = file_of(record)
    erasing.erase(record_id=record, blob=sha256, reason=REASON, by=None, now=now)
    assert blobs.read(sha256) is not None
    assert blob_access(sha256) == Access.GONE
    assert erasing.sweep(now=now) == 0
    assert blobs.read(sha256) is None
    # A folder restored from a backup brings the bytes back; not for long.
    blobs.blob_path(sha256).write_bytes(small_pdf())
    assert erasing.sweep(now=now) == 1
    assert blobs.read(sha256) is None


def test_a_kill_before_the_commit_erases_nothing(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())

    with transaction.atomic():
        erasing.erase(record_id=record, blob=file_of(record), reason=REASON, by=None, now=now)
        transaction.set_rollback(True)
    assert erasing.sweep(now=now) == 0
    assert blob_access(file_of(record)) == Access.ALLOWED
    assert blobs.read(file_of(record)) is not None


def test_a_download_that_had_begun_is_removed_too(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    partial = blobs.partial_path(file_of(record))
    partial.write_bytes(b"half")
    erase(record, file_of(record), now)
    assert not partial.exists()


def test_only_administrators_erase(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    with pytest.raises(NotAllowed):
        erasing.erase(record_id=record, blob=file_of(record), reason=REASON, by=editor, now=now)


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (Reason("because", "Words.", "en"), "ground: unknown"),
        (Reason("rights", " ", "en"), "words: missing"),
        (Reason("rights", "x" * 501, "en"), "words: too_long"),
        (Reason("rights", "Words.", "fr"), "language: unknown"),
        (Reason("rights", "Editor One wanted it.", "en"), "words: personal_name"),
    ],
)
def test_a_reason_that_may_not_go_out(
    editor: Person, now: datetime, reason: Reason, field: str
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    with pytest.raises(InvalidReason, match=field):
        erase(record, file_of(record), now, reason)


def test_another_records_file_is_not_this_ones_to_erase(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now)
    other = publish_with(editor, now, file=small_pdf(), title="Another")
    with pytest.raises(NotErasable, match="unknown"):
        erase(record, file_of(other), now)


def test_a_file_of_two_records_is_gone_from_both(editor: Person, now: datetime) -> None:
    first = publish_with(editor, now, file=small_pdf())
    second = publish_with(editor, now, file=small_pdf(), title="Another")
    told = erasing.consequence(first, file_of(first))
    assert {place.record_id for place in told.places} == {first, second}
    erase(first, file_of(first), now)
    assert practice(str(second), MEMBER).files[0].erased is not None
    assert not BlobUse.objects.filter(blob_id=file_of(first)).exists()


def test_search_finds_the_present_words_still(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, problem=f"{MARK} waited.")
    revise(record, editor, now, problem="A man waited.")
    erase(record, blob_of(record, 1), now)
    document = document_for_search(str(record))
    assert document is not None
    assert document.texts


# What peers read and say


@pytest.fixture
def astana(now: datetime) -> MemoryNode:
    """A confirmed peer that asks by real signed requests."""
    node = MemoryNode("ashgabat.chorsu.example")
    make_peer(node, now)
    return node


def ask(node: MemoryNode, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    url = settings.NODE_ADDRESS + path
    headers = node.signed_headers(method, url, body if method == "POST" else None)
    client = Client(headers=headers)
    if method == "POST":
        answer = client.post(path, body, content_type="application/json")
    else:
        answer = client.get(path)
    assert urlsplit(url).path == path.partition("?")[0]
    return answer.status_code, answer.content


def own_key() -> VerifyKey:
    from chorsu.exchange import keys

    return keys.signing_key().verify_key


def test_a_peer_reads_what_was_erased_and_its_answer_is_shown(
    editor: Person, astana: MemoryNode, now: datetime
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    sha256 = file_of(record)
    erase(record, sha256, now)
    [(_, [before])] = erasures.own_erasures(10)
    assert (before.peer, before.asked_at) == (astana.name, None)
    status, note = ask(astana, "GET", "/exchange/erasures?after=0")
    assert status == 200
    [told] = parse_erasures(note, own_key()).erasures
    assert (told.blob, told.what, told.words) == (sha256, "file", "It named a citizen.")
    [(_, [asked])] = erasures.own_erasures(10)
    assert (asked.asked_at is not None, asked.answer) == (True, "")
    answer = ErasureAnswer(sha256, "erased", "", now)
    assert ask(astana, "POST", "/exchange/erasures", encode_answers([answer]))[0] == 204
    [(_, [after])] = erasures.own_erasures(10)
    assert after.answer == Answer.ERASED
    late = ErasureAnswer(sha256, "kept", "used-here", now - timedelta(days=1))
    ask(astana, "POST", "/exchange/erasures", encode_answers([late]))
    [(_, [still])] = erasures.own_erasures(10)
    assert still.answer == Answer.ERASED


def test_a_stranger_reads_no_reasons(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now)
    assert Client().get("/exchange/erasures").status_code == 403
    stranger = MemoryNode("stranger.chorsu.example")
    assert ask(stranger, "GET", "/exchange/erasures?after=0")[0] == 403


def test_answers_about_what_was_never_erased_are_passed_over(
    astana: MemoryNode, now: datetime
) -> None:
    answer = ErasureAnswer("ab" * 32, "erased", "", now)
    assert ask(astana, "POST", "/exchange/erasures", encode_answers([answer]))[0] == 204
    assert Erasure.objects.count() == 0
    assert ask(astana, "POST", "/exchange/erasures", b"{}")[0] == 400
    assert ask(astana, "GET", "/exchange/erasures?after=-1")[0] == 400


def test_a_long_list_is_read_in_parts(editor: Person, astana: MemoryNode, now: datetime) -> None:
    record = publish_with(editor, now)
    with transaction.atomic():
        for n in range(30):
            exchange.erase_own(
                blob=f"{n:064x}", what="file", kind="practice", record_id=record, revision=0,
                ground="rights", words="Words.", language="en", named=True, files=[], now=now,
            )  # fmt: skip
    numbers, after = [], 0
    while True:
        note = ask(astana, "GET", f"/exchange/erasures?after={after}")[1]
        found = parse_erasures(note, own_key())
        numbers += [one.number for one in found.erasures]
        if found.is_end:
            break
        after = numbers[-1]
    assert (len(numbers), numbers) == (30, sorted(set(numbers)))


def test_the_row_of_an_erased_blob_stays(editor: Person, now: datetime) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now)
    assert Blob.objects.filter(sha256=file_of(record)).exists()
    assert PracticeRevision.objects.count() == 1


def test_a_node_set_back_gives_no_number_twice(
    editor: Person, astana: MemoryNode, now: datetime
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    erase(record, file_of(record), now)
    read_up_to = erasures.own_list(0).last
    Erasure.objects.all().delete()
    erase(record, file_of(record), now + timedelta(minutes=1))
    note = ask(astana, "GET", f"/exchange/erasures?after={read_up_to}")[1]
    assert len(parse_erasures(note, own_key()).erasures) == 1


def test_a_store_that_fails_delays_the_bytes_and_not_the_answer(
    editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = publish_with(editor, now, file=small_pdf())
    sha256 = file_of(record)
    erasing.erase(record_id=record, blob=sha256, reason=REASON, by=None, now=now)

    def fail(_store: DiskStore, sha256: str) -> bool:
        raise StoreFailed(sha256)

    with monkeypatch.context() as failing:
        failing.setattr(DiskStore, "remove", fail)
        with pytest.raises(OSError, match=sha256):
            erasing.finish(now=now)
    assert blob_access(sha256) == Access.GONE
    [(shown, _)] = erasures.own_erasures(1)
    assert not shown.done
    assert erasing.finish(now=now) == 1
    assert blobs.read(sha256) is None
