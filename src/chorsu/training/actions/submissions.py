"""Work for an assignment: written, handed in, marked by one person or by two."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from chorsu.kernel.ids import new_id
from chorsu.kernel.text import normalise
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.actions.private_files import MAX_FILE
from chorsu.training.actions.results import note_result
from chorsu.training.models import Mark, Submission
from chorsu.training.queries.learning import LearnerView
from chorsu.training.rules.fields import Assignment
from chorsu.training.rules.results import percent

MAX_TEXT = 60_000
WHOLE = "whole"
"""Criterion of an assignment without a rubric."""


class WorkRefused(Exception):  # noqa: N818 - says what is wrong
    """What was handed in cannot be taken; `code`: empty, file-too-large, form, or marked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def most_points(assignment: Assignment) -> dict[str, Decimal]:
    """Key of each criterion -> its most points; without a rubric the whole is marked, of 100."""
    return {one["key"]: Decimal(one["points"]) for one in assignment["rubric"]} or {
        WHOLE: Decimal(100)
    }


class MarkRefused(Exception):  # noqa: N818 - says what is wrong
    """A mark, a result or extra time cannot be given; `code`: own-work, marked-enough, points."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def save_work(
    *,
    learner: LearnerView,
    unit: str,
    assignment: Assignment,
    text: str,
    file: tuple[str, bytes] | None,
    hand_in: bool,
    now: datetime,
) -> None:
    """Keep what a learner wrote, and hand it in if asked to; work that is marked stays as it is.

    `file`: name and bytes; None keeps the one that is there. Raises `CourseClosed`, `WorkRefused`.
    """
    if not learner.open:
        raise CourseClosed(str(learner.id))
    if (file and "file" not in assignment["forms"]) or (text and "text" not in assignment["forms"]):
        raise WorkRefused("form")
    if file and len(file[1]) > MAX_FILE:
        raise WorkRefused("file-too-large")
    row = _row(learner, unit, now)
    if row.marks.exists():
        raise WorkRefused("marked")
    row.text = normalise(text)[:MAX_TEXT]
    if file:
        row.file_name, row.file = normalise(file[0])[-200:], file[1]
    if hand_in and not row.text and not row.file_name:
        raise WorkRefused("empty")
    row.saved_at = now
    if hand_in:
        row.handed_in_at = now
    row.save()


def _row(learner: LearnerView, unit: str, now: datetime) -> Submission:
    """The row of this assignment, locked; made if there is none."""
    fresh = Submission(id=uuid.UUID(new_id()), enrolment_id=learner.id, unit=unit, saved_at=now)
    Submission.objects.bulk_create([fresh], ignore_conflicts=True)
    return Submission.objects.select_for_update().get(enrolment=learner.id, unit=unit)


@transaction.atomic
def mark_work(
    *,
    submission_id: uuid.UUID,
    marker_id: int,
    assignment: Assignment,
    points: Mapping[str, Decimal],
    comment: str,
    now: datetime,
) -> None:
    """Give a mark, or change one's own; with the last of the marks wanted the result is there.

    A second marker sees no first mark before their own is given (the page's affair). Raises
    `MarkRefused`.
    """
    row = (
        Submission.objects.select_for_update(of=["self"])
        .select_related("enrolment")
        .get(pk=submission_id)
    )
    most = most_points(assignment)
    if points.keys() != most.keys() or any(not 0 <= points[key] <= most[key] for key in most):
        raise MarkRefused("points")
    if row.enrolment.person_id == marker_id:
        raise MarkRefused("own-work")
    wanted = 2 if assignment["second_marker"] else 1
    others = row.marks.exclude(marker=marker_id).count()
    if others >= wanted:
        raise MarkRefused("marked-enough")
    Mark.objects.update_or_create(
        submission=row,
        marker_id=marker_id,
        defaults={
            "points": {key: str(value) for key, value in points.items()},
            "comment": normalise(comment)[:4000],
            "marked_at": now,
        },
    )
    if others + 1 < wanted:
        return
    given = [sum(map(Decimal, mark.points.values()), Decimal(0)) for mark in row.marks.all()]
    mean = sum(given, Decimal(0)) / len(given)
    row.percent = percent(mean, sum(most.values(), Decimal(0)))
    row.save(update_fields=["percent"])
    note_result(enrolment_id=row.enrolment_id, unit=row.unit, now=now)
