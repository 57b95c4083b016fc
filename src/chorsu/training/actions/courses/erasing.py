"""Taking erased content of courses out of the tables: it is nowhere else at this node.

The caller decides what may go (`flows.erasing`, `flows.heeding`); here is where the words are.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from chorsu.records.reading import Refused
from chorsu.training.actions.courses.storing import forget_words, spread_facts
from chorsu.training.models import Course, CourseFile, CourseTranslation, RevisionText
from chorsu.training.rules.fields import empty_facts
from chorsu.training.wire.courses import parse_text_payload


@transaction.atomic
def forget_revision(*, course_id: uuid.UUID, revision: int) -> None:
    """Let go of what a revision said that is not what the course says now.

    A cohort that is taught that revision has nothing to read any more until its teacher takes a
    newer one; what other nodes translated of it goes too, but for what they publish now. Of a
    withdrawn course whose last revision it is, all words and files go.
    """
    row = Course.objects.select_for_update().filter(pk=course_id).first()
    if row is None or (row.withdrawn_at is None and row.revision == revision):
        return
    told = row.revisions.filter(revision=revision)
    told.update(facts=None, texts={}, files=[], note="")
    RevisionText.objects.filter(revision_of__in=told).delete()
    CourseTranslation.objects.filter(course=row, revision=revision).delete()
    if row.withdrawn_at is not None and row.revision == revision:
        forget_words(row)
        spread_facts(row, empty_facts())
        row.save()


@transaction.atomic
def forget_text(*, record_id: uuid.UUID, supplied_by: str, payload: bytes | None) -> None:
    """Let go of what a publication of a translation said of an earlier revision, for cohorts.

    `payload` is its blob; None: it is not here, and all that was kept of that translation goes.
    """
    kept = RevisionText.objects.filter(record_id=record_id, supplied_by=supplied_by)
    if payload is not None:
        try:
            kept = kept.filter(words=parse_text_payload(payload).text.words)
        except Refused:
            return
    kept.delete()


@transaction.atomic
def forget_reason(*, course_id: uuid.UUID) -> None:
    """Let go of the reason for which a course was withdrawn."""
    rows = Course.objects.filter(pk=course_id, withdrawn_at__isnull=False)
    rows.update(withdrawal_reason="")


@transaction.atomic
def forget_file(*, sha256: str, named: bool, origin: str = "") -> None:
    """Take a file off drafts, and its name off courses unless it may be shown.

    `origin`: only of that node's courses; drafts keep it then.
    """
    rows = CourseFile.objects.filter(sha256=sha256)
    if origin:
        theirs = Course.objects.filter(origin=origin)
        rows = rows.filter(course_id__in=theirs.values("pk"))
    else:
        rows.filter(published=False).delete()
        rows.update(in_draft=False)
    if not named:
        rows.update(name="")
