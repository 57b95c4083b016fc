"""Titles of courses that the rules name by id, and of the units of a cohort's course."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.http import HttpRequest

from chorsu.training.queries.cohorts import CohortView, teachable
from chorsu.training.queries.learning import NothingToTeach, cohort_in_hand
from chorsu.training.rules.outline import PlacedUnit, placed
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.labels import label
from chorsu.web.viewer import viewer_of


def prerequisite_titles(request: HttpRequest, view: CohortView) -> dict[str, str]:
    """Id -> title of the courses that have to be passed before this one."""
    if not view.facts["prerequisites"]:
        return {}
    return {str(one.id): one.title for one in teachable(viewer_of(request))}


def unit_titles(
    request: HttpRequest, view: CohortView, units: Sequence[PlacedUnit]
) -> Mapping[str, tuple[str, str]]:
    """Unit -> its title and the language of it; of a course whose words are gone its number."""
    try:
        course = cohort_in_hand(view.line.id, viewer_of(request).languages)
    except NothingToTeach:
        return {one.key: (str(one.number), "") for one in units}
    return {one.key: course.word(f"units.{one.key}.title") for one in units}


def quiz_titles(
    request: HttpRequest, view: CohortView, keys: Collection[str]
) -> dict[str, tuple[str, str]]:
    """As `unit_titles`, of these quizzes in the order of the course; one that it has no more comes
    last and is called a quiz.
    """
    units = [one for one in placed(view.facts) if one.key in keys]
    gone = dict.fromkeys(keys, (label(UNIT_KINDS, "quiz"), ""))
    titles = dict(unit_titles(request, view, units)) if units else {}
    return titles | {key: called for key, called in gone.items() if key not in titles}
