"""The talk between contributor and editor: submitting, remarks on fields, returning."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chorsu.institutions import reviewing
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.institutions.writing import require_writer
from chorsu.practices.actions.guards import check_version, locked_draft
from chorsu.practices.errors import NoSuchDraft
from chorsu.practices.models import Comment, Draft
from chorsu.practices.queries.work import draft_view
from chorsu.practices.rules import (
    FIELDS_BY_NAME,
    ROW_WORDS,
    Facts,
    FieldError,
    InvalidPractice,
    refusals,
)
from chorsu.practices.shapes import DraftView
from chorsu.records.shapes import CommentView

_FIELDS = frozenset(("", *FIELDS_BY_NAME, *Facts.__annotations__, *ROW_WORDS))


@transaction.atomic
def submit_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> DraftView:
    """Hand a draft to the editors. Raises `NoSuchDraft`, `NotAllowed`, `WrongState`,
    `DraftConflict`, `InvalidPractice` (without a title nobody knows what it is; what was typed
    and refused is to be put right first).
    """
    draft = locked_draft(draft_id)
    reviewing.require_submitter(draft, by)
    check_version(draft, version)
    if errors := refusals(draft.words, draft.facts, draft.refused):
        raise InvalidPractice(errors)
    if not draft.words.get("title"):
        raise InvalidPractice([FieldError("title", "missing")])
    return _move(draft, Draft.State.SUBMITTED, "draft.submitted", by, now)


@transaction.atomic
def return_draft(
    *, draft_id: str, version: int, by: Person, now: datetime, text: str = ""
) -> DraftView:
    """Give a submitted draft back, with a remark on the whole. Raises as `submit_draft`."""
    draft = locked_draft(draft_id)
    reviewing.require_returner(draft, by)
    check_version(draft, version)
    if text.strip():
        reviewing.say(Comment(draft=draft), field="", text=text, known=_FIELDS, by=by, now=now)
    return _move(draft, Draft.State.RETURNED, "draft.returned", by, now)


@transaction.atomic
def comment(*, draft_id: str, field: str, text: str, by: Person, now: datetime) -> CommentView:
    """Remark on a field (a name of words or facts, or a row's path), or with "" on the whole.

    Raises `NoSuchDraft`, `NotAllowed`, `InvalidPractice`.
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    row = Comment(draft=draft)
    reviewing.say(row, field=field, text=text, known=_FIELDS, by=by, now=now)
    return row.view()


@transaction.atomic
def resolve_comment(*, comment_id: int, by: Person, now: datetime) -> CommentView:
    """Mark a remark as dealt with; once is enough. Raises `NoSuchDraft`, `NotAllowed`."""
    rows = Comment.objects.select_for_update(of=("self",)).select_related("draft", "person")
    row = rows.filter(pk=comment_id).first()
    if row is None:
        raise NoSuchDraft(f"comment {comment_id}")
    require_writer(by, row.draft.institution_id)
    reviewing.resolve(row, now)
    return row.view()


def _move(draft: Draft, state: Draft.State, action: str, by: Person, now: datetime) -> DraftView:
    reviewing.move(draft, state)
    record_event(
        person=by,
        action=action,
        subject_kind="practice",
        subject_id=str(draft.pk),
        detail={"institution": draft.institution_id, "version": draft.version},
        now=now,
    )
    return draft_view(draft)
