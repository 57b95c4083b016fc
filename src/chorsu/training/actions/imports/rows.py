"""What every kind of spreadsheet has: rows that were checked, and how its kind goes about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chorsu.institutions.models import Person
from chorsu.training.models import Import
from chorsu.training.rules.rosters import RowError


class RowsRefused(Exception):  # noqa: N818 - says what is wrong
    """Some rows cannot be taken in (`errors`); nothing was."""

    def __init__(self, errors: Sequence[RowError], messages: Mapping[int, list[str]]) -> None:
        super().__init__(f"{len(errors) + len(messages)} rows are wrong")
        self.errors = tuple(errors)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Checked:
    """What taking in would do to `count` rows. `errors` by rule; `messages`: line -> sentences of
    fields.
    """

    count: int
    errors: tuple[RowError, ...]
    messages: Mapping[int, list[str]]

    @property
    def wrong(self) -> set[int]:
        """The lines that are not right."""
        return {one.line for one in self.errors} | self.messages.keys()


@dataclass(frozen=True, slots=True)
class Moment:
    """Who takes in, in which language rows are that name none, on which day, when."""

    by: Person
    language: str
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of spreadsheet is handled, in the caller's transaction.

    `require` raises unless somebody may upload it; `require_undo` unless they may take it back.
    `take_in` does row by row what a row says, and a row that is refused changes nothing; it leaves
    in the import what `undo` needs, which says how many rows it took back. `record` writes a line
    of the audit log.
    """

    require: Callable[[Import, Person], None]
    require_undo: Callable[[Import, Person], None]
    take_in: Callable[[Import, Moment], Checked]
    undo: Callable[[Import, Person, datetime], int]
    record: Callable[[Import, Person, str, datetime, int], None]


def checked(
    count: int, errors: list[RowError], messages: Mapping[int, list[str]] | None = None
) -> Checked:
    """Errors in the order of their lines."""
    return Checked(count, tuple(sorted(errors, key=lambda one: one.line)), messages or {})
