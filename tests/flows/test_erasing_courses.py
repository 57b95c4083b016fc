"""What a course said and had to go is nowhere else at this node, be it one's own or a peer's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.models import FeedEntry
from chorsu.flows import erasing, teaching
from chorsu.flows.erasing import Reason
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.records.forms import PublishedFile
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import NoSuchCourse
from chorsu.training.queries import courses as queries
from chorsu.training.wire.courses import KIND
from tests.everywhere import places_of
from tests.flows.test_teaching import course, publish
from tests.memory_node import MemoryNode
from tests.training.courses.content import ready_draft
from tests.training.courses.test_actions import PNG

MARK = "Quillfeather"
REASON = Reason("personal-data", "It named a citizen.", "en")
MEMBER = Viewer(member=True)
pytestmark = pytest.mark.usefixtures("own_data")


def revise(course_id: str, editor: Person, now: datetime, **words: str) -> None:
    draft = courses.revise(course_id=course_id, by=editor, now=now)
    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words={**draft.words, **words},
        facts=draft.facts, by=editor, now=now,
    )  # fmt: skip
    teaching.publish_course(draft_id=saved.id, version=saved.version, by=editor, now=now)


def test_the_words_of_an_erased_revision_of_a_course_are_nowhere(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now, **{"units.visit.body": f"Citizen {MARK} waited."})
    form = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    revise(form.id, editor, now, **{"units.visit.body": "A citizen waited."})
    assert places_of(MARK) != set()

    first = FeedEntry.objects.get(revision=1)
    erasing.erase(record_id=uuid.UUID(form.id), blob=first.blob, reason=REASON, by=None, now=now)
    erasing.finish(now=now)
    assert places_of(MARK) == set()
    assert queries.course(form.id, MEMBER).revision == 2
    with pytest.raises(NoSuchCourse):
        queries.taught(form.id, 1)


def test_a_file_of_a_course_is_erased_and_its_place_says_why(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    file = courses.add_file(
        draft_id=draft.id, upload=BytesIO(PNG), name="map.png", language="", by=editor, now=now
    )
    form = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert erasing.find_record(file.sha256) == uuid.UUID(form.id)
    erasing.erase(
        record_id=uuid.UUID(form.id),
        blob=file.sha256,
        reason=replace(REASON, named=False),
        by=None,
        now=now,
    )
    erasing.finish(now=now)

    [shown] = queries.course(form.id, MEMBER).files
    assert (shown.name, shown.erased is not None) == ("", True)
    assert blobs.read(file.sha256) is None


def test_a_peers_earlier_words_go_and_what_it_says_now_stays(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, course(beijing, record, **{"units.visit.body": f"Citizen {MARK} waited."}))
    pull(peer_name=beijing.name, now=now)
    publish(beijing, course(beijing, record, revision=2))
    pull(peer_name=beijing.name, now=now)
    first = beijing.entries()[0]
    beijing.ask_to_erase(first.blob or "", "record", record, revision=1, kind=KIND)
    pull(peer_name=beijing.name, now=now)
    erasing.finish(now=now)

    assert places_of(MARK) == set()
    assert [(one.answer, one.code) for one in beijing.answers] == [("erased", "")]
    assert queries.course(record, MEMBER).revision == 2


def test_a_file_that_a_draft_forked_here_needs_is_kept(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record, data = new_id(), b"a film"
    file = PublishedFile(beijing.add_blob(data), len(data), "video/mp4", "film.mp4", "")
    publish(beijing, replace(course(beijing, record), files=[file]))
    pull(peer_name=beijing.name, now=now)
    draft = courses.fork(
        course_id=record, institution_id="hub-astana", language="ru", by=editor, now=now
    )
    assert [one.sha256 for one in draft.files] == [file.sha256]
    beijing.ask_to_erase(file.sha256, "file", record, kind=KIND)
    pull(peer_name=beijing.name, now=now)

    assert [(one.answer, one.code) for one in beijing.answers] == [("kept", "used-here")]
    assert blobs.read(file.sha256) == data
