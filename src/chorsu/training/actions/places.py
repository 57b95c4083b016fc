"""Who gets a place: counted and given while the cohort is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chorsu.institutions.actions import accept_people
from chorsu.institutions.models import Person
from chorsu.training.actions.guards_of_cohorts import inform_soon, record_each
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.cohorts import HOLDING

State = Enrolment.State


def places_taken(cohort: Cohort) -> int:
    """How many hold a place."""
    return Enrolment.objects.filter(cohort=cohort, state__in=HOLDING).count()


def places_free(cohort: Cohort) -> int | None:
    """How many more fit; None: as many as come. The cohort must be locked."""
    return max(0, cohort.capacity - places_taken(cohort)) if cohort.capacity else None


def take_in(rows: Sequence[Enrolment], cohort: Cohort, *, by: Person | None, now: datetime) -> None:
    """Give these a place. Whoever has one belongs to the institution that teaches them, as a
    reader at least.
    """
    Enrolment.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.ADMITTED)
    people = [row.person_id for row in rows]
    accept_people(person_ids=people, institution_id=cohort.institution_id, by=by, now=now)


def fill_places(cohort: Cohort, *, by: Person | None, now: datetime) -> int:
    """Move the first on the waiting list up into the places that are free; how many moved.

    The cohort must be locked. Nobody moves up once it has ended.
    """
    if cohort.state in (Cohort.State.FINISHED, Cohort.State.CANCELLED):
        return 0
    waiting = Enrolment.objects.filter(cohort=cohort, state=State.WAITING)
    moved = list(waiting.order_by("queued_at", "id")[: places_free(cohort)])
    if moved:
        take_in(moved, cohort, by=by, now=now)
        record_each(by, "enrolment.moved_up", cohort, now, [row.pk for row in moved])
        inform_soon()
    return len(moved)
