"""The list of a session from a spreadsheet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chorsu.institutions.models import Person
from chorsu.training.actions import sessions
from chorsu.training.actions.guards_of_cohorts import managed_cohort, record
from chorsu.training.actions.imports.rows import Checked, Kind, Moment, checked
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Attendance, Cohort, Import, Session
from chorsu.training.queries.rosters import presence
from chorsu.training.rules.rosters import read_attendance


def _session(row: Import) -> Session:
    if row.session is None:
        raise NoSuchCohort(str(row.pk))
    return row.session


def _cohort(row: Import, by: Person) -> Cohort:
    return managed_cohort(_session(row).cohort_id, by)


def _require(row: Import, by: Person) -> None:
    _cohort(row, by)


def _take_in(row: Import, at: Moment) -> Checked:
    session_id = _session(row).pk
    lines = presence(session_id)
    learners = {one.person.email.casefold(): str(one.enrolment_id) for one in lines}
    states, errors = read_attendance(row.rows, learners)
    row.before = {
        str(one.enrolment_id): [one.state, one.source, states[str(one.enrolment_id)]]
        for one in lines
        if states.get(str(one.enrolment_id), one.state) != one.state
    }
    sessions.mark(
        session_id=session_id,
        states={UUID(one): state for one, state in states.items()},
        by=at.by,
        now=at.now,
        source=Attendance.Source.IMPORT,
    )
    return checked(len(states), errors)


def _undo(row: Import, by: Person, now: datetime) -> int:
    """What the list said before, where nobody has said anything else since."""
    before = {UUID(key): (was, source, given) for key, (was, source, given) in row.before.items()}
    return sessions.put_back(session_id=_session(row).pk, before=before, by=by, now=now)


def _record(row: Import, by: Person, action: str, now: datetime, number: int) -> None:
    record(by, action, _cohort(row, by), now, number=number)


ATTENDANCE = Kind(_require, _require, _take_in, _undo, _record)
