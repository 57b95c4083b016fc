"""Taking in courses that peers publish, by the rules by which practices are taken in.

The blob is well-formed; it says what its entry says; only the origin publishes or withdraws a
record, and only for institutions that its node hosts; what stands later in the origin's feed is
never overwritten by what stands earlier.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chorsu.institutions.origins import (
    gives_way,
    is_bare_mark,
    is_older,
    require_host,
    require_origin,
)
from chorsu.language import foreign
from chorsu.records.reading import Refused, parse_withdrawal
from chorsu.records.shapes import ACCEPTED, SUPERSEDED, Accepted, Arrival, OrphanedText
from chorsu.training.actions.courses.storing import (
    TRANSLATED,
    files_needed,
    fill,
    forget_words,
    spread_facts,
    take_back_translations,
)
from chorsu.training.models import Course, RevisionText
from chorsu.training.queries.courses.serving import revisions_by_language
from chorsu.training.rules.fields import empty_facts
from chorsu.training.wire.courses import KIND, PublishedCourse, parse_payload


@transaction.atomic
def accept(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a `course` blob that an entry of `origin`'s feed names. Raises `Refused`."""
    row = _find(arrival)
    if row is not None and is_bare_mark(row):
        form = parse_payload(arrival.payload, origin)
        if gives_way(row, form.institution, origin):
            row.origin, row.feed_index, row.arrived_at = origin, None, now
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return Accepted(arrival.record_id, SUPERSEDED)
    form = named_form(arrival, origin)
    require_host(form.institution, origin)
    row = row or Course(id=uuid.UUID(form.id), origin=origin, arrived_at=now)
    fill(row, form, index=arrival.index, at=arrival.at, blob=arrival.blob)
    gone = take_back_translations(row, now)
    return accepted(row, foreign.orphans(TRANSLATED, row, gone))


@transaction.atomic
def accept_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in that the origin withdrew a course: its words, files and history are erased here, and
    cohorts can't be taught it any more. `orphans` are translations with records of their own,
    erased too. A course that never came leaves a mark, so that an older
    entry can't bring it back. An empty `payload` is a withdrawal without a reason. Raises
    `Refused`.
    """
    row = _find(arrival)
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return Accepted(arrival.record_id, SUPERSEDED)
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    row = row or mark(arrival, origin, now)
    row.revision, row.audience = arrival.revision, arrival.audience
    row.feed_index = arrival.index
    spread_facts(row, empty_facts())
    withdraw_row(row, arrival, reason)
    orphans = foreign.orphans(TRANSLATED, row, row.texts.order_by("pk"))
    forget_words(row)
    return Accepted(arrival.record_id, ACCEPTED, arrival.revision, orphans=orphans)


@transaction.atomic
def accept_text(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a translation that `origin` made of another node's course; raises `Refused`."""
    return foreign.accept_text(TRANSLATED, arrival=arrival, origin=origin)


@transaction.atomic
def accept_text_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in that a node withdrew its translation; no cohort reads it any more. Raises
    `Refused`.
    """
    accepted = foreign.accept_text_withdrawal(TRANSLATED, arrival=arrival, origin=origin)
    if not TRANSLATED.texts(record_id=arrival.record_id).exists():
        kept = RevisionText.objects.filter(record_id=arrival.record_id, supplied_by=origin)
        kept.delete()
    return accepted


def named_form(arrival: Arrival, origin: str) -> PublishedCourse:
    """The form that an entry names; raises `Refused` if it says something else than the entry."""
    form = parse_payload(arrival.payload, origin)
    if (form.id, form.revision, form.audience) != arrival.named:
        raise Refused("payload-entry-mismatch", "id, revision or audience")
    return form


def mark(arrival: Arrival, origin: str, now: datetime) -> Course:
    """What stands for a withdrawn course that never came here."""
    return Course(
        id=uuid.UUID(arrival.record_id),
        origin=origin,
        arrived_at=now,
        published_at=arrival.at,
        original_language="en",
        revision=arrival.revision,
        audience=arrival.audience,
    )


def withdraw_row(row: Course, arrival: Arrival, reason: str) -> None:
    """Note that a course was withdrawn, and save it."""
    row.withdrawn_at = row.updated_at = arrival.at
    row.withdrawal_reason, row.blob = reason, arrival.blob
    row.save_whole()


def accepted(row: Course, orphans: Sequence[OrphanedText] = ()) -> Accepted:
    """What the services need to know of a course that was taken in."""
    return Accepted(
        record_id=str(row.pk),
        outcome=ACCEPTED,
        revision=row.revision,
        original_language=row.original_language,
        texts=revisions_by_language(str(row.pk)),
        files=files_needed(row),
        orphans=orphans,
        retold=foreign.retell(TRANSLATED, row),
    )


def _find(arrival: Arrival) -> Course | None:
    return Course.objects.select_for_update().filter(pk=uuid.UUID(arrival.record_id)).first()
