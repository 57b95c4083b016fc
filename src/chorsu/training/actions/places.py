"""Who gets a place: counted and given while the cohort is locked."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.actions import accept_person
from chorsu.institutions.models import Person
from chorsu.training.actions.guards_of_cohorts import inform_soon, record
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.cohorts import HOLDING

State = Enrolment.State


def places_taken(cohort: Cohort) -> int:
    """How many hold a place."""
    return Enrolment.objects.filter(cohort=cohort, state__in=HOLDING).count()


def has_place(cohort: Cohort) -> bool:
    """Whether one more fits. The cohort must be locked."""
    return not cohort.capacity or places_taken(cohort) < cohort.capacity


def take_in(row: Enrolment, cohort: Cohort, *, by: Person | None, now: datetime) -> None:
    """Whoever has a place belongs to the institution that teaches them, as a reader at least."""
    accept_person(person_id=row.person_id, institution_id=cohort.institution_id, by=by, now=now)


def fill_places(cohort: Cohort, *, by: Person | None, now: datetime) -> int:
    """Move the first on the waiting list up into the places that are free; how many moved.

    The cohort must be locked. Nobody moves up once it has ended.
    """
    if cohort.state in (Cohort.State.FINISHED, Cohort.State.CANCELLED):
        return 0
    waiting = Enrolment.objects.filter(cohort=cohort, state=State.WAITING)
    queue = waiting.order_by("queued_at", "id")
    if cohort.capacity:
        queue = queue[: max(0, cohort.capacity - places_taken(cohort))]
    moved = list(queue)
    for row in moved:
        row.state = State.ADMITTED
        row.save(update_fields=["state"])
        take_in(row, cohort, by=by, now=now)
        record(by, "enrolment.moved_up", cohort, now, enrolment=str(row.pk))
    if moved:
        inform_soon()
    return len(moved)
