"""What labs and external tools gave a learner."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from chorsu.institutions.models import Role
from chorsu.institutions.queries import chain
from chorsu.training.models import Cohort, CohortTeacher, Enrolment, OutsideResult
from chorsu.training.queries.learning import LEARNING


@dataclass(frozen=True, slots=True)
class OutsideView:
    """A result from outside; `choices` are those last tried in a lab, `percent` its best."""

    choices: Mapping[str, int]
    tries: int
    percent: Decimal | None
    comment: str
    scored_at: datetime | None


def outside_result(enrolment_id: uuid.UUID, unit: str) -> OutsideView | None:
    """The result of a unit, None before there is any. One query."""
    row = OutsideResult.objects.filter(enrolment=enrolment_id, unit=unit).first()
    if row is None:
        return None
    return OutsideView(row.choices, row.tries, row.percent, row.comment, row.scored_at)


@dataclass(frozen=True, slots=True)
class CohortMember:
    """Somebody in a cohort as a tool's services need them; `open` while what they do counts.

    `guest`: of another node or a learning system.
    """

    person_id: int
    name: str
    guest: bool
    open: bool = True


@dataclass(frozen=True, slots=True)
class CohortLearner(CohortMember):
    """A learner of a cohort; `id` is their enrolment's."""

    id: uuid.UUID = field(kw_only=True)


def cohort_learners(cohort_id: uuid.UUID) -> list[CohortLearner]:
    """The learners of a cohort, in the order they came to it. One query."""
    rows = Enrolment.objects.filter(cohort=cohort_id, state__in=LEARNING)
    return [
        CohortLearner(person_id, name, bool(home), state == Enrolment.State.ADMITTED, id=pk)
        for pk, person_id, name, home, state in rows.order_by("created_at", "id").values_list(
            "pk", "person_id", "person__name", "person__home", "state"
        )
    ]


def cohort_teachers(cohort_id: uuid.UUID) -> list[CohortMember]:
    """Who teaches a cohort and still holds the role of a teacher, by name. Three queries."""
    place = Cohort.objects.filter(pk=cohort_id).values_list("institution_id", flat=True).first()
    if place is None:
        return []
    rows = CohortTeacher.objects.filter(
        cohort=cohort_id,
        person__is_active=True,
        person__memberships__role=Role.TEACHER,
        person__memberships__institution__in=chain(place),
    ).distinct()
    return [
        CohortMember(person_id, name, bool(home))
        for person_id, name, home in rows.order_by("person__name", "person_id").values_list(
            "person_id", "person__name", "person__home"
        )
    ]


def outside_percents(cohort_id: uuid.UUID, unit: str) -> dict[uuid.UUID, tuple[Decimal, str]]:
    """Enrolment -> (percent, comment) of those who have a score in a unit. One query."""
    rows = OutsideResult.objects.filter(
        enrolment__cohort=cohort_id, unit=unit, percent__isnull=False
    )
    return {
        enrolment: (percent, comment)
        for enrolment, percent, comment in rows.values_list("enrolment_id", "percent", "comment")
        if percent is not None
    }
