"""A course between its writer and the editors: submitted, remarked on, returned, decided."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.errors import NotAllowed, WrongState
from chorsu.institutions.models import AuditEvent, Person
from chorsu.records.fields import InvalidRecord
from chorsu.training.actions import courses
from chorsu.training.errors.courses import CourseDraftConflict, NoSuchCourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftView
from tests.training.courses.content import ready_draft


def submitted(by: Person, now: datetime) -> CourseDraftView:
    draft = ready_draft(by, now)
    return courses.submit_draft(draft_id=draft.id, version=draft.version, by=by, now=now)


def test_a_course_goes_to_the_editor_and_back(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = submitted(contributor, now)
    [line] = queries.drafts_for(editor)
    assert (draft.state, draft.version, line.state) == ("submitted", 2, "submitted")
    back = courses.return_draft(
        draft_id=draft.id, version=2, text="Who teaches it?", by=editor, now=now
    )
    assert back.state == "returned"
    assert [(one.field, one.text, one.person) for one in back.comments] == [
        ("", "Who teaches it?", "Editor One")
    ]
    [line] = queries.drafts_for(contributor)
    assert (line.state, line.open_comments) == ("returned", 1)
    courses.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    events = AuditEvent.objects.filter(subject_id=draft.id).order_by("id")
    assert list(events.values_list("action", flat=True)) == [
        "course-draft.begun",
        "course-draft.submitted",
        "course-draft.returned",
        "course-draft.submitted",
    ]


def test_what_the_editors_have_only_they_save(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = submitted(contributor, now)
    words = {**draft.words, "title": "Mine"}
    with pytest.raises(WrongState):
        courses.save_draft(
            draft_id=draft.id, version=2, words=words, facts=draft.facts, by=contributor, now=now
        )
    saved = courses.save_draft(
        draft_id=draft.id, version=2, words=words, facts=draft.facts, by=editor, now=now
    )
    assert (saved.version, saved.state) == (3, "submitted")


def test_only_an_editor_returns_and_only_what_was_submitted(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    with pytest.raises(WrongState):
        courses.return_draft(draft_id=draft.id, version=2, by=editor, now=now)
    courses.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(NotAllowed):
        courses.return_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(CourseDraftConflict):
        courses.return_draft(draft_id=draft.id, version=1, by=editor, now=now)
    with pytest.raises(WrongState):
        courses.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)


def test_a_course_without_a_title_is_not_submitted(contributor: Person, now: datetime) -> None:
    draft = courses.begin_draft(by=contributor, institution_id="hub-astana", language="en", now=now)
    with pytest.raises(InvalidRecord) as caught:
        courses.submit_draft(draft_id=draft.id, version=1, by=contributor, now=now)
    assert [(error.field, error.code) for error in caught.value.errors] == [("title", "missing")]


@pytest.mark.parametrize(
    ("field", "text", "wrong"),
    [("lessons", "x", "field"), ("units.visit", "  ", "text"), ("title", "x" * 4001, "text")],
)
def test_a_remark_is_on_a_part_of_the_course_and_says_something(
    editor: Person, now: datetime, field: str, text: str, wrong: str
) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(InvalidRecord) as caught:
        courses.comment(draft_id=draft.id, field=field, text=text, by=editor, now=now)
    assert [error.field for error in caught.value.errors] == [wrong]


def test_a_remark_on_a_unit_is_settled_once(editor: Person, reader: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    made = courses.comment(
        draft_id=draft.id, field="units.visit", text="Too long?", by=editor, now=now
    )
    with pytest.raises(NotAllowed):
        courses.resolve_comment(comment_id=made.id, by=reader, now=now)
    first = courses.resolve_comment(comment_id=made.id, by=editor, now=now)
    later = now.replace(year=2027)
    assert courses.resolve_comment(comment_id=made.id, by=editor, now=later) == first
    assert queries.draft(draft.id, editor).comments == [first]
    with pytest.raises(NoSuchCourseDraft):
        courses.resolve_comment(comment_id=made.id + 1, by=editor, now=now)


def test_the_talk_goes_along_when_the_course_is_withdrawn_meanwhile(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    again = courses.revise(course_id=course.id, by=editor, now=now)
    courses.comment(draft_id=again.id, field="aims", text="Two aims?", by=editor, now=now)
    courses.withdraw(course_id=course.id, reason="A mistake in the law.", by=editor, now=now)
    [line] = queries.drafts_for(editor)
    assert line.id != course.id
    assert [one.text for one in queries.draft(line.id, editor).comments] == ["Two aims?"]
