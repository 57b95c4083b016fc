"""One's own records made again from what this node once published, after its database was lost.

The words come from peers and were verified against the own log. What was published is taken as it
is: nothing is checked again, nothing is recorded as anybody's act, drafts stay where they are.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.language import foreign
from chorsu.practices.actions.accepting import accept_text_withdrawal
from chorsu.practices.actions.beginning import carry_on
from chorsu.practices.actions.filling import fill, keep_history, original_words, replace_texts
from chorsu.practices.actions.storing import (
    TRANSLATED,
    spread_facts,
    take_back_translations,
)
from chorsu.practices.models import Draft, Practice, PracticeFile, TranslationDraft
from chorsu.practices.rules import empty_facts, sift, with_refused
from chorsu.practices.wire import (
    KIND,
    PublishedPractice,
    Refused,
    parse_payload,
    parse_withdrawal,
)
from chorsu.records.shapes import ACCEPTED, Accepted, Arrival, OrphanedText, RetoldText


@transaction.atomic
def restore(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own practice what an entry of the own log published; entries come in order.

    Raises `Refused` for what is not that entry's blob.
    """
    form = parse_payload(arrival.payload, origin)
    if (form.id, form.revision, form.audience) != arrival.named:
        raise Refused("payload-entry-mismatch", "id, revision or audience")
    row = Practice.objects.select_for_update().filter(pk=uuid.UUID(arrival.record_id)).first()
    before = original_words(row)
    if row is None:
        row = Practice(id=uuid.UUID(arrival.record_id), origin=origin, arrived_at=form.published_at)
    moved_from = row.revision if row.revision != form.revision else None
    fill(row, form, index=None, at=form.updated_at, blob=arrival.blob)
    row.save_whole()
    replace_texts(row, form, None)
    if moved_from is not None and before == form.original.words:
        foreign.keep_fresh(TRANSLATED, row, moved_from)
    keep_history(row, form)
    take_back_translations(row, now)
    _end_draft(form)
    _restore_files(form)
    return Accepted(
        record_id=form.id,
        outcome=ACCEPTED,
        files=[(file.sha256, file.size, file.media_type) for file in form.files],
    )


@transaction.atomic
def restore_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own practice withdrawn again; of one that nobody has any more a mark is left.

    An empty `payload` is a withdrawal whose reason is lost. Raises `Refused`.
    """
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    key = uuid.UUID(arrival.record_id)
    draft = Draft.objects.select_for_update().filter(pk=key).first()
    row = Practice.objects.select_for_update().filter(pk=key).first()
    if row is None:
        row = Practice(id=key, origin=origin, arrived_at=arrival.at, published_at=arrival.at)
        row.revision, row.audience = arrival.revision, arrival.audience
        row.original_language = "en"
        spread_facts(row, empty_facts())
    row.withdrawn_at = row.updated_at = arrival.at
    row.withdrawal_reason, row.blob = reason, arrival.blob
    row.save_whole()
    if draft is not None:
        carry_on(draft=draft, withdrawn=row, by=None, now=now)
    TranslationDraft.objects.filter(practice=row).delete()
    return Accepted(arrival.record_id, ACCEPTED)


@transaction.atomic
def restore_text(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """As `foreign.restore_text`; the translation in work that became it goes."""
    accepted, text = foreign.restore_text(TRANSLATED, arrival=arrival, origin=origin)
    work = TranslationDraft.objects.filter(
        practice=uuid.UUID(accepted.record_id), language=text.language
    )
    work.filter(words=text.words).delete()
    return accepted


restore_text_withdrawal = accept_text_withdrawal


@transaction.atomic
def overdue_text(
    *, record_id: str, revision: int, audience: str, payload: bytes
) -> OrphanedText | RetoldText | None:
    """As `foreign.overdue`, of a translation of a practice."""
    return foreign.overdue(
        TRANSLATED, record_id=record_id, revision=revision, audience=audience, payload=payload
    )


def hold_still(*, record_id: str) -> None:
    """As `foreign.hold_still`, of a practice or a translation of one."""
    foreign.hold_still(TRANSLATED, record_id=record_id)


def files_of(payload: bytes) -> list[tuple[str, int, str]]:
    """Hash, bytes and media type of the files that an own practice's blob names; `Refused`."""
    form = parse_payload(payload, settings.NODE_NAME)
    return [(file.sha256, file.size, file.media_type) for file in form.files]


def _end_draft(form: PublishedPractice) -> None:
    """The draft that was published is gone again; one that says anything else stays."""
    draft = Draft.objects.select_for_update().filter(pk=uuid.UUID(form.id)).first()
    if draft is None:
        return
    files = PracticeFile.objects.filter(practice_id=draft.pk, in_draft=True)
    sifted = sift(*with_refused(draft.words, draft.facts, draft.refused))
    if (
        sifted.words.items() >= form.original.words.items()
        and sifted.facts == form.facts
        and set(files.values_list("sha256", flat=True)) == {file.sha256 for file in form.files}
    ):
        files.update(in_draft=False)
        draft.delete()


def _restore_files(form: PublishedPractice) -> None:
    """The published files are those of the form; what a draft holds stays its own."""
    rows = PracticeFile.objects.filter(practice_id=uuid.UUID(form.id))
    named = {file.sha256 for file in form.files}
    rows.exclude(sha256__in=named).filter(in_draft=True).update(published=False)
    rows.exclude(sha256__in=named).filter(in_draft=False).delete()
    for position, file in enumerate(form.files):
        PracticeFile.objects.update_or_create(
            practice_id=uuid.UUID(form.id),
            sha256=file.sha256,
            defaults={
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "language": file.language,
                "position": position,
                "published": True,
            },
        )
