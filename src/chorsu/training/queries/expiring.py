"""Certificates that are due to expire, counted by cohort and by employing body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from chorsu.training.credentials.composing import months_later
from chorsu.training.models import Certificate

MONTHS = (3, 6, 12)


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many end within 3, in the 3 months after, and in the 6 after that; each counted once.

    `body` is empty for those who came without one.
    """

    cohort_id: UUID
    cohort: str
    body: str
    counts: tuple[int, int, int]


def expiring_by_cohort(institution_id: str, now: datetime) -> Sequence[Expiring]:
    """A row for each cohort and body with such certificates, the earliest cohort first. One query.

    What was renewed, replaced or revoked is not counted: only what counts now and then will not.
    """
    return _expiring(Q(institution=institution_id), now)


def expiring_in(cohort_id: UUID, now: datetime) -> Sequence[Expiring]:
    """As `expiring_by_cohort`, of one cohort: a row for each body. One query."""
    return _expiring(Q(enrolment__cohort=cohort_id), now)


def renewed() -> Exists:
    """Whether the holder of a certificate has one of the same course that counts for longer."""
    later = Q(valid_until=None) | Q(valid_until__gt=OuterRef("valid_until"))
    return Exists(
        Certificate.objects.filter(
            later,
            state=Certificate.State.VALID,
            enrolment__person=OuterRef("enrolment__person"),
            enrolment__cohort__course=OuterRef("enrolment__cohort__course"),
        )
    )


def _expiring(whose: Q, now: datetime) -> Sequence[Expiring]:
    ends = [months_later(now, months) for months in MONTHS]
    starts = [now, *ends]
    rows = Certificate.objects.filter(
        ~renewed(),
        whose,
        state=Certificate.State.VALID,
        valid_until__gt=now,
        valid_until__lte=ends[-1],
    )
    by = ("enrolment__cohort", "enrolment__cohort__name", "enrolment__employer__name")
    counted = {
        f"within{months}": Count("pk", filter=Q(valid_until__gt=start, valid_until__lte=end))
        for months, start, end in zip(MONTHS, starts, ends, strict=False)
    }
    found = (
        rows.order_by("enrolment__cohort__ends_on", "enrolment__cohort", *by[2:])
        .values(*by)
        .annotate(**counted)
        .values_list(*by, *counted)
    )
    return [
        Expiring(cohort, name, body or "", (one, two, three))
        for cohort, name, body, one, two, three in found
    ]
