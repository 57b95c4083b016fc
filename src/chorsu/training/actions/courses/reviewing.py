"""The talk between contributor and editor about a course: submitting, remarks, returning."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chorsu.institutions import reviewing
from chorsu.institutions.models import Person
from chorsu.institutions.writing import require_writer
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.records.shapes import CommentView
from chorsu.training.actions.courses.guards import check_version, locked_draft, record
from chorsu.training.errors.courses import NoSuchCourseDraft
from chorsu.training.models import CourseComment, CourseDraft
from chorsu.training.queries.courses.work import draft_view
from chorsu.training.rules.fields import ROW_WORDS, TEXT_FIELDS, Facts
from chorsu.training.shapes.courses import CourseDraftView

_FIELDS = frozenset(
    ("", *(field.name for field in TEXT_FIELDS), *Facts.__annotations__, *ROW_WORDS)
)


@transaction.atomic
def submit_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> CourseDraftView:
    """Hand a draft to the editors. Raises `NoSuchCourseDraft`, `NotAllowed`, `WrongState`,
    `CourseDraftConflict`, `InvalidRecord` (without a title nobody knows what it is).
    """
    draft = locked_draft(draft_id)
    reviewing.require_submitter(draft, by)
    check_version(draft, version)
    if not draft.words.get("title"):
        raise InvalidRecord([FieldError("title", "missing")])
    return _move(draft, CourseDraft.State.SUBMITTED, "course-draft.submitted", by, now)


@transaction.atomic
def return_draft(
    *, draft_id: str, version: int, by: Person, now: datetime, text: str = ""
) -> CourseDraftView:
    """Give a submitted draft back, with a remark on the whole. Raises as `submit_draft`."""
    draft = locked_draft(draft_id)
    reviewing.require_returner(draft, by)
    check_version(draft, version)
    if text.strip():
        row = CourseComment(draft=draft)
        reviewing.say(row, field="", text=text, known=_FIELDS, by=by, now=now)
    return _move(draft, CourseDraft.State.RETURNED, "course-draft.returned", by, now)


@transaction.atomic
def comment(*, draft_id: str, field: str, text: str, by: Person, now: datetime) -> CommentView:
    """Remark on a field (a name of words or facts, or `units.<key>`), or with "" on the whole.

    Raises `NoSuchCourseDraft`, `NotAllowed`, `InvalidRecord`.
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    row = CourseComment(draft=draft)
    reviewing.say(row, field=field, text=text, known=_FIELDS, by=by, now=now)
    return row.view()


@transaction.atomic
def resolve_comment(*, comment_id: int, by: Person, now: datetime) -> CommentView:
    """Mark a remark as dealt with; once is enough. Raises `NoSuchCourseDraft`, `NotAllowed`."""
    rows = CourseComment.objects.select_for_update(of=("self",)).select_related("draft", "person")
    row = rows.filter(pk=comment_id).first()
    if row is None:
        raise NoSuchCourseDraft(f"comment {comment_id}")
    require_writer(by, row.draft.institution_id)
    reviewing.resolve(row, now)
    return row.view()


def _move(
    draft: CourseDraft, state: CourseDraft.State, action: str, by: Person, now: datetime
) -> CourseDraftView:
    reviewing.move(draft, state)
    record(by, action, draft.pk, draft.institution_id, now, version=draft.version)
    return draft_view(draft)
