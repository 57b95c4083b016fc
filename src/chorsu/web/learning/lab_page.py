"""A lab as a learner finds it: what it asks, what they chose, what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorsu.labs.contract import ChoicesRefused, Lab, Outcome, Reading, Table, Task, read, seed_of
from chorsu.labs.registry import labs
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.outside import OutsideView, outside_result
from chorsu.training.rules.outline import PlacedUnit
from chorsu.web.learning.line_charts import LineChart, line_chart
from chorsu.web.locales import page_language
from chorsu.web.markdown import to_html


@dataclass(frozen=True, slots=True)
class Box:
    """A number to type, with what stands in it and what is wrong with it."""

    name: str
    label: str
    value: str
    most: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """Numbers that belong together; `trouble` is what is wrong with the first that is wrong."""

    legend: str
    boxes: Sequence[Box]
    troubles: Sequence[tuple[str, str]]  # (name of the box, why)


@dataclass(frozen=True, slots=True)
class TableView:
    """A table in which each number knows its head, for phones: (row's name, [(head, number)])."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, int]]]]

    @classmethod
    def of(cls, table: Table) -> TableView:
        """The table as a page shows it."""
        rows = [
            (name, list(zip(table.heads[1:], numbers, strict=True))) for name, numbers in table.rows
        ]
        return cls(table.caption, table.heads, rows)


@dataclass(frozen=True, slots=True)
class LabPage:
    """A lab on a learner's page; `percent` and what follows tell of the choices last tried."""

    name: str
    intro: SafeString
    model: SafeString
    groups: Sequence[Boxes]
    tries: int
    best: Decimal | None
    percent: Decimal | None
    said: str
    charts: Sequence[LineChart]
    tables: Sequence[TableView]

    @property
    def troubles(self) -> list[tuple[str, str]]:
        """(name of the box, why) of all that is wrong, in the page's order."""
        return [one for group in self.groups for one in group.troubles]


def lab_of(one: PlacedUnit) -> Lab | None:
    """The lab of a unit; None if this node does not have it."""
    return labs().get(one.unit["lab"])


def seed(learner: LearnerView, one: PlacedUnit) -> str:
    """What a learner's world in a unit is made from."""
    return seed_of(learner.id, one.key)


def lab_page(learner: LearnerView, one: PlacedUnit) -> LabPage | None:
    """The lab with what the learner last tried, reckoned anew; None if it is not here. One query.

    A newer release of a lab may refuse what an older one took: then only the form is shown.
    """
    lab = lab_of(one)
    if lab is None:
        return None
    here = page_language().tag
    had = outside_result(learner.id, one.key)
    task = lab.task(seed(learner, one), here)
    typed = {name: str(value) for name, value in had.choices.items()} if had else {}
    outcome = None
    if had and had.tries:
        reading = read(task, typed)
        try:
            outcome = lab.run(seed(learner, one), reading.choices, here)
        except ChoicesRefused:
            outcome = None
    return _page(lab, task, typed, {}, had, outcome)


def refused_page(
    learner: LearnerView, one: PlacedUnit, lab: Lab, reading: Reading, why: Mapping[str, str]
) -> LabPage:
    """The lab with what was typed and refused. One query."""
    here = page_language().tag
    task = lab.task(seed(learner, one), here)
    most = {field.name: field.most for group in task.groups for field in group.fields}
    said = {
        name: text or _("A whole number from 0 to %(most)s.") % {"most": most[name]}
        for name, text in why.items()
        if name in most
    }
    return _page(lab, task, reading.typed, said, outside_result(learner.id, one.key), None)


def _page(
    lab: Lab,
    task: Task,
    typed: Mapping[str, str],
    why: Mapping[str, str],
    had: OutsideView | None,
    outcome: Outcome | None,
) -> LabPage:
    groups = []
    for group in task.groups:
        boxes = [
            Box(one.name, one.label, typed.get(one.name, "0"), one.most, why.get(one.name, ""))
            for one in group.fields
        ]
        troubles = [(box.name, box.trouble) for box in boxes if box.trouble]
        groups.append(Boxes(group.legend, boxes, troubles))
    return LabPage(
        name=lab.name(page_language().tag),
        intro=to_html(task.intro, heading=3),
        model=to_html(task.model, heading=3),
        groups=groups,
        tries=had.tries if had else 0,
        best=had.percent if had else None,
        percent=outcome.percent if outcome else None,
        said=outcome.said if outcome else "",
        charts=[line_chart(one) for one in outcome.charts] if outcome else [],
        tables=[TableView.of(one) for one in outcome.tables] if outcome else [],
    )
