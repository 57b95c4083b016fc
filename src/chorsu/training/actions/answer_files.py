"""Files that answer a question of a quiz: taken in and taken away until the attempt is over.

A file is cleaned before anything is locked; what arrived in time counts though that took a while.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from chorsu.kernel.ids import new_id
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions.attempts import (
    GRACE,
    AttemptOver,
    QuestionGone,
    asked_item,
    time_is_up,
)
from chorsu.training.actions.private_files import clean_file
from chorsu.training.actions.telling import tell
from chorsu.training.items.fields import MAX_FILES, ONLY_FIELD, InvalidResponse, Response
from chorsu.training.models import Answer, AnswerFile, Attempt
from chorsu.training.queries.attempts import AttemptView


def add_answer_file(
    *,
    attempt: AttemptView,
    person_id: int,
    item_id: str,
    upload: BinaryIO,
    name: str,
    language: str,
    now: datetime,
) -> None:
    """Keep a file as the answer to a question, beside those that are there. One that is there
    already changes nothing.

    It is cleaned as what is published is: whoever marks it reads no names that a program wrote
    into it. Raises `AttemptOver`, `QuestionGone`, `InvalidResponse` (it takes no files) or
    `InvalidRecord` (field `file`: as `records.files.prepare`, or `too_many`).
    """
    item = asked_item(attempt, item_id)
    if not item.has_words:
        raise QuestionGone(item_id)
    if item.facts["type"] != "file":
        raise InvalidResponse([FieldError(ONLY_FIELD, "unknown")])
    if attempt.is_over(now - GRACE):
        raise AttemptOver(str(attempt.id))
    made = clean_file(upload, name)
    with transaction.atomic():
        row = _held(attempt, person_id, now)
        files = AnswerFile.objects.filter(attempt=row, item=item_id)
        if files.filter(sha256=made.sha256).exists():
            return
        if files.count() >= MAX_FILES:
            raise InvalidRecord([FieldError("file", "too_many", {"max": MAX_FILES})])
        AnswerFile.objects.create(
            id=uuid.UUID(new_id()), attempt=row, item=item_id, name=made.name, sha256=made.sha256,
            size=len(made.content), content=made.content, saved_at=now,
        )  # fmt: skip
        Answer.objects.update_or_create(
            attempt=row,
            item=item_id,
            defaults={
                "response": _response(row, item_id),
                "language": language,
                "key": uuid.uuid4(),
                "saved_at": now,
            },
        )
        tell(enrolment_id=row.enrolment_id, unit=row.unit, verb="answered", item=item_id, now=now)


@transaction.atomic
def remove_answer_file(
    *, attempt: AttemptView, person_id: int, file_id: uuid.UUID, now: datetime
) -> None:
    """Take a file out of an answer; one that is not there is as good as taken out.

    Raises `AttemptOver`.
    """
    row = _held(attempt, person_id, now)
    found = AnswerFile.objects.filter(attempt=row, pk=file_id).values_list("item", flat=True)
    item_id = found.first()
    if item_id is None:
        return
    AnswerFile.objects.filter(pk=file_id).delete()
    Answer.objects.filter(attempt=row, item=item_id).update(
        response=_response(row, item_id), key=uuid.uuid4(), saved_at=now
    )


def _held(attempt: AttemptView, person_id: int, now: datetime) -> Attempt:
    """The attempt's row, locked as handing in locks it: it waits for the file, or the file comes
    too late. Raises `AttemptOver`.
    """
    rows = Attempt.objects.select_for_update(of=["self"])
    row = rows.filter(pk=attempt.id, enrolment__person=person_id, handed_in_at=None).first()
    if row is None or time_is_up(row, now):
        raise AttemptOver(str(attempt.id))
    return row


def _response(row: Attempt, item_id: str) -> Response:
    """What the answer says: the files that are there, in the order they came; empty: unanswered."""
    files = AnswerFile.objects.filter(attempt=row, item=item_id).order_by("pk")
    hashes = list(files.values_list("sha256", flat=True))
    return {ONLY_FIELD: hashes} if hashes else {}
