"""What was erased or is lost when the log is restored: the one stays erased, the other may come."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest

from chorsu.exchange import blobs, cargo, queries
from chorsu.exchange.models import BlobUse, LostBlob
from chorsu.exchange.queries import Access, blob_access
from chorsu.flows import restoring
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from tests.flows.copies import give_copy, set_back
from tests.flows.test_erasing import blob_of, erase, file_of
from tests.flows.test_restoring import translate, with_file
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("academy", "own_data")


def restore() -> restoring.Restored:
    return restoring.restore(clock=utc_now, progress=lambda done, total: None)


def test_a_file_that_a_peer_has_kept_though_it_was_erased(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = uuid.UUID(with_file(editor, now, "One window for all papers"))
    file = file_of(record)
    data = blobs.read(file) or b""
    erase(record, file, now)
    with set_back():
        translate(str(record), editor, now)
        copy = give_copy(beijing)
    copy.blobs[file] = data

    restored = restore()

    assert (restored.size, restored.lost) == (2, 0)
    assert queries.feed_size() == 2
    assert blobs.read(file) is None
    assert blob_access(file) == Access.GONE
    assert not BlobUse.objects.filter(blob_id=file).exists()
    assert not any(
        one.sha256 == file for load in cargo.loads(0, 2, network=True) for one in load.files
    )


def test_what_was_lost_and_then_erased(beijing: MemoryNode, editor: Person, now: datetime) -> None:
    with set_back():
        record = uuid.UUID(with_file(editor, now, "One window for all papers"))
        file = file_of(record)
        data = blobs.read(file) or b""
        copy = give_copy(beijing)
    del copy.blobs[file]
    assert restore().lost == 1
    erase(record, file, now)
    copy.blobs[file] = data

    assert restore().lost == 0
    assert not LostBlob.objects.exists()
    assert blobs.read(file) is None


def test_what_is_lost_is_not_said_to_be_gone_for_it_may_come_back(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        record = uuid.UUID(with_file(editor, now, "One window for all papers"))
        content = blob_of(record, 1)
        copy = give_copy(beijing)
    data = copy.blobs.pop(content)
    assert restore().lost == 1
    assert blob_access(content) == Access.MISSING
    copy.blobs[content] = data
    assert restore().lost == 0
    assert blob_access(content) == Access.ALLOWED
