"""The gradebook of a cohort: learners by units with percents; sorted, paged, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.kernel.transliteration import sort_key
from chorsu.training.queries.cohorts import CohortView, EnrolmentState
from chorsu.training.queries.gradebook import (
    BY_COURSE,
    BY_NAME,
    UNIT,
    GradeLine,
    gradebook,
    graded_units,
    learners_graded,
)
from chorsu.training.rules.outline import PlacedUnit
from chorsu.web.cohorts.csvs import table
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.cohorts.titles import unit_titles
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.labels import label
from chorsu.web.locales import page_language
from chorsu.web.paging import PAGE, page_of


@dataclass(frozen=True, slots=True)
class Column:
    """What lines are sorted by: `url` sorts by it, the other way round where it is sorted so.

    `sorted`: empty, `ascending` or `descending`, as `aria-sort` says it.
    """

    title: str
    language: str
    about: str
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A percent; `url` of the attempt or work it was given for, where there is a page of it."""

    percent: Decimal | None
    url: str
    column: Column


@dataclass(frozen=True, slots=True)
class Row:
    """A learner's cells in the order of the columns."""

    line: GradeLine
    cells: Sequence[Cell]


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """A page of it, in the order that is asked for: `?by=unit.KEY`, with `-` before it down."""
    view = run_cohort(request, cohort_id)
    units = graded_units(view.facts)
    by, down = _order(request, units)
    first, pages = page_of(request, learners_graded(cohort_id), f"by={'-' * down}{by}&")
    lines = gradebook(
        cohort_id,
        [one.key for one in units],
        by=by,
        down=down,
        first=first,
        most=PAGE,
        naming=sort_key(page_language().tag),
    )
    names = unit_titles(request, view, units)
    columns = [
        _column(UNIT + one.key, *names[one.key], label(UNIT_KINDS, one.kind), now=by, down=down)
        for one in units
    ]
    whole = _column(BY_COURSE, _("Course"), "", "", now=by, down=down)
    context = frame(request, view) | {
        "name": _column(BY_NAME, _("Full name"), "", "", now=by, down=down),
        "columns": [*columns, whole],
        "rows": [
            Row(one, [*_cells(view, one, units, columns), Cell(one.course, "", whole)])
            for one in lines
        ],
        "units": units,
        "pages": pages,
    }
    return render(request, "cohorts/gradebook.html", context)


@for_people
@require_safe
def export(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """All of it as a file, by name."""
    view = run_cohort(request, cohort_id)
    units = graded_units(view.facts)
    names = unit_titles(request, view, units)
    head = [
        _("Full name"), _("Group"), _("State"), *(names[one.key][0] for one in units), _("Course"),
    ]  # fmt: skip
    lines = gradebook(cohort_id, [one.key for one in units], naming=sort_key(page_language().tag))
    return table("gradebook", head, _lines(lines, units))


def _lines(lines: Sequence[GradeLine], units: Sequence[PlacedUnit]) -> Iterator[Sequence[object]]:
    states = dict(EnrolmentState.choices)
    for one in lines:
        percents = (one.units.get(unit.key) for unit in units)
        yield one.name, one.group, states[one.state], *percents, one.course


def _order(request: HttpRequest, units: Sequence[PlacedUnit]) -> tuple[str, bool]:
    """What is asked for in the address; what nobody knows is the order by name."""
    asked = request.GET.get("by", "")
    by = asked.removeprefix("-")
    if by not in (BY_NAME, BY_COURSE, *(UNIT + one.key for one in units)):
        return BY_NAME, False
    return by, asked.startswith("-")


def _column(by: str, title: str, language: str, about: str, *, now: str, down: bool) -> Column:
    here = by == now
    turned = "-" if here and not down else ""
    way = "" if not here else "descending" if down else "ascending"
    return Column(title, language, about, f"?by={turned}{by}", way)


def _cells(
    view: CohortView, one: GradeLine, units: Sequence[PlacedUnit], columns: Sequence[Column]
) -> list[Cell]:
    return [
        Cell(one.units.get(unit.key), _page_of(view, one, unit), column)
        for unit, column in zip(units, columns, strict=True)
    ]


def _page_of(view: CohortView, one: GradeLine, unit: PlacedUnit) -> str:
    """The address of what a learner did for a unit; empty where nothing of it has a page."""
    source = one.given_for.get(unit.key)
    if source is None:
        return ""
    if unit.kind == "quiz":
        return reverse("learner-attempt", args=[one.enrolment_id, source])
    return reverse("work-mark", args=[view.line.id, source])
