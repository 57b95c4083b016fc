"""The form of a page on which a record is written: it keeps what was typed and tells what is wrong.

The rules of the record judge what was typed; the form only takes it in their shape and puts each
error at its control.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.functional import Promise

from chorsu.records.fields import FieldError
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.rows import Row, RowFields


class RecordForm(forms.Form):
    """Bound to what was posted, or filled from what is saved.

    Cells of rows are named `<group>-<n>-<column>`.
    """

    use_required_attribute = False

    def __init__(
        self,
        *,
        language: str,
        columns: Mapping[str, Sequence[str]],
        name_of: Callable[[str], str | Promise],
        data: QueryDict | None = None,
    ) -> None:
        super().__init__(data, auto_id="f-%s")
        self.language = language
        self.columns = columns
        self._name_of = name_of
        self._groups: dict[str, list[Row]] = {}

    def cell(self, group: str, column: str) -> forms.Field:
        """The control of a cell; each form makes its own."""
        raise NotImplementedError

    def add_rows(self, group: str, rows: list[Row]) -> None:
        """Take rows in, with a control for each cell."""
        self._groups[group] = rows
        for row in rows:
            for column in self.columns[group]:
                self.fields[row.cell_name(column)] = self.cell(group, column)
                self.initial[row.cell_name(column)] = row.cells[column]

    def rows(self, group: str) -> list[Row]:
        """The rows of a group as typed."""
        return self._groups.get(group, [])

    def counted(self, group: str) -> list[Row]:
        """The rows of a group that say something, as a list of the facts has them."""
        return [row for row in self.rows(group) if not row.is_blank]

    def row_groups(self) -> dict[str, list[RowFields]]:
        """The rows of each group with their controls."""
        return {
            group: [
                RowFields(row, [self[row.cell_name(column)] for column in self.columns[group]])
                for row in rows
            ]
            for group, rows in self._groups.items()
        }

    def flat(self) -> dict[str, str]:
        """What was posted, the last value of each name."""
        return {name: self.text(name) for name in self.data}

    def text(self, name: str) -> str:
        """What was typed into a control; empty if it was not posted."""
        value = self.data.get(name, "")
        return value if isinstance(value, str) else ""

    def ticked(self, name: str) -> list[str]:
        """The codes that are ticked."""
        if self.is_bound and isinstance(self.data, QueryDict):
            return self.data.getlist(name)
        return [str(one) for one in self.initial.get(name) or []]

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
                self.add_error(None, f"{self._name_of(error.field)}: {message(error)}")

    def control_of(self, path: str) -> str:
        """The name of the control of a path such as `indicators.0.value` or `contacts.k1.office`.

        The path itself where no control has it.
        """
        parts = path.split(".")
        if parts[0] == "files" and len(parts) == 3:
            return "-".join(parts)
        if parts[0] not in self._groups or len(parts) != 3:
            return path
        for place, row in enumerate(self.placed(parts[0])):
            if parts[1] in (str(place), row.key):
                return row.cell_name(parts[2])
        return path

    def placed(self, group: str) -> list[Row]:
        """The rows as the rules count their places."""
        return self.counted(group)

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

    def _as_posted(self) -> QueryDict:
        data = QueryDict(mutable=True)
        for name, value in self.initial.items():
            if isinstance(value, list):
                data.setlist(name, [str(one) for one in value])
            else:
                data[name] = "" if value is None else str(value)
        return data
