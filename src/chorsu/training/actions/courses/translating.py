"""Translations of courses: saved while in work, approved, and so published by this node."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import may_translate, personal_data
from chorsu.kernel.languages import by_tag
from chorsu.language import foreign
from chorsu.records.fields import (
    TRANSLATED_BY_MAX,
    TRANSLATIONS,
    FieldError,
    InvalidRecord,
    Words,
)
from chorsu.records.forms import PublishedText
from chorsu.records.shapes import ApprovedTranslation
from chorsu.records.words import one_line
from chorsu.training.actions.courses.guards import locked_course, record
from chorsu.training.actions.courses.storing import (
    TRANSLATED,
    files_needed,
    original_words,
    sealed,
    store_text,
)
from chorsu.training.errors.courses import CourseTranslationConflict, NoSuchCourse
from chorsu.training.models import Course, CourseTranslation
from chorsu.training.queries.courses.work import translation_view
from chorsu.training.rules.fields import clean_words
from chorsu.training.rules.readiness import missing_words
from chorsu.training.shapes.courses import CourseTranslationView
from chorsu.training.wire.courses import KIND


@transaction.atomic
def save_translation(
    *,
    course_id: str,
    language: str,
    version: int,
    words: Mapping[str, object],
    provenance: str,
    by: Person,
    now: datetime,
    revision: int | None = None,
    translated_by: str = "",
) -> CourseTranslationView:
    """Save a translation in work; `version` is 0 for the first save.

    `revision` is that of the original it was made from, as shown to the translator; None: the
    newest. `translated_by` names an office or an engine, never a person. Raises `NotAllowed`,
    `NoSuchCourse`, `CourseWithdrawn`, `CourseTranslationConflict`, `InvalidRecord`.
    """
    row, work = _at_work(course_id, language, version, by)
    made_from = row.revision if revision is None else revision
    errors = []
    if provenance not in TRANSLATIONS:
        errors.append(FieldError("provenance", "unknown", {"value": provenance[:40]}))
    if not 1 <= made_from <= row.revision:
        errors.append(FieldError("revision", "unknown", {"value": made_from}))
    named = one_line(translated_by)
    if len(named) > TRANSLATED_BY_MAX:
        errors.append(FieldError("translated_by", "too_long", {"max": TRANSLATED_BY_MAX}))
    try:
        work.words = clean_words(words)
    except InvalidRecord as invalid:
        errors += invalid.errors
    if errors:
        raise InvalidRecord(errors)
    work.provenance, work.revision, work.translated_by = provenance, made_from, named
    work.version, work.saved_by, work.saved_at = work.version + 1, by, now
    work.save()
    return translation_view(course_id, language)


@transaction.atomic
def approve_translation(
    *, course_id: str, language: str, version: int, by: Person, now: datetime
) -> ApprovedTranslation:
    """Make the saved translation the text that this node publishes in the language: with the
    course if it is one's own, else as a record of its own.

    It must give every field that the original has. Raises as `save_translation`, and
    `InvalidRecord` with each field that is missing or holds personal data, or with `revision`
    (`closed`) if it gives one that was for the network and the course is public now.
    """
    row, work = _at_work(course_id, language, version, by)
    if foreign.is_closed(TRANSLATED.family, row, work.revision):
        # What was for the network alone would be told to everybody in another language.
        raise InvalidRecord([FieldError("revision", "closed", {"value": work.revision})])
    told = PublishedText(
        language=language,
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
    record(
        by, "course-translation.approved", row.pk, row.institution_id, now,
        language=language, revision=told.revision, provenance=told.provenance,
    )  # fmt: skip
    work.delete()
    return approved


@transaction.atomic
def discard_translation(
    *, course_id: str, language: str, version: int, by: Person, now: datetime
) -> None:
    """Throw away a translation in work; the published text stays. Raises as `save_translation`."""
    row, work = _at_work(course_id, language, version, by)
    if work.pk is not None:
        work.delete()
        record(
            by, "course-translation.discarded", row.pk, row.institution_id, now, language=language
        )


def _at_work(
    course_id: str, language: str, version: int, by: Person
) -> tuple[Course, CourseTranslation]:
    """The course, held, and its translation in work at this version; a new one at version 0."""
    if not may_translate(by):
        raise NotAllowed(Role.TRANSLATOR)
    row = locked_course(course_id)
    if by_tag(language).tag == row.original_language:
        raise NoSuchCourse(f"{course_id} is not translated into {language}")
    rows = CourseTranslation.objects.filter(course=row, language=language)
    work = rows.first() or CourseTranslation(
        course=row, language=language, revision=row.revision, words={}, version=0
    )
    if work.version != version:
        raise CourseTranslationConflict(translation_view(course_id, language))
    return row, work


def _approve_own(row: Course, told: PublishedText, now: datetime) -> ApprovedTranslation:
    store_text(row, told)
    form = sealed(row, now)
    return ApprovedTranslation(
        translated=form.id,
        kind=KIND,
        record_id=form.id,
        revision=form.revision,
        audience=form.audience,
        payload=form.to_bytes(),
        files=[sha256 for sha256, _size, _type in files_needed(row)],
    )


def _whole(row: Course, work: CourseTranslation) -> Words:
    """The translation's words for the fields the original has; refused if one is missing."""
    original = original_words(row)
    errors = [FieldError(name, "missing") for name in missing_words(original, work.words)]
    words = {name: text for name, text in work.words.items() if name in original}
    errors += personal_data({**words, "translated_by": work.translated_by})
    if errors:
        raise InvalidRecord(errors)
    return words
