"""Nominating people, admitting them, the waiting list, groups, leaving, results."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.actions import register_person
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import person_by_email
from chorsu.kernel.ids import new_id
from chorsu.training.actions.guards_of_cohorts import (
    inform_soon,
    locked_cohort,
    managed_cohort,
    managed_enrolment,
    record,
    record_each,
)
from chorsu.training.actions.nomination_files import keep_files
from chorsu.training.actions.places import fill_places, places_free, take_in
from chorsu.training.actions.private_files import CleanFile
from chorsu.training.actions.submissions import MarkRefused
from chorsu.training.actions.telling import tell_learning_system
from chorsu.training.errors.cohorts import NotEligible, ResultChanged, WrongCohortState
from chorsu.training.models import Cohort, Enrolment, Import
from chorsu.training.queries.cohorts import HOLDING, employers_of
from chorsu.training.queries.rosters import refusals
from chorsu.training.rules.cohort_fields import DOCUMENT_MAX, GROUP_MAX, clean_line
from chorsu.training.rules.eligibility import Refusal
from chorsu.training.rules.framework import positions

REASON_MAX = 300
State = Enrolment.State
_ENDED = (Cohort.State.FINISHED, Cohort.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Nomination:
    """Who is nominated, by which body and order. `name` and `language` serve somebody new here."""

    email: str
    name: str
    language: str
    employer_id: int
    document: str
    category: str
    appointed_on: date | None


@transaction.atomic
def nominate(
    *,
    cohort_id: UUID,
    nomination: Nomination,
    by: Person,
    today: date,
    now: datetime,
    brought_by: Import | None = None,
    files: Sequence[CleanFile] = (),
) -> UUID:
    """Nominate a person; somebody unknown here gets an account without a password. Who was declined
    or left is nominated anew, in the same place, with what they did there.

    `today` is the day in the node's time zone; `files` are its documents. A spreadsheet, whose
    nominations can be taken back with all that hangs on them, nominates nobody anew. Raises
    `NoSuchCohort`, `NotAllowed` (no officer of that body), `NotEligible`, ValidationError by
    field, `InvalidRecord` (`file`: `too_many`).
    """
    cohort = locked_cohort(cohort_id)
    bodies = {key for key, _name in employers_of(by, cohort.institution_id)}
    if nomination.employer_id not in bodies:
        raise NotAllowed(Role.TRAINING_OFFICER)
    document = clean_line(nomination.document, "document", DOCUMENT_MAX, needed=True)
    if nomination.category not in positions():
        raise ValidationError({"category": _("Choose a category of the position.")})
    known = person_by_email(nomination.email)
    refused = refusals(
        cohort,
        known,
        category=nomination.category,
        appointed_on=nomination.appointed_on,
        today=today,
    )
    before = cohort.enrolments.filter(person=known).first() if known else None
    if before and brought_by and not refused:
        refused = [Refusal("twice")]
    if refused:
        raise NotEligible(refused)
    person = known or register_person(
        email=nomination.email,
        name=nomination.name,
        language=nomination.language,
        institution_id=cohort.institution_id,
        by=by,
        now=now,
    )
    row = before or Enrolment(id=uuid.UUID(new_id()), cohort=cohort, person=person, created_at=now)
    row.state, row.reason, row.group = State.NOMINATED, "", ""
    row.employer_id, row.nominated_by, row.brought_by = nomination.employer_id, by, brought_by
    row.document, row.category = document, nomination.category
    row.appointed_on, row.queued_at = nomination.appointed_on, now
    row.save()
    record(by, "enrolment.nominated", cohort, now, enrolment=str(row.pk))
    keep_files(cohort, row, files, by=by, now=now)
    inform_soon()
    return row.pk


@transaction.atomic
def admit(
    *, cohort_id: UUID, enrolment_ids: Sequence[UUID], by: Person, now: datetime
) -> tuple[int, int]:
    """Admit nominated people in the order in which they were nominated; where no place is left,
    onto the waiting list. Returns (admitted, put on the list). Those in another state stay as they
    are. Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState` (the cohort has ended).
    """
    cohort = managed_cohort(cohort_id, by)
    if cohort.state in _ENDED:
        raise WrongCohortState(cohort.state)
    nominated = cohort.enrolments.filter(pk__in=enrolment_ids, state=State.NOMINATED)
    rows = list(nominated.order_by("queued_at", "id"))
    # Whoever waits came first.
    full = cohort.enrolments.filter(state=State.WAITING).exists()
    free = 0 if full else places_free(cohort)
    admitted = rows[:free]
    waiting = [row.pk for row in rows[len(admitted) :]]
    take_in(admitted, cohort, by=by, now=now)
    cohort.enrolments.filter(pk__in=waiting).update(state=State.WAITING)
    record_each(by, "enrolment.admitted", cohort, now, [row.pk for row in admitted])
    record_each(by, "enrolment.waiting", cohort, now, waiting)
    inform_soon()
    return len(admitted), len(waiting)


@transaction.atomic
def decline(*, enrolment_id: UUID, reason: str, by: Person, now: datetime) -> None:
    """Turn a nomination down, or take somebody off the waiting list, with the reason they get.

    Raises `NoSuchCohort`, `NotAllowed`, `WrongCohortState`, ValidationError (`reason`).
    """
    cohort, row = managed_enrolment(enrolment_id, by)
    if row.state not in (State.NOMINATED, State.WAITING):
        raise WrongCohortState(row.state)
    _end(
        cohort, row, State.DECLINED, clean_line(reason, "reason", REASON_MAX, needed=True), by, now
    )


@transaction.atomic
def leave(*, enrolment_id: UUID, reason: str, by: Person, now: datetime) -> None:
    """Give up a place, a nomination or a place on the list: the learner, or who runs the cohort.

    The first on the waiting list moves up. Raises `NoSuchCohort`, `NotAllowed`,
    `WrongCohortState`, ValidationError (`reason`).
    """
    own = Enrolment.objects.filter(pk=enrolment_id, person=by).values_list("cohort_id", flat=True)
    cohort_id = own.first()
    if cohort_id is None:
        cohort, row = managed_enrolment(enrolment_id, by)
    else:
        cohort = locked_cohort(cohort_id)
        row = Enrolment.objects.get(pk=enrolment_id)
    if row.state not in (State.NOMINATED, State.WAITING, State.ADMITTED):
        raise WrongCohortState(row.state)
    _end(cohort, row, State.LEFT, clean_line(reason, "reason", REASON_MAX), by, now)
    fill_places(cohort, by=by, now=now)


@transaction.atomic
def set_group(
    *, cohort_id: UUID, enrolment_ids: Sequence[UUID], group: str, by: Person, now: datetime
) -> int:
    """Put learners into a group of the cohort; empty: into none. Returns how many.

    Raises `NoSuchCohort`, `NotAllowed`, ValidationError (`group`).
    """
    cohort = managed_cohort(cohort_id, by)
    clean = clean_line(group, "group", GROUP_MAX)
    count = cohort.enrolments.filter(pk__in=enrolment_ids).update(group=clean)
    record(by, "enrolment.grouped", cohort, now, number=count)
    return count


@transaction.atomic
def set_result(
    *,
    enrolment_id: UUID,
    percent: Decimal | None,
    passed: bool,
    by: Person,
    now: datetime,
    seen: tuple[Decimal | None, str] | None = None,
) -> None:
    """Say how a learner ended, before the cohort is finished; it may be said anew until then.

    `percent` is None where nothing was measured; `seen` are percent and state that were looked at.
    Raises `NoSuchCohort`, `NotAllowed`, `MarkRefused` (own-work), `WrongCohortState`,
    `ResultChanged` (it is as `seen` no more), ValidationError (`percent`).
    """
    cohort, row = managed_enrolment(enrolment_id, by)
    if row.person_id == by.pk:
        raise MarkRefused("own-work")
    if cohort.state != Cohort.State.RUNNING:
        raise WrongCohortState(cohort.state)
    if row.state not in HOLDING:
        raise WrongCohortState(row.state)
    if percent is not None and not 0 <= percent <= 100:
        raise ValidationError({"percent": _("Enter a number from 0 to 100.")})
    if seen is not None and seen != (row.result_percent, row.state):
        raise ResultChanged(row.result_percent, row.state)
    row.result_percent = percent
    row.state = State.PASSED if passed else State.FAILED
    row.result_at = now
    row.save(update_fields=["result_percent", "state", "result_at"])
    tell_learning_system(row)
    record(by, f"enrolment.{row.state}", cohort, now, enrolment=str(row.pk))


def _end(
    cohort: Cohort, row: Enrolment, state: State, reason: str, by: Person, now: datetime
) -> None:
    row.state, row.reason = state, reason
    row.save(update_fields=["state", "reason"])
    record(by, f"enrolment.{state}", cohort, now, enrolment=str(row.pk))
    inform_soon()
