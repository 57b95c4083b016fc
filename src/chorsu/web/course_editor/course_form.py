"""The form of a course's page: its words, facts, outline, glossary, and words about its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from chorsu.records.fields import AUDIENCES, LICENCES
from chorsu.records.shapes import FileView
from chorsu.training.rules.fields import (
    FORMS,
    ROW_WORDS,
    TEXT_FIELDS,
    UNIT_KINDS,
    Facts,
    Module,
    Unit,
)
from chorsu.web import labels as names
from chorsu.web.course_editor import outline
from chorsu.web.course_editor.choices import Options
from chorsu.web.course_editor.controls import (
    choice_control,
    number_control,
    radio_control,
    ticks_control,
    words_control,
)
from chorsu.web.course_editor.labels import LABELS, name_of
from chorsu.web.course_editor.outline import Branch, each_unit
from chorsu.web.course_editor.scopes import RECORD
from chorsu.web.course_labels import UNIT_KINDS as UNIT_KIND_NAMES
from chorsu.web.drafting.controls import typed, writing
from chorsu.web.drafting.files import add_file_controls
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.merging import Copy
from chorsu.web.drafting.rows import Row, new_key, posted_rows, with_blank

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "competences": ("code", "level"),
    "courses": ("course",),
    "terms": ("name", "meaning"),
}
NUMBERS = (
    *(f"hours.{form}" for form in FORMS),
    "assessment.pass_percent",
    "assessment.attendance_percent",
    "valid_months",
)
_TICKED = ("themes", "positions", "assessment.required_units")


class CourseForm(RecordForm):
    """A course's part of a draft, without what is inside its units.

    Controls are named as the rules name their fields (`title`, `modules.<key>.title`,
    `hours.live`); `outline` is posted as `outline.read` takes it.
    """

    def __init__(
        self,
        *,
        language: str,
        modules: Sequence[Module],
        titles: Mapping[str, str],
        attached: Sequence[FileView],
        options: Options,
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(language=language, columns=COLUMNS, name_of=name_of, data=data)
        self.modules = modules
        self.attached = attached
        self.options = options
        self.made: dict[str, str] = {}
        self.made_module = ""
        self.branches = self._posted_branches() if data is not None else outline.of(modules)
        self._add_controls(titles)
        if data is not None:
            for group, columns in COLUMNS.items():
                self.add_rows(group, posted_rows(group, columns, self.flat()))

    def fill(self, part: Copy) -> None:
        """Show a part as it was typed."""
        facts = cast("Facts", part.facts)
        self.initial.update(
            {name: text for name, text in part.words.items() if name in self.fields}
        )
        for file in self.attached:
            text = part.words.get(f"files.{file.sha256}.description", "")
            self.initial[f"files-{file.sha256}-description"] = text
        self.initial.update({name: _value(part.facts, name) for name in (*NUMBERS, *_TICKED)})
        self.initial.update(part.record)
        rows = {
            "competences": [
                {"code": row["code"], "level": str(row["level"] or "")}
                for row in facts["competences"]
            ],
            "courses": [{"course": course} for course in facts["prerequisites"]],
        }
        for group, found in rows.items():
            self._show_rows(group, [("", cells) for cells in found])
        terms = [
            (key, {name: part.words.get(f"terms.{key}.{name}", "") for name in COLUMNS["terms"]})
            for key in facts["terms"]
        ]
        self._show_rows("terms", terms)

    def copy(self) -> Copy:
        """What was posted, in the shape of the rules, unjudged."""
        words = {field.name: self.text(field.name) for field in TEXT_FIELDS}
        for branch in self.branches:
            if branch.key == self.made_module:
                continue
            for name in ROW_WORDS["modules"]:
                path = f"modules.{branch.key}.{name}"
                words[path] = self.text(path)
        for file in self.attached:
            said = self.text(f"files-{file.sha256}-description")
            words[f"files.{file.sha256}.description"] = said
        terms = self.counted("terms")
        for row in terms:
            words |= {f"terms.{row.key}.{name}": text for name, text in row.cells.items()}
        here = {key for branch in self.branches for key in branch.units}
        facts: dict[str, object] = {
            "themes": self.ticked("themes"),
            "positions": self.ticked("positions"),
            "competences": [
                {"code": row.cells["code"], "level": row.cells["level"] or "0"}
                for row in self.counted("competences")
            ],
            "prerequisites": [row.cells["course"] for row in self.counted("courses")],
            "hours": {form: self._number(f"hours.{form}") for form in FORMS},
            "assessment": {
                "pass_percent": self._number("assessment.pass_percent"),
                "attendance_percent": self._number("assessment.attendance_percent"),
                "required_units": [
                    key for key in self.ticked("assessment.required_units") if key in here
                ],
            },
            "valid_months": self._number("valid_months"),
            "terms": [row.key for row in terms],
            "modules": self.branches,
        }
        return Copy(words, facts, {name: self.text(name).strip() for name in RECORD})

    def cell(self, group: str, column: str) -> forms.Field:
        """The control of a cell."""
        if group == "competences" and column == "code":
            return choice_control("competences.code", self.options.competences)
        if group == "competences":
            return choice_control("competences.level", self.options.levels)
        if group == "courses":
            return choice_control("courses.course", self.options.courses)
        return words_control(f"terms.{column}", self.language, tall=2 if column == "meaning" else 0)

    def control_of(self, path: str) -> str:
        """As in every form; in the facts, the courses to be passed before are `prerequisites`."""
        parts = path.split(".")
        if parts[0] == "prerequisites" and len(parts) == 2:
            path = f"courses.{parts[1]}.course"
        if parts[0] == "modules" and len(parts) > 1 and parts[1] == self.made_module:
            return "new-module-title"
        if parts[0] == "units" and len(parts) > 1 and parts[1] in self.made:
            return f"new-{self.made[parts[1]]}-title"
        if path.startswith("assessment.required_units."):
            return "assessment.required_units"
        return super().control_of(path)

    def make_units(self) -> list[tuple[Unit, str]]:
        """The units whose titles were typed below a module, put at its end, with their titles."""
        made = []
        for branch in self.branches:
            title = self.text(f"new-{branch.key}-title")
            kind = self.text(f"new-{branch.key}-kind")
            if title.strip() and kind in UNIT_KINDS:
                unit = outline.new_unit(kind)
                branch.units.append(unit["key"])
                self.made[unit["key"]] = branch.key
                made.append((unit, title))
        return made

    def make_module(self) -> dict[str, str]:
        """A module at the end if a title for one was typed; its words."""
        title = self.text("new-module-title")
        if not title.strip():
            return {}
        key = new_key("m")
        self.branches.append(Branch(key, []))
        self.made_module = key
        return {f"modules.{key}.title": title}

    def file_fields(self) -> list[tuple[FileView, forms.BoundField]]:
        """The files that are there, each with the control of its description."""
        return [(file, self[f"files-{file.sha256}-description"]) for file in self.attached]

    def _add_controls(self, titles: Mapping[str, str]) -> None:
        for field in TEXT_FIELDS:
            self.fields[field.name] = words_control(field.name, self.language)
        self.fields["new-module-title"] = words_control("modules.key.title", self.language)
        self.fields["new-module-title"].label = _("New module")
        units_of_kinds = [(kind, str(UNIT_KIND_NAMES[kind])) for kind in UNIT_KINDS]
        for branch in self.branches:
            self.fields[f"new-{branch.key}-title"] = words_control("units.key.title", self.language)
            self.fields[f"new-{branch.key}-kind"] = choice_control("units.kind", units_of_kinds)
            for name in ROW_WORDS["modules"]:
                path = f"modules.{branch.key}.{name}"
                self.fields[path] = words_control(path, self.language, tall=2 * (name == "about"))
        for name in NUMBERS:
            self.fields[name] = number_control(name)
        self.fields["themes"] = ticks_control("themes", self.options.themes, required=True)
        self.fields["positions"] = ticks_control("positions", self.options.positions)
        units = [
            (unit["key"], titles.get(unit["key"]) or str(LABELS["units.title"].name))
            for _module, unit in each_unit(self.modules)
        ]
        self.fields["assessment.required_units"] = ticks_control("assessment.required_units", units)
        self.fields["audience"] = radio_control(
            "audience", [(code, str(names.AUDIENCES[code])) for code in AUDIENCES]
        )
        self.fields["licence"] = choice_control(
            "licence", [(code, str(names.LICENCE_NAMES[code])) for code in LICENCES]
        )
        note = forms.TextInput(attrs={**writing(self.language), "data-limit": 500})
        self.fields["note"] = typed(LABELS["note"], note, required=False)
        kinds = _("Pictures, films (MP4), captions (WebVTT), PDF, office documents.")
        add_file_controls(self, self.attached, kinds)

    def _posted_branches(self) -> list[Branch]:
        posted = self.data.getlist("outline") if isinstance(self.data, QueryDict) else []
        return outline.read(posted, self.modules)

    def _show_rows(self, group: str, found: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        rows = [
            Row(group, number, key or f"{number}", cells)
            for number, (key, cells) in enumerate(found)
        ]
        self.add_rows(group, with_blank(group, COLUMNS[group], rows))

    def _number(self, name: str) -> str:
        return self.text(name).strip() or "0"


def _value(facts: Mapping[str, object], path: str) -> object:
    """The fact at a path such as `hours.live`."""
    value: object = facts
    for name in path.split("."):
        value = cast("Mapping[str, object]", value)[name]
    return value
