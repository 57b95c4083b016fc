"""Taking in what peers publish. Nothing is believed that the entry and its blob do not both say.

The rules, in order: the blob is well-formed; it says what its entry says; only the origin
publishes or withdraws a record, and only for institutions that its node hosts; what stands later
in the origin's feed is never overwritten by what stands earlier.
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
from chorsu.practices.actions.filling import (
    fill,
    keep_history,
    original_words,
    replace_files,
    replace_texts,
)
from chorsu.practices.actions.storing import (
    TRANSLATED,
    spread_facts,
    take_back_translations,
)
from chorsu.practices.models import (
    Practice,
    PracticeFile,
    PracticeRevision,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.queries.offering import FAMILY
from chorsu.practices.rules import empty_facts
from chorsu.practices.wire import (
    KIND,
    PublishedPractice,
    Refused,
    parse_payload,
    parse_withdrawal,
)
from chorsu.records.shapes import ACCEPTED, SUPERSEDED, Accepted, Arrival, OrphanedText


@transaction.atomic
def accept(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a `practice` blob that an entry of `origin`'s feed names. Raises `Refused`."""
    row = _find(arrival.record_id)
    if row is not None and is_bare_mark(row) and _gives_way(row, arrival.payload, origin):
        row.origin, row.feed_index, row.arrived_at = origin, None, now
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return Accepted(arrival.record_id, SUPERSEDED)
    form = parse_payload(arrival.payload, origin)
    if (form.id, form.revision, form.audience) != arrival.named:
        raise Refused("payload-entry-mismatch", "id, revision or audience")
    require_host(form.institution, origin)
    before = original_words(row)
    if row is None:
        row = Practice(id=uuid.UUID(form.id), origin=origin, arrived_at=now)
    moved_from = row.revision if row.revision != form.revision else None
    fill(row, form, index=arrival.index, at=arrival.at, blob=arrival.blob)
    row.save_whole()
    replace_texts(row, form, arrival.index)
    if moved_from is not None and before == form.original.words:
        foreign.keep_fresh(TRANSLATED, row, moved_from)
    keep_history(row, form)
    gone = take_back_translations(row, now)
    replace_files(row, form)
    return _accepted(row, form, foreign.orphans(TRANSLATED, row, gone))


@transaction.atomic
def accept_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in that the origin withdrew a practice: its words, files and history are erased here.

    `orphans` are translations with records of their own, erased too. A practice that never came
    leaves a mark, so that an older entry can't bring it back. An empty `payload` is a withdrawal
    without a reason. Raises `Refused`.
    """
    row = _find(arrival.record_id)
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return Accepted(arrival.record_id, SUPERSEDED)
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    if row is None:
        row = Practice(id=uuid.UUID(arrival.record_id), origin=origin, arrived_at=now)
        row.published_at, row.original_language = arrival.at, "en"
    row.revision, row.audience = arrival.revision, arrival.audience
    row.blob, row.feed_index = arrival.blob, arrival.index
    row.withdrawn_at = row.updated_at = arrival.at
    row.withdrawal_reason = reason
    spread_facts(row, empty_facts())
    row.save_whole()
    texts = PracticeText.objects.filter(practice=row.pk).order_by("pk")
    orphans = foreign.orphans(TRANSLATED, row, texts)
    PracticeText.objects.filter(practice=row.pk).delete()
    PracticeRevision.objects.filter(practice=row).delete()
    PracticeFile.objects.filter(practice_id=row.pk).delete()
    TranslationDraft.objects.filter(practice=row).delete()
    return Accepted(arrival.record_id, ACCEPTED, arrival.revision, orphans=orphans)


@transaction.atomic
def accept_text(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a translation that `origin` made of another node's practice; raises `Refused`."""
    return foreign.accept_text(TRANSLATED, arrival=arrival, origin=origin)


@transaction.atomic
def accept_text_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in that a node withdrew its translation. Raises `Refused`."""
    return foreign.accept_text_withdrawal(TRANSLATED, arrival=arrival, origin=origin)


def _find(record_id: str) -> Practice | None:
    return Practice.objects.select_for_update().filter(pk=uuid.UUID(record_id)).first()


def _gives_way(row: Practice, payload: bytes, origin: str) -> bool:
    return gives_way(row, parse_payload(payload, origin).institution, origin)


def _accepted(row: Practice, form: PublishedPractice, orphans: Sequence[OrphanedText]) -> Accepted:
    return Accepted(
        record_id=form.id,
        outcome=ACCEPTED,
        revision=form.revision,
        original_language=form.original_language,
        texts=foreign.texts_by_language(FAMILY, row.pk),
        files=[(file.sha256, file.size, file.media_type) for file in form.files],
        orphans=orphans,
        retold=foreign.retell(TRANSLATED, row),
    )
