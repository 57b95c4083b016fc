"""The form of the write page: a draft's words and facts as controls, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from chorsu.practices.rules import (
    AUDIENCES,
    COSTS,
    DURATIONS,
    LEVELS,
    LICENCES,
    STATUSES,
    TEXT_FIELDS,
    Facts,
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
from chorsu.web.drafting.controls import (
    Choices,
    Ticked,
    language_choices,
    typed,
    writing,
)
from chorsu.web.drafting.files import add_file_controls
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.rows import Row, posted_rows, with_blank
from chorsu.web.writing import labels
from chorsu.web.writing.fields import (
    cell_field,
    choice_field,
    radio_field,
    text_field,
    year_field,
)
from chorsu.web.writing.labels import LABELS
from chorsu.web.writing.rows import COLUMNS, facts_of, stored_rows, words_of

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


class DraftForm(RecordForm):
    """A draft to write on: bound to what was posted, or filled from the draft.

    Names of its controls: those of the words (`title` ...) and facts (`themes`, `level` ...),
    `<group>-<n>-<column>` for rows, `files-<sha256>-description`, `audience`, `licence`, `note`.
    """

    def __init__(
        self, *, language: str, attached: Sequence[FileView], data: QueryDict | None = None
    ) -> None:
        super().__init__(language=language, columns=COLUMNS, name_of=labels.name_of, data=data)
        self.attached = attached
        self._add_fields()
        if data is not None:
            for group, columns in COLUMNS.items():
                self.add_rows(group, posted_rows(group, columns, self.flat()))

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
            self.add_rows(group, with_blank(group, COLUMNS[group], rows))

    # What was posted, in the shape of the rules.

    def words(self) -> dict[str, object]:
        """The words as typed, by field name."""
        words: dict[str, object] = {field.name: self.text(field.name) for field in TEXT_FIELDS}
        for rows in self._groups.values():
            words |= words_of(rows)
        for file in self.attached:
            path = f"files.{file.sha256}.description"
            words[path] = self.text(f"files-{file.sha256}-description")
        return words

    def facts(self) -> dict[str, object]:
        """The facts as typed. The goal of a ticked target is ticked with it."""
        targets, goals = self.ticked("sdg_targets"), self.ticked("sdg_goals")
        goals = list(dict.fromkeys([*goals, *(code.partition(".")[0] for code in targets)]))
        facts: dict[str, object] = {name: self.text(name) for name in _PLAIN_FACTS}
        facts["themes"] = self.ticked("themes")
        facts |= {"sdg_goals": goals, "sdg_targets": targets}
        for group, rows in self._groups.items():
            facts[group] = facts_of(rows)
        return facts

    def record(self) -> dict[str, str]:
        """Audience, licence and note as typed."""
        return {name: self.text(name).strip() for name in _RECORD}

    # What the template draws.

    def theme_options(self) -> list[Option]:
        """All themes."""
        here, ticked = locales.page_language().tag, self.ticked("themes")
        return [Option(one.code, one.name(here), one.code in ticked) for one in themes.themes()]

    def goal_options(self) -> list[GoalOption]:
        """All goals with their targets."""
        here, ticked = locales.page_language().tag, self.ticked("sdg_targets")
        by_goal: dict[int, list[Option]] = {}
        for target in themes.targets():
            option = Option(target.code, target.name(here), target.code in ticked)
            by_goal.setdefault(target.goal, []).append(option)
        goals = self.ticked("sdg_goals")
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
            "licence", [(code, str(names.LICENCE_NAMES[code])) for code in LICENCES], required=True
        )
        note = forms.TextInput(attrs={**writing(self.language), "data-limit": 500})
        self.fields["note"] = typed(LABELS["note"], note, required=False)
        kinds = _("PDF, office documents, pictures, plain text and tables (CSV).")
        add_file_controls(self, self.attached, kinds)

    def cell(self, group: str, column: str) -> forms.Field:
        """The control of a cell."""
        options = language_choices() if (group, column) == ("sources", "language") else None
        return cell_field(f"{group}.{column}", self.language, options)

    def placed(self, group: str) -> list[Row]:
        """A blank row has its place among the facts of a practice."""
        return self.rows(group)
