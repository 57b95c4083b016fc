"""Translations: saved while in work, approved, and so published by this node."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import may_translate, personal_data
from chorsu.kernel.languages import by_tag
from chorsu.language import foreign
from chorsu.practices.actions.storing import TRANSLATED, seal, store_text
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn, TranslationConflict
from chorsu.practices.models import Practice, TranslationDraft
from chorsu.practices.queries.offering import FAMILY
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import translation_view
from chorsu.practices.rules import FieldError, InvalidPractice, Words, clean_words
from chorsu.practices.shapes import TranslationView
from chorsu.practices.wire import KIND, PublishedText
from chorsu.records.fields import TRANSLATED_BY_MAX, TRANSLATIONS
from chorsu.records.shapes import ApprovedTranslation
from chorsu.records.words import one_line


@transaction.atomic
def save_translation(
    *,
    practice_id: str,
    language: str,
    version: int,
    words: Mapping[str, object],
    provenance: str,
    by: Person,
    now: datetime,
    revision: int | None = None,
    translated_by: str = "",
) -> TranslationView:
    """Save a translation in work; `version` is 0 for the first save.

    `revision` is that of the original it was made from, as shown to the translator; None: the
    newest. `translated_by` names an office or an engine, never a person. Raises `NotAllowed`,
    `NoSuchPractice`, `PracticeWithdrawn`, `TranslationConflict`, `InvalidPractice`.
    """
    row = _translatable(practice_id, language, by)
    work = _work(row, language)
    _check_version(row, language, work, version)
    clean = _clean(words, provenance, translated_by)
    made_from = row.revision if revision is None else revision
    if not 1 <= made_from <= row.revision:
        raise InvalidPractice([FieldError("revision", "unknown", {"value": made_from})])
    if work is None:
        work = TranslationDraft(practice=row, language=language, version=0)
    work.version += 1
    work.words, work.provenance, work.revision = clean, provenance, made_from
    work.translated_by = one_line(translated_by)
    work.saved_by, work.saved_at = by, now
    work.save()
    return translation_view(practice_id, language)


@transaction.atomic
def approve_translation(
    *, practice_id: str, language: str, version: int, by: Person, now: datetime
) -> ApprovedTranslation:
    """Make the saved translation the text that this node publishes in the language.

    It must give every field that the original has. Raises as `save_translation`, and
    `InvalidPractice` with each field that is missing or holds personal data, or with `revision`
    (`closed`) if it gives one that was for the network and the practice is public now.
    """
    row = _translatable(practice_id, language, by)
    work = _work(row, language)
    _check_version(row, language, work, version)
    if work is None:
        raise InvalidPractice([FieldError("title", "missing")])
    if foreign.is_closed(FAMILY, row, work.revision):
        # What was for the network alone would be told to everybody in another language.
        raise InvalidPractice([FieldError("revision", "closed", {"value": work.revision})])
    told = PublishedText(
        language=work.language,
        provenance=work.provenance,
        revision=work.revision,
        translated_by=work.translated_by,
        translated_on=now.date(),
        words=_whole(row, work),
    )
    if row.is_own:
        approved = _approve_own(row, told, now)
    else:
        approved = foreign.publish_text(TRANSLATED, row, told)
    work.delete()
    record_event(
        person=by,
        action="translation.approved",
        subject_kind="practice",
        subject_id=str(row.pk),
        detail={"language": language, "revision": work.revision, "provenance": work.provenance},
        now=now,
    )
    return approved


@transaction.atomic
def discard_translation(
    *, practice_id: str, language: str, version: int, by: Person, now: datetime
) -> None:
    """Throw away a translation in work; the published text stays. Raises as `save_translation`."""
    row = _translatable(practice_id, language, by)
    work = _work(row, language)
    _check_version(row, language, work, version)
    if work is not None:
        work.delete()
        record_event(
            person=by,
            action="translation.discarded",
            subject_kind="practice",
            subject_id=str(row.pk),
            detail={"language": language},
            now=now,
        )


def _translatable(practice_id: str, language: str, by: Person) -> Practice:
    if not may_translate(by):
        raise NotAllowed(Role.TRANSLATOR)
    row = Practice.objects.select_for_update().filter(pk=as_uuid(practice_id)).first()
    if row is None or by_tag(language).tag == row.original_language:
        raise NoSuchPractice(f"{practice_id} is not translated into {language}")
    if row.withdrawn_at is not None:
        raise PracticeWithdrawn(
            str(row.pk), row.institution_id, row.withdrawn_at, row.withdrawal_reason
        )
    return row


def _work(row: Practice, language: str) -> TranslationDraft | None:
    return TranslationDraft.objects.filter(practice=row, language=language).first()


def _check_version(
    row: Practice, language: str, work: TranslationDraft | None, version: int
) -> None:
    if version != (work.version if work is not None else 0):
        raise TranslationConflict(translation_view(str(row.pk), language))


def _clean(words: Mapping[str, object], provenance: str, translated_by: str) -> Words:
    errors: list[FieldError] = []
    clean: Words = {}
    try:
        clean = clean_words(words)
    except InvalidPractice as error:
        errors += error.errors
    if provenance not in TRANSLATIONS:
        errors.append(FieldError("provenance", "unknown", {"value": provenance[:40]}))
    if len(translated_by) > TRANSLATED_BY_MAX:
        errors.append(FieldError("translated_by", "too_long", {"max": TRANSLATED_BY_MAX}))
    if errors:
        raise InvalidPractice(errors)
    return clean


def _whole(row: Practice, work: TranslationDraft) -> Words:
    """The translation's words for the fields the original has; refused if one is missing."""
    original = row.texts.get(language=row.original_language, supplied_by=row.origin)
    words = {name: work.words[name] for name in original.words if work.words.get(name)}
    errors = [FieldError(name, "missing") for name in original.words if name not in words]
    errors += personal_data({**words, "translated_by": work.translated_by})
    if errors:
        raise InvalidPractice(errors)
    return words


def _approve_own(row: Practice, told: PublishedText, now: datetime) -> ApprovedTranslation:
    store_text(
        row,
        told.language,
        told.provenance,
        told.revision,
        told.words,
        translated_by=told.translated_by,
        translated_on=told.translated_on,
    )
    form = seal(row, now)
    return ApprovedTranslation(
        translated=form.id,
        kind=KIND,
        record_id=form.id,
        revision=form.revision,
        audience=form.audience,
        payload=form.to_bytes(),
        files=tuple(file.sha256 for file in form.files),
    )
