"""Courses from drafts, for tests of what is done with them."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.models import Person
from chorsu.records.fields import InvalidRecord
from chorsu.training.actions import courses
from chorsu.training.wire.courses import PublishedCourse
from tests.training.courses.content import RUSSIAN, ready_draft


def published(editor: Person, now: datetime, **changes: str) -> PublishedCourse:
    draft = ready_draft(editor, now, **changes)
    return courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)


def revised(course: PublishedCourse, editor: Person, now: datetime, **words: str) -> int:
    draft = courses.revise(course_id=course.id, by=editor, now=now)
    saved = courses.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**draft.words, **words},
        facts=draft.facts,
        by=editor,
        now=now,
    )
    return courses.publish(draft_id=saved.id, version=saved.version, by=editor, now=now).revision


def errors(caught: pytest.ExceptionInfo[InvalidRecord]) -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in caught.value.errors}


def add_russian(course: PublishedCourse, by: Person, now: datetime) -> None:
    """A whole translation, published."""
    courses.save_translation(
        course_id=course.id, language="ru", version=0, words=RUSSIAN, provenance="human",
        by=by, now=now,
    )  # fmt: skip
    courses.approve_translation(course_id=course.id, language="ru", version=1, by=by, now=now)
