"""Submitting, remarks and returning."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.errors import NotAllowed, WrongState
from chorsu.institutions.models import AuditEvent, Person
from chorsu.practices import actions, queries
from chorsu.practices.errors import DraftConflict, NoSuchDraft
from chorsu.practices.rules import InvalidPractice
from tests.practices.content import ready_draft


def test_a_draft_goes_to_the_editor_and_back(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    sent = actions.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    assert (sent.state, sent.version) == ("submitted", 2)
    back = actions.return_draft(
        draft_id=draft.id, version=2, text="Which year?", by=editor, now=now
    )
    assert back.state == "returned"
    assert [(one.field, one.text, one.person) for one in back.comments] == [
        ("", "Which year?", "Editor One")
    ]
    actions.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    events = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(events)[1:] == ["draft.submitted", "draft.returned", "draft.submitted"]


def test_only_an_editor_returns_and_only_what_was_submitted(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    with pytest.raises(WrongState):
        actions.return_draft(draft_id=draft.id, version=2, by=editor, now=now)
    actions.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(NotAllowed):
        actions.return_draft(draft_id=draft.id, version=2, by=contributor, now=now)
    with pytest.raises(DraftConflict):
        actions.return_draft(draft_id=draft.id, version=1, by=editor, now=now)
    with pytest.raises(WrongState):
        actions.submit_draft(draft_id=draft.id, version=2, by=contributor, now=now)


def test_a_draft_without_a_title_is_not_submitted(contributor: Person, now: datetime) -> None:
    draft = actions.create_draft(
        by=contributor, institution_id="hub-astana", language="en", now=now
    )
    with pytest.raises(InvalidPractice) as caught:
        actions.submit_draft(draft_id=draft.id, version=1, by=contributor, now=now)
    assert [(error.field, error.code) for error in caught.value.errors] == [("title", "missing")]


@pytest.mark.parametrize(
    ("field", "text", "wrong"),
    [("titel", "x", "field"), ("title", "  ", "text"), ("title", "x" * 4001, "text")],
)
def test_a_remark_is_on_a_field_and_says_something(
    editor: Person, now: datetime, field: str, text: str, wrong: str
) -> None:
    draft = ready_draft(editor, now)
    with pytest.raises(InvalidPractice) as caught:
        actions.comment(draft_id=draft.id, field=field, text=text, by=editor, now=now)
    assert [error.field for error in caught.value.errors] == [wrong]


def test_a_remark_on_a_row_is_settled_once(editor: Person, reader: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    made = actions.comment(
        draft_id=draft.id, field="indicators.waiting.name", text="Days?", by=editor, now=now
    )
    with pytest.raises(NotAllowed):
        actions.resolve_comment(comment_id=made.id, by=reader, now=now)
    first = actions.resolve_comment(comment_id=made.id, by=editor, now=now)
    later = now.replace(year=2027)
    assert actions.resolve_comment(comment_id=made.id, by=editor, now=later) == first
    assert queries.draft(draft.id, editor).comments == [first]
    with pytest.raises(NoSuchDraft):
        actions.resolve_comment(comment_id=made.id + 1, by=editor, now=now)
