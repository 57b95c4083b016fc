"""External tools of a cohort's course, as those who run the cohort open them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from chorsu.flows import launching
from chorsu.tools.queries import tool_for, tools
from chorsu.tools.rules import ToolView, covers
from chorsu.training.queries.cohorts import CohortView
from chorsu.training.queries.learning import NothingToTeach, cohort_in_hand
from chorsu.training.rules.outline import find_unit, placed
from chorsu.web.access import signed_in
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class ToolLine:
    """A unit that opens a registered tool; `language` is that of the title."""

    unit: str
    title: str
    language: str
    tool: ToolView


def tools_of(request: HttpRequest, view: CohortView) -> list[ToolLine]:
    """The units of a cohort's course that open a tool by LTI. One query, none without such units;
    six more while the course is not kept.
    """
    if not any(one.kind == "tool" and one.unit["tool"] for one in placed(view.facts)):
        return []
    try:
        course = cohort_in_hand(view.line.id, viewer_of(request).languages)
    except NothingToTeach:
        return []
    known = [one for one in tools() if one.active]
    found = []
    for one in placed(course.facts):
        near = [tool for tool in known if covers(tool.address, one.unit["tool"])]
        if one.kind == "tool" and one.unit["tool"] and near:
            nearest = max(near, key=lambda tool: len(tool.address))
            title, language = course.word(f"units.{one.key}.title")
            found.append(ToolLine(one.key, title, language, nearest))
    return found


@for_people
@require_safe
def open_tool(request: HttpRequest, cohort_id: UUID, unit: str) -> HttpResponse:
    """Send the browser of whoever runs the cohort to the tool, as a teacher."""
    view = run_cohort(request, cohort_id)
    one = find_unit(placed(view.facts), unit)
    tool = tool_for(one.unit["tool"]) if one is not None and one.unit["tool"] else None
    if one is None or tool is None:
        raise Http404
    to = launching.begin(
        tool=tool,
        person_id=signed_in(request).pk,
        at=cohort_id,
        one=one,
        way=launching.TEACH,
    )
    return HttpResponseRedirect(to)
