"""Nominations from a spreadsheet: looked at, then taken in whole or not at all, and undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from chorsu.institutions.actions import unregister_person
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import person_by_email
from chorsu.kernel.ids import new_id
from chorsu.kernel.text import fold
from chorsu.training.actions.enrolling import Nomination, nominate
from chorsu.training.actions.guards_of_cohorts import locked_cohort, record
from chorsu.training.errors.cohorts import NoSuchCohort, NotEligible, WrongCohortState
from chorsu.training.models import Cohort, Enrolment, Import
from chorsu.training.queries.cohorts import employers_of, may_manage
from chorsu.training.rules.rosters import NominationRow, RowError, read_nominations

State = Import.State


class RowsRefused(Exception):  # noqa: N818 - says what is wrong
    """Some rows cannot be taken in (`errors`); nothing was."""

    def __init__(self, errors: Sequence[RowError], messages: Mapping[int, list[str]]) -> None:
        super().__init__(f"{len(errors) + len(messages)} rows are wrong")
        self.errors = tuple(errors)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Checked:
    """What taking in would do. `errors` by rule; `messages`: line -> sentences of fields."""

    rows: tuple[NominationRow, ...]
    errors: tuple[RowError, ...]
    messages: Mapping[int, list[str]]

    @property
    def wrong(self) -> set[int]:
        """The lines that are not right."""
        return {one.line for one in self.errors} | self.messages.keys()


@transaction.atomic
def keep_table(
    *,
    cohort_id: UUID,
    file_name: str,
    records: Sequence[Mapping[str, str]],
    by: Person,
    now: datetime,
) -> UUID:
    """Keep the rows of a spreadsheet to look at; what nobody takes in is deleted after days.

    Raises `NoSuchCohort`, `NotAllowed` (neither runs it nor nominates for a body).
    """
    cohort = locked_cohort(cohort_id)
    _require(cohort, by)
    row = Import.objects.create(
        id=uuid.UUID(new_id()),
        cohort=cohort,
        by=by,
        file_name=file_name[:200],
        rows=[dict(one) for one in records],
        created_at=now,
    )
    return row.pk


def check(*, import_id: UUID, language: str, by: Person, today: date, now: datetime) -> Checked:
    """What taking in would do and refuse: done, and undone again before anybody sees it.

    Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState` (taken in already).
    """
    with transaction.atomic():
        row = _kept(import_id, by)
        checked = _take_in(row, language=language, by=by, today=today, now=now)
        transaction.set_rollback(True)
    return checked


@transaction.atomic
def take_in(*, import_id: UUID, language: str, by: Person, today: date, now: datetime) -> int:
    """Nominate everybody of the spreadsheet; how many. Raises `RowsRefused`, and as `check`."""
    row = _kept(import_id, by)
    checked = _take_in(row, language=language, by=by, today=today, now=now)
    if checked.errors or checked.messages:
        raise RowsRefused(checked.errors, checked.messages)
    row.state, row.rows = State.DONE, []
    row.save(update_fields=["state", "rows", "new_people"])
    record(by, "import.taken_in", row.cohort, now, number=len(checked.rows))
    return len(checked.rows)


@transaction.atomic
def undo(*, import_id: UUID, by: Person, now: datetime) -> int:
    """Take back all nominations of an import, and the people it made who never signed in.

    Only while nothing was decided about any of them (`WrongCohortState`). Returns how many.
    Raises `NoSuchCohort`, `NotAllowed`.
    """
    row = _locked(import_id)
    cohort = locked_cohort(row.cohort_id)
    if row.by_id != by.pk and not may_manage(by, cohort):
        raise NotAllowed(Role.TRAINING_OFFICER)
    decided = row.enrolments.exclude(state=Enrolment.State.NOMINATED).first()
    if row.state != State.DONE or decided is not None:
        raise WrongCohortState(decided.state if decided else row.state)
    count, _by_kind = row.enrolments.all().delete()
    kept = set(
        Enrolment.objects.filter(person__in=row.new_people).values_list("person_id", flat=True)
    )
    for person_id in row.new_people:
        if person_id not in kept:
            unregister_person(
                person_id=person_id, institution_id=cohort.institution_id, by=by, now=now
            )
    row.state, row.new_people = State.UNDONE, []
    row.save(update_fields=["state", "new_people"])
    record(by, "import.undone", cohort, now, number=count)
    return count


def _take_in(row: Import, *, language: str, by: Person, today: date, now: datetime) -> Checked:
    """Nominate row by row, in the caller's transaction; a row that is refused changes nothing."""
    rows, errors = read_nominations(row.rows, language)
    messages: dict[int, list[str]] = {}
    bodies = employers_of(by, row.cohort.institution_id)
    for one in rows:
        employer = _employer(one, bodies)
        if employer is None:
            errors.append(RowError(one.line, "employer", "unknown_employer"))
            continue
        new = person_by_email(one.email) is None
        nomination = Nomination(
            one.email, one.name, one.language, employer, one.document, one.category,
            one.appointed_on,
        )  # fmt: skip
        try:
            made = nominate(
                cohort_id=row.cohort_id, nomination=nomination, by=by, today=today, now=now,
                brought_by=row,
            )  # fmt: skip
        except NotEligible as refused:
            errors += [
                RowError(one.line, "", refusal.code, refusal.params) for refusal in refused.refusals
            ]
        except ValidationError as invalid:
            messages[one.line] = [str(text) for text in invalid.messages]
        else:
            if new:
                person = Enrolment.objects.values_list("person_id", flat=True).get(pk=made)
                row.new_people.append(person)
    errors.sort(key=lambda error: error.line)
    return Checked(tuple(rows), tuple(errors), messages)


def _employer(one: NominationRow, bodies: Sequence[tuple[int, str]]) -> int | None:
    """The body of a row: as it is named, or the only one there is."""
    if not one.employer:
        return bodies[0][0] if len(bodies) == 1 else None
    return next((key for key, name in bodies if fold(name) == fold(one.employer)), None)


def _kept(import_id: UUID, by: Person) -> Import:
    row = _locked(import_id)
    _require(locked_cohort(row.cohort_id), by)
    if row.by_id != by.pk:
        raise NotAllowed(Role.TRAINING_OFFICER)
    if row.state != State.PREVIEW:
        raise WrongCohortState(row.state)
    return row


def _locked(import_id: UUID) -> Import:
    rows = Import.objects.select_for_update(of=("self",)).select_related("cohort")
    row = rows.filter(pk=import_id).first()
    if row is None:
        raise NoSuchCohort(str(import_id))
    return row


def _require(cohort: Cohort, by: Person) -> None:
    if not employers_of(by, cohort.institution_id):
        raise NotAllowed(Role.TRAINING_OFFICER)
