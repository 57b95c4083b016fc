"""What the bank of a course has for its quizzes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from chorsu.training.queries.shared_banks import to_draw_in_draft
from chorsu.training.rules.fields import Quiz, units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.course_labels import competence_name


@dataclass(frozen=True, slots=True)
class Shortage:
    """A quiz that draws more questions than there are; `competence` is empty: of all together."""

    unit_title: str
    unit_url: str
    competence: str
    wanted: int
    there: int


def in_bank(draft: CourseDraftView) -> Mapping[str, int]:
    """Competence -> questions of it that may be drawn; "": all of them. As `to_draw_in_draft`."""
    found = to_draw_in_draft(UUID(draft.id))
    return {**Counter(one.competence for one in found if one.competence), "": len(found)}


def shortages(draft: CourseDraftView) -> list[Shortage]:
    """The quizzes that could not be put together today; queries only if there are quizzes."""
    quizzes = [(unit["key"], quiz) for unit in units_of(draft.facts) if (quiz := unit["quiz"])]
    if not quizzes:
        return []
    there, titles = in_bank(draft), unit_titles(draft)
    return [
        Shortage(
            unit_title=titles[key],
            unit_url=reverse("course-draft-unit", args=[draft.id, key]),
            competence=competence_name(code) if code else "",
            wanted=wanted,
            there=there.get(code, 0),
        )
        for key, quiz in quizzes
        for code, wanted in _wanted(quiz).items()
        if wanted > there.get(code, 0)
    ]


def _wanted(quiz: Quiz) -> Mapping[str, int]:
    """Competence -> questions drawn of it; "": of any, those of competences among them."""
    wanted: Counter[str] = Counter()
    for draw in quiz["draws"]:
        wanted[draw["competence"]] += draw["count"]
    return {**wanted, "": wanted.total()}
