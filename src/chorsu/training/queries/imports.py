"""Spreadsheets that were looked at or taken in: nominations, people, lists of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Import


@dataclass(frozen=True, slots=True)
class ImportView:
    """A spreadsheet. It is of a cohort's nominations, of an institution's people, or of a session's
    list: the others are None. `count`: rows that were taken in.
    """

    id: UUID
    cohort_id: UUID | None
    institution_id: str | None
    session_id: UUID | None
    file_name: str
    state: str
    rows: list[dict[str, str]]
    by: str
    created_at: datetime
    count: int


def import_view(import_id: UUID) -> ImportView:
    """One import. Raises `NoSuchCohort`."""
    row = Import.objects.select_related("by").filter(pk=import_id).first()
    if row is None:
        raise NoSuchCohort(str(import_id))
    return _view(row)


def imports_of_cohort(cohort_id: UUID) -> list[ImportView]:
    """Nominations that were taken in, the newest first. One query."""
    return _taken_in(cohort=cohort_id)


def imports_of_institution(institution_id: str) -> list[ImportView]:
    """Lists of people that were taken in, the newest first. One query."""
    return _taken_in(institution=institution_id)


def imports_of_session(session_id: UUID) -> list[ImportView]:
    """Lists of attendance that were taken in, the newest first. One query."""
    return _taken_in(session=session_id)


def _taken_in(**of: object) -> list[ImportView]:
    rows = Import.objects.filter(**of).exclude(state=Import.State.PREVIEW).defer("rows", "before")
    return [_view(row, []) for row in rows.select_related("by")[:_SHOWN]]


_SHOWN = 20


def _view(row: Import, rows: list[dict[str, str]] | None = None) -> ImportView:
    return ImportView(
        row.pk, row.cohort_id, row.institution_id, row.session_id, row.file_name, row.state,
        list(row.rows) if rows is None else rows, str(row.by or ""), row.created_at, row.taken,
    )  # fmt: skip
