"""The talk between contributor and editor: submitting, remarks on fields, returning."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import require, require_writer
from chorsu.kernel.text import normalise
from chorsu.practices.actions.guards import check_version, locked_draft
from chorsu.practices.errors import NoSuchDraft, WrongState
from chorsu.practices.models import Comment, Draft
from chorsu.practices.queries.work import comment_view, draft_view
from chorsu.practices.rules import (
    FIELDS_BY_NAME,
    ROW_WORDS,
    Facts,
    FieldError,
    InvalidPractice,
    refusals,
)
from chorsu.practices.shapes import CommentView, DraftView

COMMENT_MAX = 4000
_FIELDS = frozenset(("", *FIELDS_BY_NAME, *Facts.__annotations__, *ROW_WORDS))


@transaction.atomic
def submit_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> DraftView:
    """Hand a draft to the editors. Raises `NoSuchDraft`, `NotAllowed`, `WrongState`,
    `DraftConflict`, `InvalidPractice` (without a title nobody knows what it is; what was typed
    and refused is to be put right first).
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    if draft.state == Draft.State.SUBMITTED:
        raise WrongState(draft.state)
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
    require(by, Role.EDITOR, draft.institution_id)
    if draft.state != Draft.State.SUBMITTED:
        raise WrongState(draft.state)
    check_version(draft, version)
    if text.strip():
        _add_comment(draft, "", text, by, now)
    return _move(draft, Draft.State.RETURNED, "draft.returned", by, now)


@transaction.atomic
def comment(*, draft_id: str, field: str, text: str, by: Person, now: datetime) -> CommentView:
    """Remark on a field (a name of words or facts, or a row's path), or with "" on the whole.

    Raises `NoSuchDraft`, `NotAllowed`, `InvalidPractice`.
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    return comment_view(_add_comment(draft, field, text, by, now))


@transaction.atomic
def resolve_comment(*, comment_id: int, by: Person, now: datetime) -> CommentView:
    """Mark a remark as dealt with; once is enough. Raises `NoSuchDraft`, `NotAllowed`."""
    rows = Comment.objects.select_for_update(of=("self",)).select_related("draft", "person")
    row = rows.filter(pk=comment_id).first()
    if row is None:
        raise NoSuchDraft(f"comment {comment_id}")
    require_writer(by, row.draft.institution_id)
    if row.resolved_at is None:
        row.resolved_at = now
        row.save(update_fields=["resolved_at"])
    return comment_view(row)


def _add_comment(draft: Draft, field: str, text: str, by: Person, now: datetime) -> Comment:
    if field.split(".")[0] not in _FIELDS or len(field) > 120:
        raise InvalidPractice([FieldError("field", "unknown", {"value": field[:120]})])
    clean = normalise(text)
    if not clean:
        raise InvalidPractice([FieldError("text", "missing")])
    if len(clean) > COMMENT_MAX:
        raise InvalidPractice([FieldError("text", "too_long", {"max": COMMENT_MAX})])
    return Comment.objects.create(draft=draft, field=field, text=clean, person=by, at=now)


def _move(draft: Draft, state: Draft.State, action: str, by: Person, now: datetime) -> DraftView:
    draft.state = state
    draft.save(update_fields=["state"])
    record_event(
        person=by,
        action=action,
        subject_kind="practice",
        subject_id=str(draft.pk),
        detail={"institution": draft.institution_id, "version": draft.version},
        now=now,
    )
    return draft_view(draft)
