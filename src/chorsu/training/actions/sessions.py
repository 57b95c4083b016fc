"""Sessions of a cohort, and who was in them: by list, by a code on the screen, by import."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions.guards_of_cohorts import managed_cohort, record
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCode, WrongCohortState
from chorsu.training.models import Attendance, Cohort, Enrolment, Session, WrongCodes
from chorsu.training.queries.cohorts import facts_of
from chorsu.training.queries.rosters import expected
from chorsu.training.rules import codes
from chorsu.training.rules.cohort_fields import SessionFields, academic_hours, clean_session
from chorsu.training.rules.outline import placed

_ENDED = (Cohort.State.FINISHED, Cohort.State.CANCELLED)
_PURPOSE = "chorsu.training.attendance"


@transaction.atomic
def add_session(*, cohort_id: UUID, fields: SessionFields, by: Person, now: datetime) -> UUID:
    """Add a session. Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState`, ValidationError."""
    cohort = _cohort_in_work(cohort_id, by)
    clean = clean_session(fields, cohort.starts_on, cohort.ends_on, _live_units(cohort))
    row = Session(id=uuid.UUID(new_id()), cohort=cohort)
    _write(row, clean, now)
    record(by, "session.added", cohort, now)
    return row.pk


@transaction.atomic
def edit_session(*, session_id: UUID, fields: SessionFields, by: Person, now: datetime) -> None:
    """Change a session; its calendar entry changes with it. Raises as `add_session`."""
    row = _session(session_id)
    cohort = _cohort_in_work(row.cohort_id, by)
    clean = clean_session(fields, cohort.starts_on, cohort.ends_on, _live_units(cohort))
    row.changes += 1
    _write(row, clean, now)
    record(by, "session.edited", cohort, now)


@transaction.atomic
def remove_session(*, session_id: UUID, by: Person, now: datetime) -> None:
    """Remove a session with its list. Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState`."""
    row = _session(session_id)
    cohort = _cohort_in_work(row.cohort_id, by)
    row.delete()
    record(by, "session.removed", cohort, now)


@transaction.atomic
def mark(
    *,
    session_id: UUID,
    states: Mapping[UUID, str],
    by: Person,
    now: datetime,
    source: str = Attendance.Source.LIST,
) -> int:
    """Say who was there: enrolment -> state; an empty state takes the word back.

    Only words that change are written, so that "by code" stays where the list says the same.
    Returns how many changed. Raises `NoSuchCohort` (also for a learner of another cohort),
    `NotAllowed`, `WrongCohortState`.
    """
    row = _session(session_id)
    cohort = _cohort_in_work(row.cohort_id, by)
    there = set(expected(row).values_list("pk", flat=True))
    if not states.keys() <= there:
        raise NoSuchCohort(str(session_id))
    before = dict(Attendance.objects.filter(session=row).values_list("enrolment_id", "state"))
    changed = {one: state for one, state in states.items() if before.get(one, "") != state}
    Attendance.objects.filter(session=row, enrolment__in=changed).delete()
    Attendance.objects.bulk_create(
        Attendance(
            session=row,
            enrolment_id=one,
            state=Attendance.State(state),
            source=Attendance.Source(source),
            marked_by=by,
            marked_at=now,
        )
        for one, state in changed.items()
        if state
    )
    if changed:
        record(by, "session.marked", cohort, now, number=len(changed))
    return len(changed)


@transaction.atomic
def put_back(
    *, session_id: UUID, before: Mapping[UUID, tuple[str, str, str]], by: Person, now: datetime
) -> int:
    """Take back what an imported list said: enrolment -> (state and source before, state it gave).

    Where somebody has said something else since, that stays. Returns how many changed. Raises
    `NoSuchCohort`, `NotAllowed`, `WrongCohortState`.
    """
    row = _session(session_id)
    cohort = _cohort_in_work(row.cohort_id, by)
    marks = Attendance.objects.filter(session=row, source=Attendance.Source.IMPORT)
    imported = dict(marks.values_list("enrolment_id", "state"))
    back = {one: said for one, said in before.items() if imported.get(one) == said[2]}
    marks.filter(enrolment__in=back).delete()
    Attendance.objects.bulk_create(
        Attendance(
            session=row,
            enrolment_id=one,
            state=Attendance.State(state),
            source=Attendance.Source(source),
            marked_by=by,
            marked_at=now,
        )
        for one, (state, source, _given) in back.items()
        if state
    )
    if back:
        record(by, "session.marked", cohort, now, number=len(back))
    return len(back)


@transaction.atomic
def open_code(*, session_id: UUID, by: Person, now: datetime) -> str:
    """Have the code on the screen taken for the next minutes; the code of this minute.

    Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState`.
    """
    row = _session(session_id)
    _cohort_in_work(row.cohort_id, by)
    row.code_until = now + codes.SHOWN_FOR
    row.save(update_fields=["code_until"])
    return codes.code_at(_secret(), str(row.pk), now)


@transaction.atomic
def close_code(*, session_id: UUID, by: Person) -> None:
    """Take no further code. Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState`."""
    row = _session(session_id)
    _cohort_in_work(row.cohort_id, by)
    row.code_until = None
    row.save(update_fields=["code_until"])


def shown_code(session_id: UUID, now: datetime) -> str:
    """The code to show now; empty while none is taken. Raises `NoSuchCohort`."""
    row = _session(session_id)
    if row.code_until is None or now >= row.code_until:
        return ""
    return codes.code_at(_secret(), str(row.pk), now)


def attend_by_code(*, session_id: UUID, code: str, person: Person, now: datetime) -> None:
    """A learner says that they are here. What the list says already is not overruled.

    Raises `NoSuchCohort` (not a learner of it), `WrongCode`.
    """
    row = _session(session_id)
    learner = expected(row).filter(person=person).first()
    if learner is None:
        raise NoSuchCohort(str(session_id))
    _check_code(row, learner, code, now)
    Attendance.objects.get_or_create(
        session=row,
        enrolment=learner,
        defaults={
            "state": Attendance.State.PRESENT,
            "source": Attendance.Source.CODE,
            "marked_by": person,
            "marked_at": now,
        },
    )


def _check_code(row: Session, learner: Enrolment, code: str, now: datetime) -> None:
    """Wrong codes are counted in a transaction of their own: the refusal must not undo them."""
    with transaction.atomic():
        tried, _made = WrongCodes.objects.select_for_update().get_or_create(
            session=row, enrolment=learner
        )
        too_often = tried.count >= codes.MOST_WRONG
        open_now = row.code_until is not None and now < row.code_until
        right = open_now and codes.is_code(code, _secret(), str(row.pk), now)
        if open_now and not right:
            WrongCodes.objects.filter(pk=tried.pk).update(count=F("count") + 1)
    if too_often or not right:
        raise WrongCode(too_often=too_often)


def _secret() -> bytes:
    return f"{_PURPOSE}:{settings.SECRET_KEY}".encode()


def _session(session_id: UUID) -> Session:
    row = Session.objects.filter(pk=session_id).first()
    if row is None:
        raise NoSuchCohort(str(session_id))
    return row


def _cohort_in_work(cohort_id: UUID, by: Person) -> Cohort:
    cohort = managed_cohort(cohort_id, by)
    if cohort.state in _ENDED:
        raise WrongCohortState(cohort.state)
    return cohort


def _write(row: Session, clean: SessionFields, now: datetime) -> None:
    row.title, row.form, row.group = clean.title, clean.form, clean.group
    row.unit = clean.unit
    row.starts_at, row.ends_at = clean.starts_at, clean.ends_at
    row.place, row.link = clean.place, clean.link
    row.hours = academic_hours(clean.starts_at, clean.ends_at)
    row.changed_at = now
    row.save()
    Cohort.objects.filter(pk=row.cohort_id).update(changed_at=now)


def _live_units(cohort: Cohort) -> set[str]:
    return {one.key for one in placed(facts_of(cohort)) if one.kind == "live"}
