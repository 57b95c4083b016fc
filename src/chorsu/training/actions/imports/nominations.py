"""Nominations to a cohort from a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError

from chorsu.institutions.actions import unregister_person
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import person_by_email
from chorsu.kernel.text import fold
from chorsu.training.actions.enrolling import Nomination, nominate
from chorsu.training.actions.guards_of_cohorts import locked_cohort, record
from chorsu.training.actions.imports.rows import Checked, Kind, Moment, checked
from chorsu.training.errors.cohorts import NoSuchCohort, NotEligible, WrongCohortState
from chorsu.training.models import Cohort, Enrolment, Import
from chorsu.training.queries.cohorts import employers_of, may_manage
from chorsu.training.rules.rosters import NominationRow, RowError, read_nominations


def _cohort(row: Import) -> Cohort:
    if row.cohort_id is None:
        raise NoSuchCohort(str(row.pk))
    return locked_cohort(row.cohort_id)


def _require(row: Import, by: Person) -> None:
    if not employers_of(by, _cohort(row).institution_id):
        raise NotAllowed(Role.TRAINING_OFFICER)


def _require_undo(row: Import, by: Person) -> None:
    if row.by_id != by.pk and not may_manage(by, _cohort(row)):
        raise NotAllowed(Role.TRAINING_OFFICER)


def _take_in(row: Import, at: Moment) -> Checked:
    cohort = _cohort(row)
    rows, errors = read_nominations(row.rows, at.language)
    messages: dict[int, list[str]] = {}
    bodies = employers_of(at.by, cohort.institution_id)
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
                cohort_id=cohort.pk, nomination=nomination, by=at.by, today=at.today, now=at.now,
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
    return checked(len(rows), errors, messages)


def _employer(one: NominationRow, bodies: Sequence[tuple[int, str]]) -> int | None:
    """The body of a row: as it is named, or the only one there is."""
    if not one.employer:
        return bodies[0][0] if len(bodies) == 1 else None
    return next((key for key, name in bodies if fold(name) == fold(one.employer)), None)


def _undo(row: Import, by: Person, now: datetime) -> int:
    """Only while nothing was decided about any of them; people it made go who never signed in."""
    decided = row.enrolments.exclude(state=Enrolment.State.NOMINATED).first()
    if decided is not None:
        raise WrongCohortState(decided.state)
    count = row.enrolments.count()
    row.enrolments.all().delete()
    learning = Enrolment.objects.filter(person__in=row.new_people)
    kept = set(learning.values_list("person_id", flat=True))
    for person_id in row.new_people:
        if person_id not in kept:
            unregister_person(
                person_id=person_id, institution_id=_cohort(row).institution_id, by=by, now=now
            )
    return count


def _record(row: Import, by: Person, action: str, now: datetime, number: int) -> None:
    record(by, action, _cohort(row), now, number=number)


NOMINATIONS = Kind(_require, _require_undo, _take_in, _undo, _record)
