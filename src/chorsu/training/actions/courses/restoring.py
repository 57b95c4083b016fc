"""One's own courses made again from what this node once published, after its database was lost.

What was published is taken as it is: nothing is checked again, drafts stay where they are.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.language import foreign
from chorsu.records.reading import parse_withdrawal
from chorsu.records.shapes import ACCEPTED, Accepted, Arrival, OrphanedText, RetoldText
from chorsu.training.actions.courses.accepting import (
    accept_text_withdrawal,
    accepted,
    mark,
    named_form,
    withdraw_row,
)
from chorsu.training.actions.courses.drafting import carry_on, let_go_of_files
from chorsu.training.actions.courses.storing import (
    TRANSLATED,
    fill,
    spread_facts,
    take_back_translations,
)
from chorsu.training.models import Course, CourseDraft, CourseFile, CourseTranslation
from chorsu.training.rules.fields import empty_facts
from chorsu.training.wire.courses import KIND, PublishedCourse, parse_payload


@transaction.atomic
def restore(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own course what an entry of the own log published; entries come in order.

    The draft that was published is gone again; one that says anything else stays. Raises
    `Refused` for what is not that entry's blob.
    """
    form = named_form(arrival, origin)
    row = Course.objects.select_for_update().filter(pk=uuid.UUID(form.id)).first()
    row = row or Course(id=uuid.UUID(form.id), origin=origin, arrived_at=form.published_at)
    fill(row, form, index=None, at=form.updated_at, blob=arrival.blob)
    take_back_translations(row, now)
    draft = CourseDraft.objects.select_for_update().filter(pk=row.pk).first()
    if draft is not None and _says(draft, form):
        let_go_of_files(draft)
        draft.delete()
    return accepted(row)


@transaction.atomic
def restore_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own course withdrawn again; of one that nobody has any more a mark is left.

    An empty `payload` is a withdrawal whose reason is lost. Raises `Refused`.
    """
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    key = uuid.UUID(arrival.record_id)
    draft = CourseDraft.objects.select_for_update().filter(pk=key).first()
    row = Course.objects.select_for_update().filter(pk=key).first()
    if row is None:
        row = mark(arrival, origin, now)
        spread_facts(row, empty_facts())
    withdraw_row(row, arrival, reason)
    if draft is not None:
        carry_on(draft)
    CourseTranslation.objects.filter(course=row).delete()
    return Accepted(arrival.record_id, ACCEPTED)


@transaction.atomic
def restore_text(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """As `foreign.restore_text`; the translation in work that became it goes."""
    accepted, text = foreign.restore_text(TRANSLATED, arrival=arrival, origin=origin)
    work = CourseTranslation.objects.filter(
        course=uuid.UUID(accepted.record_id), language=text.language
    )
    work.filter(words=text.words).delete()
    return accepted


restore_text_withdrawal = accept_text_withdrawal


@transaction.atomic
def overdue_text(
    *, record_id: str, revision: int, audience: str, payload: bytes
) -> OrphanedText | RetoldText | None:
    """As `foreign.overdue`, of a translation of a course."""
    return foreign.overdue(
        TRANSLATED, record_id=record_id, revision=revision, audience=audience, payload=payload
    )


def hold_still(*, record_id: str) -> None:
    """As `foreign.hold_still`, of a course or a translation of one."""
    foreign.hold_still(TRANSLATED, record_id=record_id)


def files_of(payload: bytes) -> list[tuple[str, int, str]]:
    """Hash, bytes and media type of the files that an own course's blob names; `Refused`."""
    form = parse_payload(payload, settings.NODE_NAME)
    return [(file.sha256, file.size, file.media_type) for file in form.files]


def _says(draft: CourseDraft, form: PublishedCourse) -> bool:
    files = CourseFile.objects.filter(course_id=draft.pk, in_draft=True)
    return (
        draft.words.items() >= form.original.words.items()
        and draft.facts == form.facts
        and set(files.values_list("sha256", flat=True)) == {file.sha256 for file in form.files}
    )
