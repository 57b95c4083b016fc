"""What is asked before a course or its draft changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.training.errors.courses import (
    CourseDraftConflict,
    NoSuchCourse,
    NoSuchCourseDraft,
    NotOwnCourse,
)
from chorsu.training.models import Course, CourseDraft
from chorsu.training.queries.courses.published import as_uuid, refuse_withdrawn
from chorsu.training.queries.courses.work import draft_view
from chorsu.training.rules.fields import Facts, units_of


def locked_draft(draft_id: str) -> CourseDraft:
    """The draft, held until the transaction ends; raises `NoSuchCourseDraft`."""
    try:
        row = CourseDraft.objects.select_for_update().filter(pk=as_uuid(draft_id)).first()
    except NoSuchCourse:
        row = None
    if row is None:
        raise NoSuchCourseDraft(draft_id[:50])
    return row


def locked_course(course_id: str) -> Course:
    """A course of anybody that is not withdrawn, held until the transaction ends; raises
    `NoSuchCourse`, `CourseWithdrawn`.
    """
    row = Course.objects.select_for_update().filter(pk=as_uuid(course_id)).first()
    if row is None:
        raise NoSuchCourse(course_id)
    refuse_withdrawn(row)
    return row


def locked_own(course_id: str) -> Course:
    """As `locked_course`, of this node; raises `NotOwnCourse` for a peer's."""
    row = locked_course(course_id)
    if not row.is_own:
        raise NotOwnCourse(course_id)
    return row


def check_version(draft: CourseDraft, version: int) -> None:
    """Raise `CourseDraftConflict` if somebody saved since `version` was read."""
    if draft.version != version:
        raise CourseDraftConflict(draft_view(draft))


def texts_of(words: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Every text that a person could have written into words or facts, by field."""
    tools = [unit for unit in units_of(facts) if unit["tool"]]
    found = {f"units.{unit['key']}.tool": unit["tool"] for unit in tools}
    given = {
        f"units.{unit['key']}.custom": " ".join(unit["custom"].values())
        for unit in tools
        if "custom" in unit
    }
    return {**words, **found, **given}


def record(
    by: Person | None, action: str, course_id: object, institution_id: str, now: datetime,
    **detail: str | int,
) -> None:  # fmt: skip
    """A line of the audit log about a course or its draft."""
    record_event(
        person=by,
        action=action,
        subject_kind="course",
        subject_id=str(course_id),
        detail={"institution": institution_id, **detail},
        now=now,
    )
