"""What is asked before a cohort changes: which one, and who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from chorsu.exchange.actions import defer
from chorsu.institutions.actions import record_event, record_events
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.cohorts import is_officer, may_manage

INFORM_JOB = "chorsu.jobs.tasks.inform_learners"


def locked_cohort(cohort_id: UUID) -> Cohort:
    """The cohort, held until the transaction ends; raises `NoSuchCohort`.

    Whatever gives or frees a place holds it, so that the last place is given once.
    """
    rows = Cohort.objects.select_for_update(of=("self",)).select_related("course")
    row = rows.filter(pk=cohort_id).first()
    if row is None:
        raise NoSuchCohort(str(cohort_id))
    return row


def managed_cohort(cohort_id: UUID, by: Person) -> Cohort:
    """The cohort, locked, for somebody who runs it; raises `NoSuchCohort` and `NotAllowed`."""
    row = locked_cohort(cohort_id)
    if not may_manage(by, row):
        raise NotAllowed(Role.TEACHER)
    return row


def managed_enrolment(enrolment_id: UUID, by: Person) -> tuple[Cohort, Enrolment]:
    """An enrolment with its cohort, locked, for somebody who runs it. Raises as above."""
    cohort_id = (
        Enrolment.objects.filter(pk=enrolment_id).values_list("cohort_id", flat=True).first()
    )
    if cohort_id is None:
        raise NoSuchCohort(str(enrolment_id))
    cohort = managed_cohort(cohort_id, by)
    row = Enrolment.objects.select_for_update(of=("self",)).filter(pk=enrolment_id).first()
    if row is None:
        raise NoSuchCohort(str(enrolment_id))
    return cohort, row


def require_officer(by: Person, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person answers for training there."""
    if not is_officer(by, institution_id):
        raise NotAllowed(Role.TRAINING_OFFICER)


def inform_soon() -> None:
    """After the commit, have a worker mail what is to be told."""
    transaction.on_commit(lambda: defer(INFORM_JOB), robust=True)


def record(by: Person | None, action: str, cohort: Cohort, now: datetime, **detail: object) -> None:
    """A line of the audit log about a cohort."""
    known: Mapping[str, object] = {"institution": cohort.institution_id, **detail}
    record_event(
        person=by,
        action=action,
        subject_kind="cohort",
        subject_id=str(cohort.pk),
        detail=known,
        now=now,
    )


def record_each(
    by: Person | None,
    action: str,
    cohort: Cohort,
    now: datetime,
    enrolments: Sequence[UUID],
    **detail: object,
) -> None:
    """A line about each of these learners, as `record` writes it. One query."""
    record_events(
        person=by,
        action=action,
        subject_kind="cohort",
        subjects=[
            (
                str(cohort.pk),
                {"institution": cohort.institution_id, "enrolment": str(key), **detail},
            )
            for key in enrolments
        ],
        now=now,
    )
