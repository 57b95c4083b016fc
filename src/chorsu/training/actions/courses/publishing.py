"""Publishing and withdrawing one's own courses. The feed is appended to by the flow above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

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
from chorsu.records.content import Content, ReadyRecord, unknown_terms
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.records.forms import withdrawal_bytes
from chorsu.records.words import clean_note
from chorsu.training.actions.courses.drafting import carry_on
from chorsu.training.actions.courses.forking import carried_by, publish_carried
from chorsu.training.actions.courses.guards import (
    check_version,
    locked_draft,
    locked_own,
    record,
    texts_of,
)
from chorsu.training.actions.courses.storing import (
    TRANSLATED,
    files_needed,
    original_words,
    published_form,
    sealed,
    spread_facts,
    store_original,
    store_text,
    take_back_translations,
)
from chorsu.training.errors.courses import NotOwnCourse
from chorsu.training.models import (
    Course,
    CourseDraft,
    CourseFile,
    CourseRevision,
    CourseTranslation,
)
from chorsu.training.queries.courses.published import as_uuid, refuse_withdrawn
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import Facts, clean_words
from chorsu.training.rules.readiness import missing_for_publication, words_with_row
from chorsu.training.shapes.courses import CourseWithdrawal
from chorsu.training.wire.courses import KIND, PublishedCourse
from chorsu.wire.envelope import blob_hash


@transaction.atomic
def publish(*, draft_id: str, version: int, by: Person, now: datetime) -> PublishedCourse:
    """Publish a draft: a new course, or the next revision of one; the draft is gone then.

    The revision moves when words, facts or files do; translations of words that stay the same
    stay fresh. A fork comes with the texts that it brought along. Raises `NoSuchCourseDraft`,
    `NotAllowed`, `CourseDraftConflict`, `CourseWithdrawn` and `InvalidRecord` with each field that
    is missing or holds personal data (or, with the field "", `unchanged`).
    """
    draft = locked_draft(draft_id)
    require(by, Role.EDITOR, draft.institution_id)
    check_version(draft, version)
    files = CourseFile.objects.filter(course_id=draft.pk)
    names = dict(files.filter(in_draft=True).values_list("sha256", "name"))
    content = Content(
        id=draft.pk,
        institution_id=draft.institution_id,
        language=draft.language,
        audience=draft.audience,
        licence=draft.licence,
        note=draft.note,
        words=words_with_row(draft.words, draft.facts, names),
        facts=draft.facts,
        files=frozenset(names),
    )
    _refuse_unready(content, {f"files.{sha256}.name": name for sha256, name in names.items()})
    row = Course.objects.select_for_update().filter(pk=draft.pk).first()
    if row is not None and _same(row, content):
        raise InvalidRecord([FieldError("", "unchanged")])
    carried = carried_by(draft, content)
    row = _store(row, content, whole_seconds(now), carried.behind)
    files.update(current=False)
    files.filter(in_draft=True).update(published=True, current=True, in_draft=False)
    publish_carried(row, carried, now)
    draft.delete()
    record(by, "course.published", row.pk, row.institution_id, now, revision=row.revision)
    return sealed(row, now)


@transaction.atomic
def publish_ready(
    *, ready: ReadyRecord, now: datetime, by: Person | None = None
) -> PublishedCourse | None:
    """Publish a course that comes ready with its translations, in one go.

    None: exactly this is published already. With `by` None the node itself acts. Raises as
    `publish` does; `UnknownLanguage`.
    """
    require_own(ready.institution_id, Role.EDITOR)
    if by is not None:
        require(by, Role.EDITOR, ready.institution_id)
    facts = clean_facts(ready.facts)
    content = Content(
        id=as_uuid(ready.id),
        institution_id=ready.institution_id,
        language=by_tag(ready.language).tag,
        audience=ready.audience,
        licence=ready.licence,
        note=clean_note(ready.note),
        words=words_with_row(clean_words(ready.words), facts, ()),
        facts=facts,
        files=frozenset(),
    )
    _refuse_unready(content, {})
    row = Course.objects.select_for_update().filter(pk=content.id).first()
    before = published_form(row) if row is not None else None
    if row is None or not _same(row, content):
        row = _store(row, content, whole_seconds(now))
    for text in ready.texts:
        words = words_with_row(clean_words(text.words), row.facts, ())
        fit = ready_text(text, words, row.original_language)
        store_text(row, replace(fit, revision=min(fit.revision, row.revision)))
    if before is not None and replace(before, updated_at=row.updated_at) == published_form(row):
        return None
    record(by, "course.published", row.pk, row.institution_id, now, revision=row.revision)
    return sealed(row, now)


def hashes_needed(course_id: str) -> list[str]:
    """Hashes of the files that readers of a published course and its cohorts need."""
    row = Course.objects.get(pk=as_uuid(course_id))
    return [sha256 for sha256, _size, _type in files_needed(row)]


@transaction.atomic
def withdraw(*, course_id: str, reason: str, by: Person, now: datetime) -> CourseWithdrawal:
    """Withdraw one's own course for a reason that everybody will read.

    The draft of its next revision becomes the draft of a new course; translations in work go.
    Cohorts can't be taught it any more. Raises `NoSuchCourse`, `NotOwnCourse`, `NotAllowed`,
    `CourseWithdrawn`, `InvalidRecord` (field `reason`).
    """
    # The draft first, as `publish` does: two who hold one each would wait for each other.
    draft = CourseDraft.objects.select_for_update().filter(pk=as_uuid(course_id)).first()
    row = locked_own(course_id)
    require(by, Role.EDITOR, row.institution_id)
    text = clean_reason(reason)
    payload = withdrawal_bytes(kind=KIND, record_id=str(row.pk), reason=text)
    row.withdrawn_at = row.updated_at = whole_seconds(now)
    row.withdrawal_reason, row.blob = text, blob_hash(payload)
    row.save()
    if draft is not None:
        carry_on(draft)
    CourseTranslation.objects.filter(course=row).delete()
    record(
        by, "course.withdrawn", row.pk, row.institution_id, now, revision=row.revision, reason=text
    )
    peers = row.texts.exclude(record_id=None).values_list("record_id", flat=True)
    translations = tuple(str(record_id) for record_id in peers)
    return CourseWithdrawal(str(row.pk), row.revision, row.audience, text, payload, translations)


def _refuse_unready(content: Content[Facts], file_names: Mapping[str, str]) -> None:
    errors = missing_for_publication(content.words, content.facts, content.files)
    errors += unknown_terms(content.audience, content.licence)
    texts = texts_of(content.words, content.facts)
    errors += personal_data({**texts, **file_names, "note": content.note})
    if errors:
        raise InvalidRecord(errors)


def _same_content(row: Course, content: Content[Facts]) -> bool:
    current = CourseFile.objects.filter(course_id=row.pk, current=True)
    return (
        original_words(row) == content.words
        and row.facts == content.facts
        and frozenset(current.values_list("sha256", flat=True)) == content.files
    )


def _same(row: Course, content: Content[Facts]) -> bool:
    told = (row.audience, row.licence) == (content.audience, content.licence)
    return told and row.withdrawn_at is None and _same_content(row, content)


def _store(row: Course | None, content: Content[Facts], now: datetime, behind: int = 0) -> Course:
    """Write the original; the revision moves if what it says moved. A new course has that after
    `behind`.
    """
    if row is None:
        row = Course(
            id=content.id,
            origin=settings.NODE_NAME,
            institution_id=content.institution_id,
            original_language=content.language,
            revision=behind,
            published_at=now,
            arrived_at=now,
        )
        moved, words_moved = True, True
    else:
        if not row.is_own:
            raise NotOwnCourse(str(row.pk))
        refuse_withdrawn(row)
        moved = not _same_content(row, content)
        words_moved = original_words(row) != content.words
    row.revision += int(moved)
    row.audience, row.licence, row.updated_at = content.audience, content.licence, now
    spread_facts(row, content.facts)
    row.save_whole()
    if moved and not words_moved:
        foreign.keep_fresh(TRANSLATED, row, row.revision - 1)
    store_original(row, content.words)
    if moved:
        CourseRevision.objects.create(
            course=row,
            revision=row.revision,
            published_at=now,
            note=content.note,
            audience=row.audience,
        )
    else:
        # The same words for others: this revision, and no earlier one.
        row.revisions.filter(revision=row.revision).update(audience=row.audience)
    take_back_translations(row, now)
    return row
