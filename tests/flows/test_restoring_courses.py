"""A node that lost its database has its courses back from its peers as they were."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pytest

from chorsu.exchange import blobs
from chorsu.flows import restoring, teaching
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.language.models import TranslationRequest
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import CourseWithdrawn
from chorsu.training.models import Course, CourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.wire.courses import KIND
from tests.flows.copies import give_copy, set_back
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
