"""Courses in the work list: those whose practices moved on, and texts that wait."""

from __future__ import annotations

from dataclasses import dataclass

from chorsu.exchange.queries import peers_set_aside
from chorsu.institutions.models import Person
from chorsu.institutions.queries import institution
from chorsu.language.queries import requests
from chorsu.practices.queries import newest_revisions
from chorsu.records.viewer import Viewer
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseCard
from chorsu.training.wire.courses import KIND
from chorsu.web.course_editor.text_parts import COURSE
from chorsu.web.locales import page_language


@dataclass(frozen=True, slots=True)
class Outdated:
    """A published course, and how many of the practices that it shows have moved on since."""

    id: str
    title: str
    language: str
    moved: int


def outdated_courses(person: Person) -> list[Outdated]:
    """Courses that the person may revise and of which a practice moved on. Three queries."""
    courses = queries.courses_showing(person)
    ids = sorted({one.practice_id for course in courses for one in course.shown})
    newest = newest_revisions(ids) if ids else {}
    found = []
    for course in courses:
        moved = sum(
            one.practice_id not in newest or newest[one.practice_id].at > one.since
            for one in course.shown
        )
        if moved:
            found.append(Outdated(course.id, course.title, course.language, moved))
    return found


@dataclass(frozen=True, slots=True)
class WaitingCourse:
    """A text of a course that readers of this node lack: `reason` is `missing` or `stale`.

    `set_aside` is the course's node if that is set aside.
    """

    course: CourseCard
    language: str
    reason: str
    institution: str
    part: str
    set_aside: str


def waiting_courses(viewer: Viewer) -> list[WaitingCourse]:
    """Texts of courses asked for in the person's languages, longest waiting first."""
    asked = [one for one in requests(viewer.languages, limit=50) if one.kind == KIND]
    found = queries.courses_by_id(dict.fromkeys(one.record_id for one in asked), viewer)
    aside = peers_set_aside(card.origin for card in found.values())
    here = page_language().tag
    return [
        WaitingCourse(
            card,
            one.language,
            one.reason,
            institution(card.institution_id).short(here),
            COURSE,
            card.origin if card.origin in aside else "",
        )
        for one in asked
        if (card := found.get(one.record_id))
    ]
