"""What can go wrong with courses."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.errors import EditConflict
from chorsu.training.shapes.courses import CourseDraftView, CourseTranslationView


class NoSuchCourse(LookupError):  # noqa: N818 - says what is wrong
    """There is no such course, revision, text or file, or the reader may not know of it."""


class NoSuchCourseDraft(LookupError):  # noqa: N818 - says what is wrong
    """There is no such draft, or file or save of one: it was published or discarded."""


class CourseWithdrawn(Exception):  # noqa: N818 - says what is wrong
    """The course was withdrawn; what it said is no longer shown."""

    def __init__(self, course_id: str, institution_id: str, at: datetime, reason: str) -> None:
        super().__init__(f"{course_id} was withdrawn")
        self.course_id = course_id
        self.institution_id = institution_id
        self.at = at
        self.reason = reason


class NotOwnCourse(Exception):  # noqa: N818 - says what is wrong
    """The course belongs to another node: only its origin may change or withdraw it."""


class CourseDraftConflict(EditConflict):
    """Somebody else saved the draft in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: CourseDraftView) -> None:
        super().__init__(current.version)
        self.current = current


class CourseTranslationConflict(EditConflict):
    """Somebody else saved the translation in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: CourseTranslationView) -> None:
        super().__init__(current.version)
        self.current = current
