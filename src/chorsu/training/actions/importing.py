"""Spreadsheets: looked at, then taken in whole or not at all, and undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.kernel.ids import new_id
from chorsu.training.actions.imports.attendance import ATTENDANCE
from chorsu.training.actions.imports.nominations import NOMINATIONS
from chorsu.training.actions.imports.people import PEOPLE
from chorsu.training.actions.imports.rows import Checked, Kind, Moment, RowsRefused
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCohortState
from chorsu.training.models import Import, Session

State = Import.State


@transaction.atomic
def keep_table(
    *,
    file_name: str,
    records: Sequence[Mapping[str, str]],
    by: Person,
    now: datetime,
    cohort_id: UUID | None = None,
    institution_id: str | None = None,
    session_id: UUID | None = None,
) -> UUID:
    """Keep the rows of a spreadsheet to look at; what nobody takes in is deleted after days.

    It holds nominations to a cohort, people of an institution or the list of a session: one of the
    three. Raises `NoSuchCohort`, `NotAllowed` (does not nominate for a body; no administrator; does
    not run the cohort), `WrongCohortState`.
    """
    row = Import(
        id=uuid.UUID(new_id()),
        cohort_id=cohort_id,
        institution_id=institution_id,
        session=Session.objects.filter(pk=session_id).first() if session_id else None,
        by=by,
        file_name=file_name[:200],
        rows=[dict(one) for one in records],
        created_at=now,
    )
    _kind(row).require(row, by)
    row.save(force_insert=True)
    return row.pk


def check(*, import_id: UUID, language: str, by: Person, today: date, now: datetime) -> Checked:
    """What taking in would do and refuse: done, and undone again before anybody sees it.

    Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState` (taken in already).
    """
    with transaction.atomic():
        row = _kept(import_id, by)
        checked = _kind(row).take_in(row, Moment(by, language, today, now))
        transaction.set_rollback(True)
    return checked


@transaction.atomic
def take_in(*, import_id: UUID, language: str, by: Person, today: date, now: datetime) -> int:
    """Do what every row says; how many. Raises `RowsRefused`, and as `check`."""
    row = _kept(import_id, by)
    checked = _kind(row).take_in(row, Moment(by, language, today, now))
    if checked.errors or checked.messages:
        raise RowsRefused(checked.errors, checked.messages)
    row.state, row.rows, row.taken = State.DONE, [], checked.count
    row.save(update_fields=["state", "rows", "new_people", "before", "taken"])
    _kind(row).record(row, by, "import.taken_in", now, checked.count)
    return checked.count


@transaction.atomic
def undo(*, import_id: UUID, by: Person, now: datetime) -> int:
    """Take back what an import did, as far as its kind allows; how many rows that was.

    Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState` (not taken in; decided since).
    """
    row = _locked(import_id)
    kind = _kind(row)
    kind.require_undo(row, by)
    if row.state != State.DONE:
        raise WrongCohortState(row.state)
    count = kind.undo(row, by, now)
    row.state, row.new_people, row.before = State.UNDONE, [], {}
    row.save(update_fields=["state", "new_people", "before"])
    kind.record(row, by, "import.undone", now, count)
    return count


def _kind(row: Import) -> Kind:
    if row.cohort_id is not None:
        return NOMINATIONS
    return PEOPLE if row.institution_id is not None else ATTENDANCE


def _kept(import_id: UUID, by: Person) -> Import:
    row = _locked(import_id)
    _kind(row).require(row, by)
    if row.by_id != by.pk:
        raise NotAllowed(Role.TRAINING_OFFICER)
    if row.state != State.PREVIEW:
        raise WrongCohortState(row.state)
    return row


def _locked(import_id: UUID) -> Import:
    rows = Import.objects.select_for_update(of=("self",)).select_related("session")
    row = rows.filter(pk=import_id).first()
    if row is None:
        raise NoSuchCohort(str(import_id))
    return row
