"""Nothing is swept by who can't know what is needed: set back, copied, by a wrong clock, spoilt."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.exchange import blobs, queries
from chorsu.exchange.actions.visiting import AWAY, SETTLED
from chorsu.exchange.models import Blob, FeedEntry, OwnFile, Sweeper
from chorsu.exchange.stores import UNTOUCHED, the_store
from chorsu.flows import restoring, sweeping
from chorsu.flows.publishing import publish_draft
from chorsu.flows.sweeping import Swept, sweep, sweep_tonight
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions
from chorsu.practices.models import PracticeFile
from tests.flows.copies import give_copy, set_back
from tests.flows.test_erasing import blob_of, file_of
from tests.flows.test_restoring import with_file
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.records.pdfs import small_pdf

pytestmark = pytest.mark.usefixtures("academy", "own_data")
NIGHT = timedelta(days=1)
LATER = exchange.GRACE + timedelta(minutes=1)


def nights(first: datetime, count: int) -> Iterator[datetime]:
    return (first + NIGHT * number for number in range(count))


@pytest.fixture
def settled(now: datetime) -> datetime:
    """The last of the nights after which this database removes things."""
    count = SETTLED.days + 1
    told = [sweep_tonight(now=night) for night in nights(now - SETTLED, count)]
    assert told == [None] * (count - 1) + [Swept(0, 0)]
    return now


def restore() -> restoring.Restored:
    return restoring.restore(clock=utc_now, progress=lambda done, total: None)


def without_row(data: bytes, now: datetime) -> str:
    """Bytes whose row the database has not, as after it was set back."""
    sha256 = blobs.put(data, media_type="text/plain", now=now)
    Blob.objects.filter(pk=sha256).delete()
    return sha256


def test_bytes_that_the_database_forgot_stay_while_the_log_is_stopped(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    sha256 = without_row(b"of a later day", now)
    exchange.stop_log(note=queries.checkpoint())
    assert sweep(now=now + UNTOUCHED * 2) == Swept(0, 0)
    assert the_store().has(sha256)


def test_restoring_finds_files_again_that_lie_here_and_no_peer_has(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    point = transaction.savepoint()
    record = uuid.UUID(with_file(editor, now, "One window for all papers"))
    file, content = file_of(record), blob_of(record, 1)
    copy = give_copy(beijing)
    transaction.savepoint_rollback(point)
    del copy.blobs[file], copy.blobs[content]
    assert blobs.info(file) is None

    assert restore().lost == 0
    assert blobs.all_here([file, content]) == {file, content}
    assert PracticeFile.objects.get().sha256 == file


def test_bytes_that_were_spoilt_are_not_found_again(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        record = uuid.UUID(with_file(editor, now, "One window for all papers"))
        file = file_of(record)
        copy = give_copy(beijing)
    del copy.blobs[file]
    blobs.blob_path(file).write_bytes(b"spoilt")
    assert restore().lost == 1
    assert blobs.info(file) is None


def test_files_of_a_content_that_came_back_late_stay_too(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        record = uuid.UUID(with_file(editor, now, "One window for all papers"))
        file, content = file_of(record), blob_of(record, 1)
        copy = give_copy(beijing)
    data = copy.blobs.pop(content)
    assert restore().lost == 1
    assert sweep(now=now) == Swept(0, 0)
    assert (exchange.files_noted(), OwnFile.objects.count()) == (1, 0)
    copy.blobs[content] = data
    assert restore().lost == 0

    assert sweep(now=now) == Swept(0, 0)
    assert [one.sha256 for one in OwnFile.objects.all()] == [file]


def test_a_spoilt_content_does_not_pass_for_one_that_names_no_file(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    upload = small_pdf(Title="List")
    file = actions.add_file(
        draft_id=draft.id, upload=upload, name="list.pdf", language="", by=editor, now=now
    ).sha256
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    path = blobs.blob_path(FeedEntry.objects.get().blob)
    path.write_bytes(path.read_bytes().replace(file.encode(), b"0" * 64))
    unnamed = blobs.put(b"unnamed", media_type="text/plain", now=now)
    assert sweeping.remove_unnamed(now=now + LATER) == 0
    assert exchange.files_noted() == 0
    assert blobs.info(unnamed) is not None


# Who looks after the store


def test_only_who_has_looked_after_the_store_for_a_month_removes_anything(
    settled: datetime,
) -> None:
    blobs.put(b"unnamed", media_type="text/plain", now=settled - LATER)
    told = sweep_tonight(now=settled + NIGHT)
    assert told is not None
    assert told.unnamed == 1


@pytest.mark.parametrize("leap", [timedelta(days=365), -timedelta(days=365)])
def test_a_clock_that_leaps_removes_nothing(settled: datetime, leap: timedelta) -> None:
    sha256 = blobs.put(b"on its way", media_type="text/plain", now=settled)
    wrong = settled + leap
    assert [sweep_tonight(now=night) for night in nights(wrong, 5)] == [None] * 5
    assert blobs.is_here(sha256)
    # Put right, it has to be right for as long.
    right = settled + NIGHT * 5
    assert [sweep_tonight(now=night) for night in nights(right, SETTLED.days)] == (
        [None] * SETTLED.days
    )
    assert sweep_tonight(now=right + SETTLED) is not None


def test_who_was_away_for_long_removes_nothing_at_first(settled: datetime) -> None:
    assert sweep_tonight(now=settled + AWAY) is not None
    assert sweep_tonight(now=settled + AWAY * 2 + NIGHT) is None


def test_a_database_set_back_removes_nothing_of_what_came_since(settled: datetime) -> None:
    backup = Sweeper.objects.get()
    for night in nights(settled + NIGHT, 2):
        sweep_tonight(now=night)
    sha256 = without_row(b"came since the backup", settled)
    backup.save()
    back = settled + NIGHT * 3
    told = [sweep_tonight(now=night) for night in nights(back, SETTLED.days)]
    assert told == [None] * SETTLED.days
    assert the_store().has(sha256)
    assert sweep_tonight(now=back + SETTLED) == Swept(0, 1)


def test_two_databases_with_one_store_remove_nothing(settled: datetime) -> None:
    rows = [Sweeper.objects.get(), Sweeper.objects.get()]
    told = []
    for night in nights(settled + NIGHT, 60):
        for number, row in enumerate(rows):
            row.save()
            told.append(sweep_tonight(now=night + timedelta(hours=number)))
            row.refresh_from_db()
    # The first night a copy knows all that the other does.
    assert told[1:] == [None] * 119


def test_two_workers_of_one_night_do_not_hinder_each_other(settled: datetime) -> None:
    told = [sweep_tonight(now=settled + NIGHT) for _ in range(2)]
    told.append(sweep_tonight(now=settled + NIGHT - timedelta(seconds=3)))
    assert None not in told


def test_a_mark_that_could_not_be_left_is_no_other_database(settled: datetime) -> None:
    before = the_store().mark()
    sweep_tonight(now=settled + NIGHT)
    the_store().set_mark(before)
    assert sweep_tonight(now=settled + NIGHT * 2) is not None
