"""The form of the write page: a draft's words and facts as controls, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.translation import gettext as _

from chorsu.kernel.languages import TAGS, by_tag
from chorsu.practices.rules import (
    AUDIENCES,
    COSTS,
    DURATIONS,
    LEVELS,
    LICENCES,
    STATUSES,
    TEXT_FIELDS,
    Facts,
    FieldError,
    Words,
    refusals,
    with_refused,
)
from chorsu.practices.shapes import DraftView
from chorsu.records import themes
from chorsu.records.shapes import FileView
from chorsu.web import labels as names
from chorsu.web import locales
from chorsu.web.countries import country_choices
from chorsu.web.writing import labels
from chorsu.web.writing.fields import (
    Choices,
    Ticked,
    Typed,
    cell_field,
    choice_field,
    file_field,
    radio_field,
    text_field,
    typed,
    writing,
    year_field,
)
from chorsu.web.writing.labels import LABELS
from chorsu.web.writing.messages import message
from chorsu.web.writing.rows import (
    COLUMNS,
    Row,
    blank_row,
    facts_of,
    posted_rows,
    stored_rows,
    words_of,
)

_PLAIN_FACTS = ("level", "country", "year_from", "year_to", "status", "cost", "duration")
_RECORD = ("audience", "licence", "note")


@dataclass(frozen=True, slots=True)
class Option:
    """A code to tick, with its name in the page's language."""

    code: str
    name: str
    checked: bool


@dataclass(frozen=True, slots=True)
class GoalOption:
    """A goal to tick, with its targets; `open` when something in it is ticked."""

    option: Option
    targets: Sequence[Option]
    open: bool


@dataclass(frozen=True, slots=True)
class RowFields:
    """A row as the page draws it."""

    row: Row
    cells: Sequence[forms.BoundField]


class DraftForm(forms.Form):
    """A draft to write on: bound to what was posted, or filled from the draft.

    Names of its controls: those of the words (`title` ...) and facts (`themes`, `level` ...),
    `<group>-<n>-<column>` for rows, `files-<sha256>-description`, `audience`, `licence`, `note`.
    """

    use_required_attribute = False

    def __init__(
        self, *, language: str, attached: Sequence[FileView], data: QueryDict | None = None
    ) -> None:
        super().__init__(data, auto_id="f-%s")
        self.language = language
        self.attached = attached
        self._groups: dict[str, list[Row]] = {}
        self._add_fields()
        if data is not None:
            flat = {name: data.get(name, "") or "" for name in data}
            for group in COLUMNS:
                self._add_rows(group, posted_rows(group, flat))

    @classmethod
    def of_draft(cls, draft: DraftView) -> DraftForm:
        """The form filled with the draft, a blank row in each group; what is refused is marked."""
        form = cls(language=draft.language, attached=draft.files)
        form.fill(draft.words, draft.facts, draft.refused)
        form.initial.update({name: getattr(draft, name) for name in _RECORD})
        if "note" in draft.refused:
            form.initial["note"] = draft.refused["note"]
        if errors := refusals(draft.words, draft.facts, draft.refused):
            form.show_errors(errors)
        return form

    def fill(self, saved_words: Words, saved_facts: Facts, refused: Mapping[str, str]) -> None:
        """Show these words and facts as they were typed."""
        typed_words, typed_facts = with_refused(saved_words, saved_facts, refused)
        words, facts = cast("Words", typed_words), cast("Facts", typed_facts)
        self.initial.update({field.name: words.get(field.name, "") for field in TEXT_FIELDS})
        self.initial.update({name: facts.get(name) for name in _PLAIN_FACTS})
        self.initial["themes"] = facts["themes"]
        self.initial["sdg_goals"] = [str(number) for number in facts["sdg_goals"]]
        self.initial["sdg_targets"] = facts["sdg_targets"]
        for file in self.attached:
            text = words.get(f"files.{file.sha256}.description", "")
            self.initial[f"files-{file.sha256}-description"] = text
        for group in COLUMNS:
            rows = stored_rows(group, cast("Sequence[Mapping[str, str]]", facts[group]), words)  # type: ignore[literal-required]
            self._add_rows(group, [*rows, blank_row(group, len(rows))])

    # What was posted, in the shape of the rules.

    def words(self) -> dict[str, object]:
        """The words as typed, by field name."""
        words: dict[str, object] = {field.name: self._text(field.name) for field in TEXT_FIELDS}
        for rows in self._groups.values():
            words |= words_of(rows)
        for file in self.attached:
            path = f"files.{file.sha256}.description"
            words[path] = self._text(f"files-{file.sha256}-description")
        return words

    def facts(self) -> dict[str, object]:
        """The facts as typed. The goal of a ticked target is ticked with it."""
        targets = self.data.getlist("sdg_targets") if isinstance(self.data, QueryDict) else []
        goals = self.data.getlist("sdg_goals") if isinstance(self.data, QueryDict) else []
        goals = list(dict.fromkeys([*goals, *(code.partition(".")[0] for code in targets)]))
        facts: dict[str, object] = {name: self._text(name) for name in _PLAIN_FACTS}
        facts["themes"] = self.data.getlist("themes") if isinstance(self.data, QueryDict) else []
        facts |= {"sdg_goals": goals, "sdg_targets": targets}
        for group, rows in self._groups.items():
            facts[group] = facts_of(rows)
        return facts

    def record(self) -> dict[str, str]:
        """Audience, licence and note as typed."""
        return {name: self._text(name).strip() for name in _RECORD}

    def show_errors(self, errors: Sequence[FieldError]) -> None:
        """Put each error at its control; what has none goes to the top of the page."""
        if not self.is_bound:
            self.data, self._errors = self._as_posted(), None
            self.is_bound = True  # an unbound form shows no errors
        for error in errors:
            name = self.control_of(error.field)
            if name in self.fields:
                self.add_error(name, message(error))
            else:
                self.add_error(None, f"{labels.name_of(error.field)}: {message(error)}")

    def control_of(self, path: str) -> str:
        """The name of the control of a path such as `indicators.0.value` or `contacts.k1.office`.

        The path itself where no control has it.
        """
        parts = path.split(".")
        if parts[0] == "files" and len(parts) == 3:
            return "-".join(parts)
        rows = self._groups.get(parts[0])
        if rows is None or len(parts) != 3:
            return path
        for place, row in enumerate(rows):
            if parts[1] in (str(place), row.key):
                return row.cell_name(parts[2])
        return path

    def refuse_files(self, sentences: Sequence[str]) -> None:
        """Say at the control for files what was not taken."""
        self.show_errors([])
        for sentence in sentences:
            self.add_error("file", sentence)

    def first_errors(self) -> dict[str, str]:
        """For the page's script: id of a control -> what is wrong; "" for the page as a whole."""
        return {
            "" if name == NON_FIELD_ERRORS else f"f-{name}": str(errors[0])
            for name, errors in self.errors.items()
        }

    # What the template draws.

    def row_groups(self) -> dict[str, list[RowFields]]:
        """The rows of each group with their controls."""
        return {group: [self._row(row) for row in rows] for group, rows in self._groups.items()}

    def theme_options(self) -> list[Option]:
        """All themes."""
        here, ticked = locales.page_language().tag, self._ticked("themes")
        return [Option(one.code, one.name(here), one.code in ticked) for one in themes.themes()]

    def goal_options(self) -> list[GoalOption]:
        """All goals with their targets."""
        here, ticked = locales.page_language().tag, self._ticked("sdg_targets")
        by_goal: dict[int, list[Option]] = {}
        for target in themes.targets():
            option = Option(target.code, target.name(here), target.code in ticked)
            by_goal.setdefault(target.goal, []).append(option)
        goals = self._ticked("sdg_goals")
        found = []
        for goal in themes.goals():
            option = Option(str(goal.number), goal.name(here), str(goal.number) in goals)
            targets = by_goal[goal.number]
            is_open = option.checked or any(target.checked for target in targets)
            found.append(GoalOption(option, targets, is_open))
        return found

    def file_fields(self) -> list[tuple[FileView, forms.BoundField]]:
        """The files that are there, each with the control of its description."""
        return [(file, self[f"files-{file.sha256}-description"]) for file in self.attached]

    def _add_fields(self) -> None:
        for field in TEXT_FIELDS:
            self.fields[field.name] = text_field(field, self.language)
        choose: Choices = [("", _("Choose"))]
        for name, codes, known in (
            ("level", LEVELS, names.LEVELS),
            ("status", STATUSES, names.STATUSES),
            ("cost", COSTS, names.COSTS),
            ("duration", DURATIONS, names.DURATIONS),
        ):
            first = choose if name in ("level", "status") else []
            options = [*first, *((code, str(known[code])) for code in codes)]
            self.fields[name] = choice_field(name, options, required=bool(first))
        self.fields["country"] = choice_field("country", country_choices(), required=True)
        self.fields["year_from"] = year_field("year_from")
        self.fields["year_to"] = year_field("year_to")
        for name in ("themes", "sdg_goals", "sdg_targets"):
            label = LABELS[name]
            self.fields[name] = Ticked(
                label=str(label.name),
                help_text=str(label.hint),
                widget=forms.CheckboxSelectMultiple(),
            )
        self.fields["audience"] = radio_field(
            "audience", [(code, str(names.AUDIENCES[code])) for code in AUDIENCES]
        )
        self.fields["licence"] = choice_field(
            "licence", [(code, str(labels.LICENCES[code])) for code in LICENCES], required=True
        )
        note = forms.TextInput(attrs={**writing(self.language), "data-limit": 500})
        self.fields["note"] = typed(LABELS["note"], note, required=False)
        self.fields["file"] = file_field()
        self.fields["file_language"] = Typed(
            label=_("Language of the file"), widget=forms.Select(choices=_languages())
        )
        for file in self.attached:
            told = cell_field("files.description", self.language)
            told.label = _("Description of %(file)s") % {"file": file.name}
            told.required = False
            self.fields[f"files-{file.sha256}-description"] = told

    def _add_rows(self, group: str, rows: list[Row]) -> None:
        self._groups[group] = rows
        for row in rows:
            for column in COLUMNS[group]:
                options = _languages() if (group, column) == ("sources", "language") else None
                field = cell_field(f"{group}.{column}", self.language, options)
                self.fields[row.cell_name(column)] = field
                self.initial[row.cell_name(column)] = row.cells[column]

    def _row(self, row: Row) -> RowFields:
        return RowFields(row, [self[row.cell_name(column)] for column in COLUMNS[row.group]])

    def _ticked(self, name: str) -> set[str]:
        if self.is_bound and isinstance(self.data, QueryDict):
            return set(self.data.getlist(name))
        return set(self.initial.get(name) or [])

    def _text(self, name: str) -> str:
        value = self.data.get(name, "")
        return value if isinstance(value, str) else ""

    def _as_posted(self) -> QueryDict:
        data = QueryDict(mutable=True)
        for name, value in self.initial.items():
            if isinstance(value, list):
                data.setlist(name, [str(one) for one in value])
            else:
                data[name] = "" if value is None else str(value)
        return data


def _languages() -> Choices:
    return [("", _("Choose")), *((tag, by_tag(tag).endonym) for tag in TAGS)]
