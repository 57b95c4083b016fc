"""The pages of the course editor in parts: what their templates draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from chorsu.training.rules.fields import units_of
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.course_editor.course_form import CourseForm
from chorsu.web.course_editor.labels import COURSE_SECTIONS, LABELS, UNIT_SECTIONS, Section
from chorsu.web.course_editor.readiness import gaps_of, unit_of
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.course_editor.unit_form import UnitForm
from chorsu.web.course_labels import UNIT_KINDS
from chorsu.web.drafting.controls import Label
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.rows import RowFields
from chorsu.web.labels import label

_SHORT = ("hours.", "assessment.pass", "assessment.att", "valid_months", "quiz.", "weight", "minut")
_TICKS = ("themes", "positions", "assessment.required_units", "assignment.forms")


@dataclass(frozen=True, slots=True)
class Block:
    """One control or a group of them; `kind` says which template draws it."""

    kind: str
    name: str
    label: Label | None
    field: forms.BoundField | None
    rows: Sequence[RowFields]
    short: bool
    half: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a page."""

    section: Section
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit in the outline; its title, or its kind while it has none."""

    key: str
    title: str
    has_title: bool
    kind: str
    minutes: int
    url: str
    gaps: bool


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module in the outline, with the controls of what is said of it and of a new unit."""

    key: str
    name: str
    title: forms.BoundField
    about: forms.BoundField
    new_title: forms.BoundField
    new_kind: forms.BoundField
    new_is_open: bool
    units: Sequence[UnitLine]


def course_parts(form: CourseForm, draft: CourseDraftView) -> list[Part]:
    """The parts of a course's page; the note only where something is published already."""
    hidden = () if draft.based_on or draft.note else ("note",)
    return [_part(section, form, hidden) for section in COURSE_SECTIONS]


def unit_parts(form: UnitForm) -> list[Part]:
    """The parts of a unit's page: what every unit has, and what its kind needs."""
    hidden = () if form.kind == "reading" else ("practice",)
    shown = ("learn", form.kind, "points", "files-part")
    return [_part(section, form, hidden) for section in UNIT_SECTIONS if section.id in shown]


def outline_lines(form: CourseForm, draft: CourseDraftView) -> list[ModuleLine]:
    """The outline as the form has it now, moved or not."""
    units = {unit["key"]: unit for unit in units_of(draft.facts)}
    titles = unit_titles(draft)
    lacking = {unit_of(error, draft) for error in gaps_of(draft)}
    found = []
    for number, branch in enumerate(form.branches, 1):
        lines = [
            UnitLine(
                key=key,
                title=titles[key],
                has_title=f"units.{key}.title" in draft.words,
                kind=label(UNIT_KINDS, one["kind"]),
                minutes=one["minutes"],
                url=reverse("course-draft-unit", args=[draft.id, key]),
                gaps=key in lacking,
            )
            for key in branch.units
            if (one := units.get(key)) is not None
        ]
        title = form[f"modules.{branch.key}.title"]
        new_title, new_kind = form[f"new-{branch.key}-title"], form[f"new-{branch.key}-kind"]
        found.append(
            ModuleLine(
                key=branch.key,
                name=str(title.value() or _("Module %(number)s") % {"number": number}),
                title=title,
                about=form[f"modules.{branch.key}.about"],
                new_title=new_title,
                new_kind=new_kind,
                new_is_open=bool(new_title.value() or new_title.errors or not lines),
                units=lines,
            )
        )
    return found


def _part(section: Section, form: RecordForm, hidden: Sequence[str]) -> Part:
    rows = form.row_groups()
    kinds = {
        "modules": "outline", "practice": "practice", "files": "files", "file": "upload",
        **dict.fromkeys(_TICKS, "ticks"), **dict.fromkeys(rows, "rows"),
    }  # fmt: skip
    blocks = [
        Block(
            kind=kinds.get(name, "field"),
            name=name,
            label=LABELS.get(name),
            field=form[name] if name in form.fields else None,
            rows=rows.get(name, []),
            short=name.startswith(_SHORT),
            half=name.startswith(_SHORT),
        )
        for name in section.blocks
        if name not in hidden
    ]
    return Part(section, blocks)
