"""Taking in what peers publish. Nothing is believed that the entry and its blob do not both say.

The rules, in order: the blob is well-formed; it says what its entry says; only the origin
publishes or withdraws a record, and only for institutions that its node hosts; what stands later
in the origin's feed is never overwritten by what stands earlier.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.institutions.origins import (
    gives_way,
    is_bare_mark,
    is_older,
    require_host,
    require_origin,
)
from chorsu.practices.actions.filling import (
    fill,
    fill_text,
    keep_history,
    original_words,
    replace_files,
    replace_texts,
)
from chorsu.practices.actions.storing import (
    is_closed,
    keep_fresh,
    retell,
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
from chorsu.practices.queries.indexing import texts_by_language
from chorsu.practices.rules import empty_facts
from chorsu.practices.shapes import AcceptedPractice, OrphanedText
from chorsu.practices.wire import (
    KIND,
    TEXT_KIND,
    PublishedPractice,
    Refused,
    parse_payload,
    parse_text_payload,
    parse_withdrawal,
    withdrawal_bytes,
)
from chorsu.records.shapes import Arrival

ACCEPTED, SUPERSEDED = "accepted", "superseded"


@transaction.atomic
def accept(*, arrival: Arrival, origin: str, now: datetime) -> AcceptedPractice:
    """Take in a `practice` blob that an entry of `origin`'s feed names. Raises `Refused`."""
    row = _find(arrival.record_id)
    if row is not None and is_bare_mark(row) and _gives_way(row, arrival.payload, origin):
        row.origin, row.feed_index, row.arrived_at = origin, None, now
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return AcceptedPractice(arrival.record_id, SUPERSEDED)
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
        keep_fresh(row, moved_from)
    keep_history(row, form)
    gone = take_back_translations(row, now)
    replace_files(row, form)
    return _accepted(row, form, _orphans(row, gone))


@transaction.atomic
def accept_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> AcceptedPractice:
    """Take in that the origin withdrew a practice: its words, files and history are erased here.

    `orphans` are translations with records of their own, erased too. A practice that never came
    leaves a mark, so that an older entry can't bring it back. An empty `payload` is a withdrawal
    without a reason. Raises `Refused`.
    """
    row = _find(arrival.record_id)
    require_origin(row, origin)
    if is_older(row, arrival.index):
        return AcceptedPractice(arrival.record_id, SUPERSEDED)
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
    orphans = _orphans(row, PracticeText.objects.filter(practice=row.pk).order_by("pk"))
    PracticeText.objects.filter(practice=row.pk).delete()
    PracticeRevision.objects.filter(practice=row).delete()
    PracticeFile.objects.filter(practice_id=row.pk).delete()
    TranslationDraft.objects.filter(practice=row).delete()
    return AcceptedPractice(arrival.record_id, ACCEPTED, arrival.revision, orphans=orphans)


@transaction.atomic
def accept_text(*, arrival: Arrival, origin: str, now: datetime) -> AcceptedPractice:
    """Take in a translation that `origin` made of another node's practice.

    It may come before the practice does: then it waits, and the answer has revision 0 and no
    texts. One of a withdrawn practice, or one for the network of what is public now, is
    superseded. Raises `Refused`.
    """
    published = parse_text_payload(arrival.payload)
    if published.id != arrival.record_id:
        raise Refused("payload-entry-mismatch", "id")
    known = PracticeText.objects.filter(record_id=arrival.record_id).first()
    if known is not None and known.supplied_by != origin:
        raise Refused("not-the-origin", f"{arrival.record_id} belongs to {known.supplied_by}")
    row = _find(published.practice)
    if row is not None and is_bare_mark(row) and row.origin != published.practice_origin:
        row = None
    if published.practice_origin == origin or (
        row is not None and row.origin != published.practice_origin
    ):
        raise Refused("payload-entry-mismatch", "practice_origin")
    text = PracticeText.objects.filter(
        practice=uuid.UUID(published.practice),
        language=published.text.language,
        supplied_by=origin,
    ).first()
    if any(is_older(one, arrival.index) for one in (known, text)):
        return AcceptedPractice(published.practice, SUPERSEDED)
    if row is not None and not may_stand(row, published.text.revision, arrival.audience):
        return AcceptedPractice(published.practice, SUPERSEDED)
    if known is not None and (text is None or known.pk != text.pk):
        known.delete()
    if text is None:
        text = PracticeText(practice_id=uuid.UUID(published.practice), supplied_by=origin)
    text.record_id, text.record_revision = uuid.UUID(arrival.record_id), arrival.revision
    text.audience = arrival.audience
    fill_text(text, published.text, arrival.index)
    text.save()
    if row is None:
        return AcceptedPractice(published.practice, ACCEPTED)
    return AcceptedPractice(
        record_id=str(row.pk),
        outcome=ACCEPTED,
        revision=row.revision,
        original_language=row.original_language,
        texts=texts_by_language(str(row.pk)),
    )


@transaction.atomic
def accept_text_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> AcceptedPractice:
    """Take in that a node withdrew its translation. Raises `Refused`."""
    if arrival.payload:
        parse_withdrawal(arrival.payload, TEXT_KIND, arrival.record_id)
    text = PracticeText.objects.filter(record_id=arrival.record_id).first()
    if text is None:
        return AcceptedPractice("", SUPERSEDED)
    if text.supplied_by != origin:
        raise Refused("not-the-origin", f"{arrival.record_id} belongs to {text.supplied_by}")
    practice_id = str(text.practice_id)
    if is_older(text, arrival.index):
        return AcceptedPractice(practice_id, SUPERSEDED)
    text.delete()
    row = Practice.objects.filter(pk=practice_id, withdrawn_at=None).first()
    if row is None:
        return AcceptedPractice(practice_id, ACCEPTED)
    return AcceptedPractice(
        record_id=practice_id,
        outcome=ACCEPTED,
        revision=row.revision,
        original_language=row.original_language,
        texts=texts_by_language(practice_id),
    )


def may_stand(row: Practice, revision: int, audience: str) -> bool:
    """Whether a translation from elsewhere may be kept beside the practice as it stands now."""
    if row.withdrawn_at is not None:
        return False
    return row.audience != "public" or (audience == "public" and not is_closed(row, revision))


def _orphans(row: Practice, texts: Iterable[PracticeText]) -> list[OrphanedText]:
    return [
        OrphanedText(
            record_id=str(text.record_id),
            revision=text.record_revision,
            audience=text.audience,
            withdrawal=withdrawal_bytes(
                kind=TEXT_KIND, record_id=str(text.record_id), reason=row.withdrawal_reason
            )
            if text.supplied_by == settings.NODE_NAME
            else b"",
        )
        for text in texts
        if text.record_id is not None
    ]


def _find(record_id: str) -> Practice | None:
    return Practice.objects.select_for_update().filter(pk=uuid.UUID(record_id)).first()


def _gives_way(row: Practice, payload: bytes, origin: str) -> bool:
    return gives_way(row, parse_payload(payload, origin).institution, origin)


def _accepted(
    row: Practice, form: PublishedPractice, orphans: Sequence[OrphanedText]
) -> AcceptedPractice:
    return AcceptedPractice(
        record_id=form.id,
        outcome=ACCEPTED,
        revision=form.revision,
        original_language=form.original_language,
        texts=texts_by_language(str(row.pk)),
        files=[(file.sha256, file.size, file.media_type) for file in form.files],
        orphans=orphans,
        retold=retell(row),
    )
