"""Employing bodies with their officers, and recognition rules, for those who keep them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chorsu.training.models import Employer, Recognition
from chorsu.training.queries.cohorts import PersonLine, person_line


@dataclass(frozen=True, slots=True)
class EmployerView:
    """A body that nominates, with its officers by name."""

    id: int
    institution_id: str
    name: str
    officers: tuple[PersonLine, ...]


@dataclass(frozen=True, slots=True)
class RecognitionView:
    """A recognition rule as its page lists it."""

    id: int
    issuer: str
    title: str
    form: str
    percent: int
    most_hours: int
    since: date
    until: date | None
    basis: str


def employers(institution_id: str) -> list[EmployerView]:
    """The bodies that nominate to an institution, by name. Three queries."""
    rows = Employer.objects.filter(institution=institution_id).prefetch_related("officers__person")
    return [
        EmployerView(
            row.pk,
            row.institution_id,
            row.name,
            tuple(
                sorted(
                    (person_line(one.person) for one in row.officers.all()),
                    key=lambda one: one.name.casefold(),
                )
            ),
        )
        for row in rows
    ]


def recognitions(institution_id: str) -> list[RecognitionView]:
    """The rules of an institution itself, by issuer. One query."""
    return [
        RecognitionView(
            row.pk, row.issuer, row.title, row.form, row.percent, row.most_hours, row.since,
            row.until, row.basis,
        )
        for row in Recognition.objects.filter(institution=institution_id)
    ]  # fmt: skip
