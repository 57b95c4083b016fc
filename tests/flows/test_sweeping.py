"""What nothing names goes some days after it came; what anything names stays, at every moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from time import sleep

import pytest
from django.db import connection, transaction

from chorsu.exchange import actions as exchange
from chorsu.exchange import blobs, mirror, queries
from chorsu.exchange.actions import sweeping as rows_of
from chorsu.exchange.actions import visiting
from chorsu.exchange.models import Blob, BlobUse, Erasure, FeedEntry, OwnFile, Sweeper
from chorsu.exchange.stores import the_store
from chorsu.flows import erasing, sweeping
from chorsu.flows.erasing import Reason
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull
from chorsu.flows.sweeping import Swept, sweep
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Institution, Person
from chorsu.jobs.tasks import sweep_blobs
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices import actions
from chorsu.practices.models import Practice, PracticeFile
from chorsu.practices.wire import PublishedFile
from chorsu.training.actions import bank
from chorsu.training.models import BankPicture
from tests.flows.bank_scene import asked, shared_course, teacher
from tests.flows.remote import publish, withdraw
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.records.pdfs import small_pdf
from tests.training.formats.questions.test_pictures import body, package
from tests.training.pictures_kit import picture

__all__ = ["teacher"]
pytestmark = pytest.mark.usefixtures("academy", "own_data")
LATER = exchange.GRACE + timedelta(minutes=1)


def attached(node: MemoryNode) -> PublishedFile:
    return PublishedFile(node.add_blob(os.urandom(900)), 900, "application/pdf", "a-file", "")


def here(*hashes: str) -> list[bool]:
    """Whether the row of each is here, and its bytes; both or neither."""
    rows = [blobs.info(sha256) is not None for sha256 in hashes]
    assert rows == [the_store().has(sha256) for sha256 in hashes]
    return rows


def own_file(draft_id: str, editor: Person, now: datetime, words: str = "List") -> str:
    upload = small_pdf(Title=words)
    return actions.add_file(
        draft_id=draft_id, upload=upload, name="list.pdf", language="", by=editor, now=now
    ).sha256


def test_files_that_a_peer_withdrew_or_replaced_go(beijing: MemoryNode, now: datetime) -> None:
    gone, old, stays, shared = (attached(beijing) for _ in range(4))
    withdrawn, revised = new_id(), new_id()
    contents = publish(beijing, withdrawn, files=(gone, shared)).blob
    publish(beijing, revised, files=(old, shared))
    pull(peer_name=beijing.name, now=now)
    withdraw(beijing, withdrawn)
    publish(beijing, revised, revision=2, files=(stays, shared))
    pull(peer_name=beijing.name, now=now)
    hashes = [one.sha256 for one in (gone, old, stays, shared)]
    assert sweep(now=now) == Swept(0, 0)
    assert here(*hashes) == [True] * 4

    assert sweep(now=now + LATER) == Swept(2, 2)
    assert here(*hashes) == [False, False, True, True]
    # Its own log it may have back whole.
    assert mirror.mirrored_blobs(beijing.name, [str(contents)]) == {contents}
    assert blobs.is_here(str(contents))
    assert sweep(now=now + LATER) == Swept(0, 0)


def test_what_only_a_forgotten_peers_log_named_goes(beijing: MemoryNode, now: datetime) -> None:
    record, file = new_id(), attached(beijing)
    before = publish(beijing, record, title="第一").blob
    pull(peer_name=beijing.name, now=now)
    present = publish(beijing, record, revision=2, files=(file,)).blob
    pull(peer_name=beijing.name, now=now)
    assert sweep(now=now + LATER).unnamed == 0
    exchange.forget_peer(name=beijing.name)
    assert sweep(now=now + LATER) == Swept(1, 1)
    assert here(str(before), str(present), file.sha256) == [False, True, True]
    assert Practice.objects.get().blob == present


def test_what_the_node_itself_published_stays(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    first = own_file(draft.id, editor, now, "First")
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.remove_file(draft_id=draft.id, sha256=first, by=editor, now=now)
    second = own_file(draft.id, editor, now, "Second")
    publish_draft(draft_id=draft.id, version=copy.version, by=editor, now=now)
    withdraw_practice(practice_id=draft.id, reason="A fault.", by=editor, now=now)
    contents = list(FeedEntry.objects.values_list("blob", flat=True))
    assert not PracticeFile.objects.filter(sha256=first).exists()

    assert sweep(now=now + LATER) == Swept(0, 0)
    assert here(first, second, *contents) == [True] * 5
    assert set(OwnFile.objects.values_list("pk", flat=True)) == {first, second}
    reason = Reason("rights", "It was not ours.", "en")
    erasing.erase(record_id=copy.id, blob=first, reason=reason, by=None, now=now)  # type: ignore[arg-type]
    erasing.finish(now=now)
    sweep(now=now + LATER)
    assert (blobs.info(first) is not None, the_store().has(first)) == (True, False), "its tombstone"


def test_the_log_is_read_once_for_the_files_it_names(editor: Person, now: datetime) -> None:
    for words in ("First", "Second"):
        draft = ready_draft(editor, now)
        own_file(draft.id, editor, now, words)
        publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
        sweep(now=now)
        for blob in FeedEntry.objects.values_list("blob", flat=True):
            the_store().remove(blob)
    assert (exchange.files_noted(), OwnFile.objects.count()) == (2, 2)


def test_nothing_goes_while_nobody_can_tell_what_the_own_log_names(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    first = own_file(draft.id, editor, now)
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.remove_file(draft_id=draft.id, sha256=first, by=editor, now=now)
    publish_draft(draft_id=draft.id, version=copy.version, by=editor, now=now)
    content = FeedEntry.objects.get(index=0).blob
    saved = blobs.read(content)
    assert saved is not None
    the_store().remove(content)
    assert (sweeping.remove_unnamed(now=now + LATER), exchange.files_noted()) == (0, 0)
    assert here(first) == [True]
    blobs.put(saved, media_type="application/json", now=now)
    assert sweep(now=now + LATER) == Swept(0, 0)
    assert set(OwnFile.objects.values_list("pk", flat=True)) == {first}


def test_a_file_taken_off_a_draft_goes_and_one_that_is_in_it_stays(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    off, kept = own_file(draft.id, editor, now, "Off"), own_file(draft.id, editor, now, "Kept")
    actions.remove_file(draft_id=draft.id, sha256=off, by=editor, now=now)
    assert sweep(now=now + LATER) == Swept(1, 1)
    assert here(off, kept) == [False, True]


def test_the_nightly_job_sweeps(db: None) -> None:
    long_ago = utc_now() - LATER
    sha256 = blobs.put(b"nobody's", media_type="text/plain", now=long_ago)
    os.utime(blobs.blob_path(sha256), (long_ago.timestamp(),) * 2)
    sweep_blobs(timestamp=0)
    assert here(sha256) == [True]
    Sweeper.objects.update(since=utc_now() - visiting.SETTLED)
    sweep_blobs(timestamp=0)
    assert here(sha256) == [False]


def test_a_file_put_again_has_its_days_again(now: datetime, db: None) -> None:
    sha256 = blobs.put(b"again", media_type="text/plain", now=now)
    blobs.put(b"again", media_type="text/plain", now=now + timedelta(days=6))
    assert sweep(now=now + LATER).unnamed == 0
    assert sweep(now=now + timedelta(days=6) + LATER).unnamed == 1
    assert here(sha256) == [False]


def test_pictures_of_an_import_that_waits_stay_and_go_with_it(
    teacher: Person, now: datetime
) -> None:
    course_id = shared_course(teacher, now, asked("First"))
    content = package(body('Where? <img src="../images/map.png" alt="A map"/>'), map_png=picture())
    view = bank.read_file(
        course_id=course_id, name="p.zip", content=content, language="en", competence="",
        by=teacher, now=now,
    )  # fmt: skip
    sha256 = view.found[0].facts["pictures"][0]["sha256"]
    assert sweep(now=now + LATER).unnamed == 0
    bank.discard_import(course_id=course_id, import_id=view.id, by=teacher)
    assert sweep(now=now + LATER) == Swept(1, 1)
    assert here(sha256) == [False]


def test_a_picture_that_only_a_question_names_stays(teacher: Person, now: datetime) -> None:
    course_id = shared_course(teacher, now, asked("First"))
    content = package(body('Where? <img src="../images/map.png" alt="A map"/>'), map_png=picture())
    view = bank.read_file(
        course_id=course_id, name="p.zip", content=content, language="en", competence="",
        by=teacher, now=now,
    )  # fmt: skip
    bank.keep_import(course_id=course_id, import_id=view.id, places=[0], by=teacher, now=now)
    BankPicture.objects.all().delete()
    assert sweep(now=now + LATER).unnamed == 0
    assert here(view.found[0].facts["pictures"][0]["sha256"]) == [True]


def test_many_go_in_portions(monkeypatch: pytest.MonkeyPatch, now: datetime, db: None) -> None:
    monkeypatch.setattr(rows_of, "LOOKED_AT_ONCE", 4)
    monkeypatch.setattr(rows_of, "REMOVED_AT_ONCE", 3)
    found = blobs.put_many([b"%d" % n for n in range(13)], media_type="text/plain", now=now)
    kept = found[::3]
    for sha256 in kept:
        BlobUse.objects.create(blob_id=sha256, record_id=new_id(), audience="public", own=False)
    portions = list(exchange.unnamed(before=now + LATER))
    assert [len(one) for one in portions] == [3, 3, 2]
    assert sorted(one for some in portions for one in some) == sorted(set(found) - set(kept))
    assert sweep(now=now + LATER) == Swept(8, 8)
    assert set(Blob.objects.values_list("sha256", flat=True)) == set(kept)


def test_what_a_peer_asked_to_erase_keeps_no_blob_but_a_decision_does(
    now: datetime, db: None
) -> None:
    answers = {"erased": "", "kept": "not-named", "waiting": "", "decided": "decided"}
    hashes = {name: blobs.put(name.encode(), media_type="text/plain", now=now) for name in answers}
    for name, code in answers.items():
        Erasure.objects.create(
            origin="beijing.chorsu.example", blob=hashes[name], what="file", kind="practice",
            record_id=new_id(), revision=0, at=now, code=code,
            answer="kept" if name == "decided" else name,
        )  # fmt: skip
    sweep(now=now + LATER)
    left = set(Blob.objects.values_list("sha256", flat=True))
    assert left == {hashes["erased"], hashes["decided"]}


def test_nothing_goes_while_the_log_is_stopped(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    sha256 = blobs.put(b"not named yet", media_type="text/plain", now=now)
    exchange.stop_log(note=queries.checkpoint())
    assert sweep(now=now + LATER).unnamed == 0
    assert here(sha256) == [True]


# Killed, and at the same moment


def test_killed_between_the_row_and_the_bytes_the_bytes_go_the_next_night(
    now: datetime, db: None
) -> None:
    sha256 = blobs.put(b"unnamed", media_type="text/plain", now=now)
    assert sweeping.remove_unnamed(now=now + LATER) == 1
    assert (blobs.info(sha256), the_store().has(sha256)) == (None, True)
    assert not blobs.is_here(sha256)
    assert sweep(now=now + LATER) == Swept(0, 1)
    assert here(sha256) == [False]


def test_killed_between_them_and_put_again_it_is_whole(now: datetime, db: None) -> None:
    sha256 = blobs.put(b"unnamed", media_type="text/plain", now=now)
    sweeping.remove_unnamed(now=now + LATER)
    blobs.put(b"unnamed", media_type="text/plain", now=now + LATER)
    assert sweep(now=now + LATER) == Swept(0, 0)
    assert here(sha256) == [True]


def beside(act: Callable[[], object]) -> Future[object]:
    """Begin something on a connection of its own."""

    def run() -> object:
        try:
            return act()
        finally:
            connection.close()

    with_one = ThreadPoolExecutor(1)
    future = with_one.submit(run)
    with_one.shutdown(wait=False)
    return future


@pytest.mark.django_db(transaction=True)
def test_bytes_put_between_choice_and_removal_stay(now: datetime) -> None:
    sha256 = blobs.put(b"wanted again", media_type="text/plain", now=now)
    before = now + LATER - exchange.GRACE
    [chosen] = exchange.unnamed(before=before)
    blobs.put(b"wanted again", media_type="text/plain", now=now + LATER)
    with transaction.atomic():
        assert exchange.lock_unnamed(chosen, before=before) == []
    assert here(sha256) == [True]


@pytest.mark.django_db(transaction=True)
def test_bytes_whose_put_is_not_committed_stay(now: datetime) -> None:
    sha256 = blobs.put(b"wanted again", media_type="text/plain", now=now)
    with transaction.atomic():
        blobs.put(b"wanted again", media_type="text/plain", now=now + LATER)
        assert beside(lambda: sweep(now=now + LATER)).result(10) == Swept(0, 0)
    assert here(sha256) == [True]


@pytest.mark.django_db(transaction=True)
def test_two_who_put_the_same_in_another_order_do_not_wait_for_each_other(now: datetime) -> None:
    def put(data: bytes) -> str:
        return blobs.put(data, media_type="text/plain", now=now + LATER)

    one, other = (blobs.put(data, media_type="text/plain", now=now) for data in (b"one", b"other"))
    with transaction.atomic():
        put(b"one")
        second = beside(transaction.atomic(lambda: [put(b"other"), put(b"one")]))
        assert second.result(10) == [other, one]
        put(b"other")
    assert sweep(now=now + LATER) == Swept(0, 0)


@pytest.mark.django_db(transaction=True)
def test_bytes_put_while_their_row_goes_are_here_afterwards(now: datetime) -> None:
    sha256 = blobs.put(b"wanted again", media_type="text/plain", now=now)
    with transaction.atomic():
        locked = exchange.lock_unnamed([sha256], before=now + LATER)
        assert exchange.remove_unnamed(locked, unless=sweeping.places()) == 1
        putting = beside(lambda: blobs.put(b"wanted again", media_type="text/plain", now=utc_now()))
        sleep(0.3)
        assert not putting.done()
    assert putting.result(10) == sha256
    assert sweep(now=utc_now()) == Swept(0, 0)
    assert here(sha256) == [True]


@pytest.mark.django_db(transaction=True)
def test_a_name_given_between_choice_and_removal_keeps_it(editor: Person, now: datetime) -> None:
    sha256 = blobs.put(b"named late", media_type="text/plain", now=now)
    [chosen] = exchange.unnamed(before=now + LATER)
    PracticeFile.objects.create(
        practice_id=new_id(), sha256=sha256, name="a", media_type="text/plain", size=10
    )
    with transaction.atomic():
        locked = exchange.lock_unnamed(chosen, before=now + LATER)
        assert locked == [sha256]
        assert exchange.remove_unnamed(locked, unless=sweeping.places()) == 0
    assert here(sha256) == [True]


@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_about_to_name_stays(now: datetime) -> None:
    sha256 = blobs.put(b"named late", media_type="text/plain", now=now)
    with transaction.atomic():
        assert blobs.hold([sha256, "0" * 64]) == {sha256}
        assert beside(lambda: sweep(now=now + LATER)).result(10) == Swept(0, 0)
        BlobUse.objects.create(blob_id=sha256, record_id=new_id(), audience="public", own=False)
    assert sweep(now=now + LATER) == Swept(0, 0)
    assert here(sha256) == [True]


@pytest.mark.django_db(transaction=True)
def test_a_file_swept_while_another_record_takes_it_up_is_fetched(
    academy: Institution, beijing: MemoryNode, now: datetime
) -> None:
    file, first, second = attached(beijing), new_id(), new_id()
    publish(beijing, first, files=(file,))
    pull(peer_name=beijing.name, now=now)
    publish(beijing, second, files=(file,))
    with transaction.atomic():
        # As a withdrawal and the sweep after it, neither of which the reader sees yet.
        BlobUse.objects.filter(blob_id=file.sha256).delete()
        PracticeFile.objects.all().delete()
        locked = exchange.lock_unnamed([file.sha256], before=now + LATER)
        assert exchange.remove_unnamed(locked, unless=sweeping.places()) == 1
        pulling = beside(lambda: pull(peer_name=beijing.name, now=now))
        sleep(1)
        assert not pulling.done()
    pulling.result(20)
    assert here(file.sha256) == [True]
    assert BlobUse.objects.get(blob_id=file.sha256).record_id.hex == second.replace("-", "")
