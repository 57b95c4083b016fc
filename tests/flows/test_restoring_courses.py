"""A node that lost its database has its courses back from its peers as they were."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.models import FeedEntry
from chorsu.flows import restoring, teaching
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import CourseWithdrawn
from chorsu.training.models import Course, CourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.wire.courses import KIND, TEXT_KIND
from tests.flows.copies import give_copy, set_back
from tests.flows.test_teaching import publish as publish_there
from tests.flows.test_teaching import withdraw as withdraw_there
from tests.flows.test_translating_courses import READER, english
from tests.memory_node import MemoryNode
from tests.training.courses.content import RUSSIAN, ready_draft
from tests.training.courses.test_actions import PNG

MEMBER = Viewer(member=True)


def publish(editor: Person, now: datetime, *, title: str) -> str:
    draft = ready_draft(editor, now, title=title)
    courses.add_file(
        draft_id=draft.id, upload=BytesIO(PNG), name="map.png", language="", by=editor, now=now
    )
    return teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now).id


def test_a_revised_a_translated_and_a_withdrawn_course_come_back(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        kept = publish(editor, now, title="One window")
        courses.save_translation(
            course_id=kept, language="ru", version=0, words=RUSSIAN, provenance="human",
            by=editor, now=now,
        )  # fmt: skip
        teaching.approve_course_translation(
            course_id=kept, language="ru", version=1, by=editor, now=now
        )
        draft = courses.revise(course_id=kept, by=editor, now=now)
        [file] = draft.files
        courses.remove_file(draft_id=draft.id, sha256=file.sha256, by=editor, now=now)
        teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
        gone = publish(editor, now, title="Two windows")
        teaching.withdraw_course(course_id=gone, reason="A new law.", by=editor, now=now)
        before = queries.course(kept, MEMBER), queries.taught(kept, 1), queries.taught(kept, 2)
        wanted = TranslationRequest.objects.filter(kind=KIND).count()
        give_copy(beijing)
    assert not Course.objects.exists()

    restored = restoring.restore(clock=utc_now, progress=lambda done, total: None)
    assert (restored.size, restored.lost) == (5, 0)
    view, first, second = (
        queries.course(kept, MEMBER), queries.taught(kept, 1), queries.taught(kept, 2)
    )  # fmt: skip
    assert (view.text, view.texts, view.facts, view.revision) == (
        before[0].text, before[0].texts, before[0].facts, before[0].revision,
    )  # fmt: skip
    assert (first.texts, second.texts) == (before[1].texts, before[2].texts)
    assert [one.sha256 for one in first.files] == [file.sha256]
    assert blobs.read(file.sha256) is not None
    assert TranslationRequest.objects.filter(kind=KIND).count() == wanted
    assert not CourseDraft.objects.exists()
    with pytest.raises(CourseWithdrawn) as caught:
        queries.course(gone, MEMBER)
    assert caught.value.reason == "A new law."


def translate(record: str, by: Person, now: datetime) -> None:
    """Make and publish a translation of another node's course."""
    courses.save_translation(
        course_id=record, language="ru", version=0, words=RUSSIAN, provenance="human",
        by=by, now=now,
    )  # fmt: skip
    teaching.approve_course_translation(course_id=record, language="ru", version=1, by=by, now=now)


def test_a_translation_of_a_peers_course_comes_back(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    there = new_id()
    publish_there(beijing, english(beijing, there))
    pull(peer_name=beijing.name, now=now)
    with set_back():
        translate(there, editor, now)
        before = queries.course(there, READER)
        give_copy(beijing)
    assert queries.course(there, READER).text.language == "en"

    restoring.restore(clock=utc_now, progress=lambda done, total: None)
    assert queries.course(there, READER) == before
    assert before.text.supplied_by == "hub.chorsu.example"


def test_a_translation_whose_course_was_withdrawn_meanwhile_is_withdrawn_after_all(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    there = new_id()
    publish_there(beijing, english(beijing, there))
    pull(peer_name=beijing.name, now=now)
    translate(there, editor, now)
    with set_back():
        publish(editor, now, title="One window")
        give_copy(beijing)
    pull(peer_name=beijing.name, now=now)
    withdraw_there(beijing, there)
    pull(peer_name=beijing.name, now=now)
    assert FeedEntry.objects.count() == 1, "the log is stopped"

    for _time in range(2):
        restoring.restore(clock=utc_now, progress=lambda done, total: None)
        rows = FeedEntry.objects.order_by("index").values_list("kind", "action")
        assert list(rows) == [
            (TEXT_KIND, "publish"), (KIND, "publish"), (TEXT_KIND, "withdraw"),
        ]  # fmt: skip
