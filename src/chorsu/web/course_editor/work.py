"""Drafts of courses in the work list."""

from __future__ import annotations

from dataclasses import dataclass

from chorsu.institutions.models import Person
from chorsu.institutions.queries import institution
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftLine
from chorsu.web.locales import page_language


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A draft in the list, with the name of its institution in the page's language."""

    draft: CourseDraftLine
    institution: str


def course_rows(person: Person) -> list[CourseRow]:
    """Drafts of courses that the person may write, last saved first."""
    here = page_language().tag
    return [
        CourseRow(draft, institution(draft.institution_id).short(here))
        for draft in queries.drafts_for(person)
    ]
