"""Documents of a nomination: given by the body that nominates, until it is decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.kernel.ids import new_id
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions.guards_of_cohorts import locked_cohort, record
from chorsu.training.actions.private_files import CleanFile, clean_file
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCohortState
from chorsu.training.models import Cohort, Enrolment, NominationFile
from chorsu.training.queries.nominations import UNDECIDED, may_add

MAX_NOMINATION_FILES = 5


def add_nomination_file(
    *, enrolment_id: UUID, upload: BinaryIO, name: str, by: Person, now: datetime
) -> None:
    """Lay a document beside a nomination. One that is there already changes nothing.

    Raises `NoSuchCohort`, `NotAllowed` (does not nominate for that body), `WrongCohortState`
    (decided), `InvalidRecord` (field `file`: as `clean_file`, or `too_many`).
    """
    with transaction.atomic():
        _open_nomination(enrolment_id, by)
    made = clean_file(upload, name)
    with transaction.atomic():
        # Asked again: it may have been decided while the file was cleaned.
        cohort, row = _open_nomination(enrolment_id, by)
        keep_files(cohort, row, [made], by=by, now=now)


@transaction.atomic
def remove_nomination_file(*, enrolment_id: UUID, file_id: UUID, by: Person, now: datetime) -> None:
    """Take a document away again; one that is not there is as good as taken away. Raises as
    adding does.
    """
    cohort, row = _open_nomination(enrolment_id, by)
    gone, _by_kind = row.files.filter(pk=file_id).delete()
    if gone:
        record(by, "nomination.file_removed", cohort, now, enrolment=str(row.pk))


def keep_files(
    cohort: Cohort, row: Enrolment, files: Sequence[CleanFile], *, by: Person, now: datetime
) -> None:
    """Keep files with a nomination, whose cohort the caller's transaction holds. Raises
    `InvalidRecord` (`too_many`).
    """
    held = set(row.files.values_list("sha256", flat=True))
    for one in files:
        if one.sha256 in held:
            continue
        if len(held) >= MAX_NOMINATION_FILES:
            raise InvalidRecord([FieldError("file", "too_many", {"max": MAX_NOMINATION_FILES})])
        held.add(one.sha256)
        NominationFile.objects.create(
            id=uuid.UUID(new_id()), enrolment=row, name=one.name, sha256=one.sha256,
            size=len(one.content), content=one.content, added_by=by, added_at=now,
        )  # fmt: skip
        record(by, "nomination.file_added", cohort, now, enrolment=str(row.pk))


def _open_nomination(enrolment_id: UUID, by: Person) -> tuple[Cohort, Enrolment]:
    """The nomination with its cohort, which is locked, for somebody who nominates for its body."""
    found = Enrolment.objects.filter(pk=enrolment_id).values_list("cohort_id", flat=True).first()
    if found is None:
        raise NoSuchCohort(str(enrolment_id))
    cohort = locked_cohort(found)
    row = cohort.enrolments.filter(pk=enrolment_id).first()
    if row is None:
        raise NoSuchCohort(str(enrolment_id))
    if not may_add(by, row.employer_id, cohort.institution_id):
        raise NotAllowed(Role.TRAINING_OFFICER)
    if row.state not in UNDECIDED:
        raise WrongCohortState(row.state)
    return cohort, row
