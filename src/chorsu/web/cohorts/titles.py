"""Titles of courses that the rules name by id."""

from __future__ import annotations

from django.http import HttpRequest

from chorsu.training.queries.cohorts import CohortView, teachable
from chorsu.web.viewer import viewer_of


def prerequisite_titles(request: HttpRequest, view: CohortView) -> dict[str, str]:
    """Id -> title of the courses that have to be passed before this one."""
    if not view.facts["prerequisites"]:
        return {}
    return {str(one.id): one.title for one in teachable(viewer_of(request))}
