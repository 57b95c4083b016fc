"""Letting other academies ask the questions of one's own course, and taking that back. The feed is
appended to by the flow above.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import clean_reason, personal_data, require
from chorsu.kernel.clock import whole_seconds
from chorsu.records.forms import withdrawal_bytes
from chorsu.records.reading import Refused
from chorsu.training.actions.courses.guards import locked_own, record
from chorsu.training.actions.taking import keep_publication, take_where_lacking
from chorsu.training.errors.bank import NothingShared, NotShareable
from chorsu.training.items import Item, missing
from chorsu.training.models import SharedBank
from chorsu.training.queries.sharing import form_to_share, says_this
from chorsu.training.wire.banks import KIND, MAX_QUESTIONS, PublishedBank, parse_bank
from chorsu.wire.envelope import blob_hash


@dataclass(frozen=True, slots=True)
class BankWithdrawal:
    """What the feed needs to know of a withdrawal."""

    bank_id: str
    revision: int
    payload: bytes


@transaction.atomic
def share_questions(*, course_id: str, by: Person, now: datetime) -> PublishedBank | None:
    """Publish the questions that the quizzes of one's own published course draw from, as they are
    now. None: exactly these are published for this revision already.

    Raises `NoSuchCourse`, `CourseWithdrawn`, `NotOwnCourse`, `NotAllowed`, `NotShareable`.
    """
    course = locked_own(course_id)
    require(by, Role.EDITOR, course.institution_id)
    row = _locked(course.pk)
    form = form_to_share(course, row)
    _refuse_unready(form.questions)
    if says_this(form, row):
        return None
    payload = _sealed(form)
    row = row or SharedBank(id=uuid.UUID(form.id), origin=form.origin, course_id=course.pk)
    keep_publication(row, form, at=whole_seconds(now), blob=blob_hash(payload), index=None)
    take_where_lacking(row)
    record(
        by, "question-bank.published", course.pk, course.institution_id, now,
        revision=form.revision,
    )  # fmt: skip
    return form


@transaction.atomic
def unshare_questions(*, course_id: str, reason: str, by: Person, now: datetime) -> BankWithdrawal:
    """Withdraw the published questions of one's own course, for a reason that every academy reads.

    They stay in the course's own bank. Raises `NoSuchCourse`, `CourseWithdrawn`, `NotOwnCourse`,
    `NotAllowed`, `NothingShared`, `InvalidRecord` (field `reason`).
    """
    course = locked_own(course_id)
    require(by, Role.EDITOR, course.institution_id)
    text = clean_reason(reason)
    withdrawal = take_back(course_id=course.pk, reason=text, now=now)
    if withdrawal is None:
        raise NothingShared(course_id)
    record(
        by, "question-bank.withdrawn", course.pk, course.institution_id, now,
        revision=withdrawal.revision, reason=text,
    )  # fmt: skip
    return withdrawal


@transaction.atomic
def take_back(*, course_id: uuid.UUID, reason: str, now: datetime) -> BankWithdrawal | None:
    """Withdraw the published questions of an own course for a reason that is clean already, as when
    the course itself is withdrawn; None if none are published.
    """
    row = _locked(course_id)
    if row is None or row.withdrawn_at is not None:
        return None
    payload = withdrawal_bytes(kind=KIND, record_id=str(row.pk), reason=reason)
    row.withdrawn_at = row.updated_at = whole_seconds(now)
    row.withdrawal_reason, row.blob = reason, blob_hash(payload)
    row.save()
    return BankWithdrawal(str(row.pk), row.revision, payload)


def _locked(course_id: uuid.UUID) -> SharedBank | None:
    rows = SharedBank.objects.select_for_update()
    return rows.filter(course_id=course_id, origin=settings.NODE_NAME).first()


def _refuse_unready(questions: Sequence[Item]) -> None:
    if not questions:
        raise NotShareable("none")
    if len(questions) > MAX_QUESTIONS:
        raise NotShareable("too-many")
    if any(missing(one.facts, one.texts[one.original_language].words) for one in questions):
        raise NotShareable("unaskable")
    words = {
        f"{one.id}.{tag}.{name}": text
        for one in questions
        for tag, said in one.texts.items()
        for name, text in said.words.items()
    }
    spellings = {
        f"{one.id}.{field['key']}.{row['key']}": "\n".join(row["anywhere"])
        for one in questions
        for field in one.facts["fields"]
        for row in field["texts"]
    }
    if personal_data({**words, **spellings}):
        raise NotShareable("personal")


def _sealed(form: PublishedBank) -> bytes:
    """The blob; what no peer could read must not enter the feed, where it would stay."""
    payload = form.to_bytes()
    try:
        parse_bank(payload, form.origin)
    except Refused as refused:
        raise NotShareable("too-large") from refused
    return payload
