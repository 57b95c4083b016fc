"""One nomination with its documents, for the three sides that may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chorsu.institutions.models import Person
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Enrolment, NominationFile
from chorsu.training.queries.cohorts import PersonLine, employers_of, may_manage, person_line

UNDECIDED = (Enrolment.State.NOMINATED, Enrolment.State.WAITING)
"""States in which documents are still added and taken away."""


@dataclass(frozen=True, slots=True)
class NominationFileView:
    """A document without its content; `size` in bytes."""

    id: UUID
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class NominationView:
    """A nomination as its reader sees it; `may_add`: they may also change its documents."""

    id: UUID
    cohort_id: UUID
    person: PersonLine
    state: str
    employer: str
    document: str
    files: Sequence[NominationFileView]
    may_add: bool


def nomination(enrolment_id: UUID, reader: Person) -> NominationView:
    """A nomination for the person it is about, for who nominates for that body, and for who decides
    at the teaching institution. Raises `NoSuchCohort`, for anybody else as well.
    """
    row = _readable(enrolment_id, reader)
    return NominationView(
        id=row.pk,
        cohort_id=row.cohort_id,
        person=person_line(row.person),
        state=row.state,
        employer=row.employer.name if row.employer else "",
        document=row.document,
        files=nomination_files(row.pk),
        may_add=row.state in UNDECIDED
        and may_add(reader, row.employer_id, row.cohort.institution_id),
    )


def nomination_files(enrolment_id: UUID) -> list[NominationFileView]:
    """The documents, in the order they came. One query; the caller has asked who may read them."""
    rows = NominationFile.objects.filter(enrolment=enrolment_id).order_by("pk")
    return [NominationFileView(*one) for one in rows.values_list("pk", "name", "size")]


def nomination_file(file_id: UUID, enrolment_id: UUID, reader: Person) -> tuple[str, bytes]:
    """Name and bytes of a document, for the same readers. Raises `NoSuchCohort`."""
    row = _readable(enrolment_id, reader)
    found = NominationFile.objects.filter(pk=file_id, enrolment=row).first()
    if found is None:
        raise NoSuchCohort(str(file_id))
    return found.name, bytes(found.content)


def may_add(person: Person, employer_id: int | None, institution_id: str) -> bool:
    """Whether the person nominates for this body at the institution."""
    return employer_id in {key for key, _name in employers_of(person, institution_id)}


def _readable(enrolment_id: UUID, reader: Person) -> Enrolment:
    rows = Enrolment.objects.select_related("cohort", "person", "employer")
    row = rows.filter(pk=enrolment_id).first()
    if row is None or not (
        row.person_id == reader.pk
        or may_manage(reader, row.cohort)
        or may_add(reader, row.employer_id, row.cohort.institution_id)
    ):
        raise NoSuchCohort(str(enrolment_id))
    return row
