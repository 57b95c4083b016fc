"""Work handed in for assignments, for its learner and for those who mark it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chorsu.training.models import Mark, Submission


@dataclass(frozen=True, slots=True)
class MarkView:
    """What one person gave: points by criterion, and words for the learner."""

    marker_id: int | None
    marker: str
    points: Mapping[str, str]
    comment: str
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A piece of work; `percent` None: not all marks are given yet."""

    id: uuid.UUID
    enrolment_id: uuid.UUID
    unit: str
    text: str
    file_name: str
    saved_at: datetime
    handed_in_at: datetime | None
    percent: Decimal | None
    marks: Sequence[MarkView]


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """A piece of work that waits for a marker; who wrote it is not said until it is marked."""

    id: uuid.UUID
    unit: str
    handed_in_at: datetime
    marked_by: int


class NoSuchWork(LookupError):  # noqa: N818 - says what is wrong
    """There is no such piece of work in this cohort."""


def submission(enrolment_id: uuid.UUID, unit: str) -> SubmissionView | None:
    """What a learner has written for an assignment. Two queries."""
    row = Submission.objects.filter(enrolment=enrolment_id, unit=unit).defer("file").first()
    return _view(row) if row else None


def work(submission_id: uuid.UUID, cohort_id: uuid.UUID) -> SubmissionView:
    """A piece of work for its marker. Two queries. Raises `NoSuchWork`."""
    rows = Submission.objects.filter(pk=submission_id, enrolment__cohort=cohort_id)
    row = rows.exclude(handed_in_at=None).defer("file").first()
    if row is None:
        raise NoSuchWork(str(submission_id))
    return _view(row)


def waiting_work(cohort_id: uuid.UUID, marker_id: int) -> list[WaitingWork]:
    """What waits for this marker in a cohort, the oldest first. Two queries."""
    rows = list(
        Submission.objects.filter(enrolment__cohort=cohort_id, percent=None)
        .exclude(handed_in_at=None)
        .exclude(enrolment__person=marker_id)
        .order_by("handed_in_at")
        .only("id", "unit", "handed_in_at")[:200]
    )
    marks: dict[uuid.UUID, set[int | None]] = {}
    for key, marker in Mark.objects.filter(submission__in=rows).values_list(
        "submission_id", "marker_id"
    ):
        marks.setdefault(key, set()).add(marker)
    return [
        WaitingWork(row.pk, row.unit, row.handed_in_at, len(marks.get(row.pk, ())))
        for row in rows
        if row.handed_in_at is not None and marker_id not in marks.get(row.pk, ())
    ]


def handed_in_file(submission_id: uuid.UUID) -> tuple[str, bytes]:
    """Name and bytes of the file of a piece of work. One query. Raises `NoSuchWork`."""
    row = Submission.objects.filter(pk=submission_id).exclude(file=None).first()
    if row is None or row.file is None:
        raise NoSuchWork(str(submission_id))
    return row.file_name, bytes(row.file)


def _view(row: Submission) -> SubmissionView:
    marks = Mark.objects.filter(submission=row).select_related("marker").order_by("marked_at")
    return SubmissionView(
        id=row.pk,
        enrolment_id=row.enrolment_id,
        unit=row.unit,
        text=row.text,
        file_name=row.file_name,
        saved_at=row.saved_at,
        handed_in_at=row.handed_in_at,
        percent=row.percent,
        marks=[
            MarkView(
                mark.marker_id,
                mark.marker.name if mark.marker else "",
                mark.points,
                mark.comment,
                mark.marked_at,
            )
            for mark in marks
        ],
    )
