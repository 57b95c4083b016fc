"""Files that answer questions of quizzes, for their learner and for those who mark."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chorsu.training.models import AnswerFile


@dataclass(frozen=True, slots=True)
class AnswerFileView:
    """A file of an answer without its content; `size` in bytes."""

    id: uuid.UUID
    attempt_id: uuid.UUID
    item: str
    name: str
    size: int


class NoSuchAnswerFile(LookupError):  # noqa: N818 - says what is wrong
    """There is no such file, or not for this person."""


def answer_files(
    attempt_ids: Collection[uuid.UUID],
) -> dict[tuple[uuid.UUID, str], Sequence[AnswerFileView]]:
    """(attempt, item) -> the files of that answer, in the order they came. One query."""
    rows = AnswerFile.objects.filter(attempt__in=attempt_ids).order_by("pk")
    found: dict[tuple[uuid.UUID, str], list[AnswerFileView]] = {}
    for row in rows.defer("content"):
        one = AnswerFileView(row.pk, row.attempt_id, row.item, row.name, row.size)
        found.setdefault((one.attempt_id, one.item), []).append(one)
    return {**found}


def own_file(file_id: uuid.UUID, attempt_id: uuid.UUID, person_id: int) -> tuple[str, bytes]:
    """Name and bytes for the learner whose it is. One query. Raises `NoSuchAnswerFile`."""
    rows = AnswerFile.objects.filter(pk=file_id, attempt=attempt_id)
    return _content(rows.filter(attempt__enrolment__person=person_id).first())


def file_to_mark(
    file_id: uuid.UUID, attempt_id: uuid.UUID, cohort_id: uuid.UUID
) -> tuple[str, bytes]:
    """Name and bytes for who marks in a cohort, once the attempt is handed in. One query. Raises
    `NoSuchAnswerFile`.
    """
    rows = AnswerFile.objects.filter(pk=file_id, attempt=attempt_id)
    rows = rows.filter(attempt__enrolment__cohort=cohort_id)
    return _content(rows.exclude(attempt__handed_in_at=None).first())


def _content(row: AnswerFile | None) -> tuple[str, bytes]:
    if row is None:
        raise NoSuchAnswerFile
    return row.name, bytes(row.content)
