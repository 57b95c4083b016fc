"""A guest joins a cohort by the link of a learning system that may open it."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction

from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions.guards_of_cohorts import locked_cohort, record
from chorsu.training.actions.places import places_free
from chorsu.training.errors.cohorts import WrongCohortState
from chorsu.training.models import Cohort, Enrolment

State = Enrolment.State
_JOINED = (Cohort.State.OPEN, Cohort.State.RUNNING)
_SHUT = (State.DECLINED, State.LEFT)


@transaction.atomic
def join(*, cohort_id: UUID, person: Person, now: datetime) -> UUID:
    """The guest's enrolment, made at their first visit: admitted, or where no place is left on the
    waiting list. No application and no nomination is asked: who allowed the link vouches for them.

    Raises `NoSuchCohort`; `WrongCohortState` if the cohort takes nobody (it is only planned, or has
    ended), or has let the guest go.
    """
    cohort = locked_cohort(cohort_id)
    row = cohort.enrolments.filter(person=person).first()
    if row is not None:
        if row.state in _SHUT:
            raise WrongCohortState(row.state)
        return row.pk
    if cohort.state not in _JOINED:
        raise WrongCohortState(cohort.state)
    free = places_free(cohort) != 0 and not cohort.enrolments.filter(state=State.WAITING).exists()
    state = State.ADMITTED if free else State.WAITING
    row = Enrolment.objects.create(
        id=uuid.UUID(new_id()),
        cohort=cohort,
        person=person,
        state=state,
        # They see where they are; a mail from a node that they do not know would startle them.
        told=state,
        queued_at=now,
        created_at=now,
    )
    record(person, f"enrolment.{state}", cohort, now, enrolment=str(row.pk))
    return row.pk
