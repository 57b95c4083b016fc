"""Courses from drafts, for tests of what is done with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.conf import settings

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.records.content import ReadyRecord
from chorsu.records.fields import InvalidRecord
from chorsu.records.forms import PublishedText
from chorsu.records.shapes import FileView
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import (
    CourseDraftConflict,
    CourseTranslationConflict,
    CourseWithdrawn,
    NoSuchCourse,
    NoSuchCourseDraft,
)
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import clean_words
from chorsu.training.shapes.courses import CourseFilters
from chorsu.training.wire.courses import PublishedCourse, parse_payload
from tests.training.courses.content import FACTS, RUSSIAN, WORDS, ready_draft



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
