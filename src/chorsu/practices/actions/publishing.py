"""Publishing and withdrawing one's own practices. The feed is appended to by the flow above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import (
    clean_reason,
    personal_data,
    ready_text,
    require,
    require_own,
)
from chorsu.kernel.clock import whole_seconds
from chorsu.kernel.languages import by_tag
from chorsu.language import foreign
from chorsu.practices.actions import guards
from chorsu.practices.actions.beginning import carry_on
from chorsu.practices.actions.storing import (
    TRANSLATED,
    published_form,
    sealed,
    spread_facts,
    store_text,
    take_back_translations,
)
from chorsu.practices.errors import NoSuchPractice, NotOwnPractice, PracticeWithdrawn
from chorsu.practices.models import (
    Draft,
    Practice,
    PracticeFile,
    PracticeRevision,
    TranslationDraft,
)
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import is_own
from chorsu.practices.rules import (
    Facts,
    FieldError,
    InvalidPractice,
    Words,
    clean_facts,
    clean_words,
    missing_for_publication,
    refusals,
    sift,
    with_refused,
    words_without_row,
)
from chorsu.practices.wire import (
    KIND,
    PublishedPractice,
    PublishedText,
    withdrawal_bytes,
)
from chorsu.records.content import Content, unknown_terms
from chorsu.records.words import clean_note
from chorsu.wire.envelope import blob_hash


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What the feed needs to know of a withdrawal; `translations`: ids of peers' records of it."""

    practice_id: str
    revision: int
    audience: str
    payload: bytes
    translations: tuple[str, ...]


@transaction.atomic
def publish(*, draft_id: str, version: int, by: Person, now: datetime) -> PublishedPractice:
    """Publish a draft: a new practice, or the next revision of one; the draft is gone then.
    What was typed and refused is to be put right first.

    The revision moves when words, facts or files do; translations of words that stay the same
    stay fresh. Raises `NoSuchDraft`, `NotAllowed`, `DraftConflict`, `PracticeWithdrawn` and
    `InvalidPractice` with each field that is missing or holds personal data (or, with the field
    "", `unchanged`).
    """
    draft = guards.locked_draft(draft_id)
    require(by, Role.EDITOR, draft.institution_id)
    guards.check_version(draft, version)
    files = PracticeFile.objects.filter(practice_id=draft.pk)
    hashes = frozenset(files.filter(in_draft=True).values_list("sha256", flat=True))
    sifted = sift(*with_refused(draft.words, draft.facts, draft.refused))
    content = Content(
        id=draft.pk,
        institution_id=draft.institution_id,
        language=draft.language,
        audience=draft.audience,
        licence=draft.licence,
        note=draft.note,
        words=_words_with_row(sifted.words, sifted.facts, hashes),
        facts=sifted.facts,
        files=hashes,
    )
    names = files.filter(in_draft=True).values_list("sha256", "name")
    _refuse_unready(
        content,
        {f"files.{sha256}.name": name for sha256, name in names},
        refusals(draft.words, draft.facts, draft.refused),
    )
    row = Practice.objects.select_for_update().filter(pk=draft.pk).first()
    if row is not None and _same(row, content):
        raise InvalidPractice([FieldError("", "unchanged")])
    row = _store(row, content, whole_seconds(now))
    files.filter(in_draft=False).delete()
    files.update(published=True, in_draft=False)
    draft.delete()
    _record(by, "practice.published", row, now)
    return sealed(row)


@transaction.atomic
def publish_ready(
    *,
    practice_id: str,
    institution_id: str,
    language: str,
    audience: str,
    licence: str,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    texts: Sequence[PublishedText],
    now: datetime,
    by: Person | None = None,
    note: str = "",
) -> PublishedPractice | None:
    """Publish a practice that comes ready with its translations (samples, an import), in one go.

    `texts` are the translations, without the original. None: exactly this is published already.
    With `by` None the node itself acts. Raises as `publish` does; `UnknownLanguage`.
    """
    require_own(institution_id, Role.EDITOR)
    if by is not None:
        require(by, Role.EDITOR, institution_id)
    clean = clean_facts(facts)
    content = Content(
        id=as_uuid(practice_id),
        institution_id=institution_id,
        language=by_tag(language).tag,
        audience=audience,
        licence=licence,
        note=clean_note(note),
        words=_words_with_row(clean_words(words), clean, frozenset()),
        facts=clean,
        files=frozenset(),
    )
    _refuse_unready(content, {})
    row = Practice.objects.select_for_update().filter(pk=content.id).first()
    before = published_form(row) if row is not None else None
    if row is None or not _same(row, content):
        row = _store(row, content, whole_seconds(now))
    for text in texts:
        _store_ready_text(row, text)
    if before is not None and replace(before, updated_at=row.updated_at) == published_form(row):
        return None
    row.updated_at = whole_seconds(now)
    _record(by, "practice.published", row, now)
    return sealed(row)


@transaction.atomic
def withdraw(*, practice_id: str, reason: str, by: Person, now: datetime) -> Withdrawal:
    """Withdraw one's own practice for a reason that everybody will read.

    The draft of its next revision becomes the draft of a new practice; translations in work go.

    Raises `NoSuchPractice`, `NotOwnPractice`, `NotAllowed`, `PracticeWithdrawn`,
    `InvalidPractice` (field `reason`).
    """
    # The draft first, as `publish` does: two who hold one each would wait for each other.
    draft = Draft.objects.select_for_update().filter(pk=as_uuid(practice_id)).first()
    row = Practice.objects.select_for_update().filter(pk=as_uuid(practice_id)).first()
    if row is None:
        raise NoSuchPractice(practice_id)
    if not is_own(row.origin):
        raise NotOwnPractice(practice_id)
    require(by, Role.EDITOR, row.institution_id)
    _refuse_withdrawn(row)
    text = clean_reason(reason)
    payload = withdrawal_bytes(kind=KIND, record_id=str(row.pk), reason=text)
    row.withdrawn_at = row.updated_at = whole_seconds(now)
    row.withdrawal_reason = text
    row.blob = blob_hash(payload)
    row.save()
    if draft is not None:
        carry_on(draft=draft, withdrawn=row, by=by, now=now)
    TranslationDraft.objects.filter(practice=row).delete()
    _record(by, "practice.withdrawn", row, now, reason=text)
    peers = row.texts.exclude(record_id=None).values_list("record_id", flat=True)
    translations = tuple(str(record_id) for record_id in peers)
    return Withdrawal(str(row.pk), row.revision, row.audience, payload, translations)


def _refuse_unready(
    content: Content[Facts], file_names: Mapping[str, str], refused: Sequence[FieldError] = ()
) -> None:
    errors = missing_for_publication(content.words, content.facts, refused)
    errors += unknown_terms(content.audience, content.licence)
    texts = guards.texts_of(content.words, content.facts)
    errors += personal_data({**texts, **file_names, "note": content.note})
    if errors:
        raise InvalidPractice(errors)


def _refuse_withdrawn(row: Practice) -> None:
    if row.withdrawn_at is not None:
        raise PracticeWithdrawn(
            str(row.pk), row.institution_id, row.withdrawn_at, row.withdrawal_reason
        )


def _same_content(row: Practice, content: Content[Facts]) -> bool:
    published = PracticeFile.objects.filter(practice_id=row.pk, published=True)
    return (
        _original_words(row) == content.words
        and row.facts == content.facts
        and frozenset(published.values_list("sha256", flat=True)) == content.files
    )


def _same(row: Practice, content: Content[Facts]) -> bool:
    told = (row.audience, row.licence) == (content.audience, content.licence)
    return told and row.withdrawn_at is None and _same_content(row, content)


def _original_words(row: Practice) -> Words:
    original = row.texts.filter(language=row.original_language, supplied_by=row.origin).first()
    return dict(original.words) if original is not None else {}


def _words_with_row(words: Words, facts: Facts, files: frozenset[str]) -> Words:
    gone = set(words_without_row(words, facts, files))
    return {name: text for name, text in words.items() if name not in gone}


def _store(row: Practice | None, content: Content[Facts], now: datetime) -> Practice:
    """Write the original; the revision moves if what it says moved."""
    if row is None:
        row = Practice(
            id=content.id,
            origin=settings.NODE_NAME,
            institution_id=content.institution_id,
            original_language=content.language,
            revision=1,
            published_at=now,
            arrived_at=now,
        )
        words_moved = moved = True
    else:
        if not is_own(row.origin):
            raise NotOwnPractice(str(row.pk))
        _refuse_withdrawn(row)
        words_moved = _original_words(row) != content.words
        moved = not _same_content(row, content)
        row.revision += int(moved)
    row.audience, row.licence, row.updated_at = content.audience, content.licence, now
    spread_facts(row, content.facts)
    row.save_whole()
    if not words_moved and moved:
        foreign.keep_fresh(TRANSLATED, row, row.revision - 1)
    store_text(row, content.language, "original", row.revision, content.words)
    if moved:
        PracticeRevision.objects.create(
            practice=row,
            revision=row.revision,
            published_at=now,
            facts=content.facts,
            words=content.words,
            note=content.note,
            audience=row.audience,
        )
    else:
        # The same words for others: this revision, and no earlier one.
        row.revisions.filter(revision=row.revision).update(audience=row.audience)
    take_back_translations(row, now)
    return row


def _store_ready_text(row: Practice, text: PublishedText) -> None:
    words = _words_with_row(clean_words(text.words), row.facts, frozenset())
    ready = ready_text(text, words, row.original_language)
    store_text(
        row,
        ready.language,
        ready.provenance,
        min(ready.revision, row.revision),
        ready.words,
        translated_by=ready.translated_by,
        translated_on=ready.translated_on,
    )


def _record(by: Person | None, action: str, row: Practice, now: datetime, **detail: str) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="practice",
        subject_id=str(row.pk),
        detail={"institution": row.institution_id, "revision": row.revision, **detail},
        now=now,
    )
