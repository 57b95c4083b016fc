"""Writing: a draft begun, saved, taken back to an earlier save, or thrown away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from chorsu.institutions.drafts import keep_save
from chorsu.institutions.models import Person, Role
from chorsu.institutions.reviewing import require_discarder, require_saver
from chorsu.institutions.writing import require_own, require_writer
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import by_tag
from chorsu.records.content import unknown_terms
from chorsu.records.fields import InvalidRecord
from chorsu.records.words import clean_note
from chorsu.training.actions.courses.guards import (
    check_version,
    locked_draft,
    locked_own,
    record,
)
from chorsu.training.actions.courses.storing import give_files, own_texts
from chorsu.training.errors.courses import NoSuchCourse, NoSuchCourseDraft
from chorsu.training.models import (
    BankItem,
    BankPicture,
    Course,
    CourseDraft,
    CourseFile,
    QuestionImport,
)
from chorsu.training.queries.courses.work import draft_view
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import clean_words, empty_facts
from chorsu.training.shapes.courses import CourseDraftView


@transaction.atomic
def begin_draft(
    *,
    by: Person,
    institution_id: str,
    language: str,
    now: datetime,
    words: Mapping[str, object] | None = None,
    facts: Mapping[str, object] | None = None,
    audience: str = "public",
) -> CourseDraftView:
    """Begin a course of an institution of this node, empty or with these words and facts.

    Raises `NotAllowed`, `UnknownLanguage`, `InvalidRecord`.
    """
    require_own(institution_id, Role.CONTRIBUTOR)
    require_writer(by, institution_id)
    draft = CourseDraft(
        id=uuid.UUID(new_id()),
        institution_id=institution_id,
        language=by_tag(language).tag,
        audience=audience,
        facts=clean_facts(facts or empty_facts()),
        words=clean_words(words or {}),
    )
    return begun(draft, by, now, "course-draft.begun")


@transaction.atomic
def revise(*, course_id: str, by: Person, now: datetime) -> CourseDraftView:
    """A working copy of one's own published course; the one there is, if somebody has begun.

    Raises `NoSuchCourse`, `CourseWithdrawn`, `NotOwnCourse`, `NotAllowed`.
    """
    row = locked_own(course_id)
    require_writer(by, row.institution_id)
    there = CourseDraft.objects.filter(pk=row.pk).first()
    if there is not None:
        return draft_view(there)
    text = own_texts(row).filter(language=row.original_language).first()
    if text is None:
        raise NoSuchCourse(course_id)
    draft = CourseDraft(
        id=row.pk,
        institution_id=row.institution_id,
        language=row.original_language,
        based_on=row.revision,
        audience=row.audience,
        licence=row.licence,
        facts=row.facts,
        words=text.words,
    )
    CourseFile.objects.filter(course_id=row.pk, current=True).update(in_draft=True)
    return begun(draft, by, now, "course-draft.begun")


@transaction.atomic
def save_draft(
    *,
    draft_id: str,
    version: int,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    by: Person,
    now: datetime,
    audience: str | None = None,
    licence: str | None = None,
    note: str | None = None,
) -> CourseDraftView:
    """Save all words and facts; `version` is the one they were read at. What is None stays.

    Words of a row that is not there any more are kept: a page may yet bring the row back; they
    go when the course is published. `facts.forked_from` stays as it began. Saving what is there
    already changes nothing. Raises `NoSuchCourseDraft`, `NotAllowed`, `WrongState` (submitted:
    only an editor saves), `CourseDraftConflict`, `InvalidRecord` with every error there is.
    """
    draft = locked_draft(draft_id)
    require_saver(draft, by)
    check_version(draft, version)
    before = _content(draft)
    _apply(draft, words, facts, audience, licence, note)
    if _content(draft) == before:
        return draft_view(draft)
    draft.version += 1
    draft.saved_by, draft.saved_at = by, now
    draft.save()
    keep_save(draft.versions, draft, words=draft.words, facts=draft.facts)
    return draft_view(draft)


@transaction.atomic
def restore_version(
    *, draft_id: str, version: int, restored: int, by: Person, now: datetime
) -> CourseDraftView:
    """Save the words and facts of the earlier save `restored` again. Raises as `save_draft`."""
    found = locked_draft(draft_id).versions.filter(version=restored).first()
    if found is None:
        raise NoSuchCourseDraft(f"{draft_id} version {restored}")
    return save_draft(
        draft_id=draft_id,
        version=version,
        words=found.words,
        facts=found.facts,
        by=by,
        now=now,
    )


@transaction.atomic
def discard_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> None:
    """Throw a draft away; what is published stays. Raises as `save_draft`.

    A contributor may discard what they began, an editor any draft.
    """
    draft = locked_draft(draft_id)
    require_discarder(draft, by)
    check_version(draft, version)
    let_go_of_files(draft)
    if not Course.objects.filter(pk=draft.pk).exists():
        for bank in (BankItem, BankPicture, QuestionImport):
            bank.objects.filter(course_id=draft.pk).delete()
    record(by, "course-draft.discarded", draft.pk, draft.institution_id, now)
    draft.delete()


def carry_on(draft: CourseDraft) -> None:
    """Make the draft of a withdrawn course's next revision, whole and with its questions, the
    draft of a new course.
    """
    new = CourseDraft.objects.get(pk=draft.pk)
    new.pk, new.based_on = uuid.UUID(new_id()), 0
    new.save(force_insert=True)
    draft.versions.update(draft=new)
    draft.comments.update(draft=new)
    for bank in (BankItem, BankPicture, QuestionImport):
        bank.objects.filter(course_id=draft.pk).update(course_id=new.pk)
    give_files(CourseFile.objects.filter(course_id=draft.pk, in_draft=True), new.pk)
    let_go_of_files(draft)
    draft.delete()


def let_go_of_files(draft: CourseDraft) -> None:
    """The draft holds no file any more; published ones stay."""
    files = CourseFile.objects.filter(course_id=draft.pk)
    files.filter(published=False).delete()
    files.update(in_draft=False)


def begun(
    draft: CourseDraft, by: Person, now: datetime, action: str, **detail: str
) -> CourseDraftView:
    """Save a new draft, and say in the audit log how it began."""
    draft.created_by = draft.saved_by = by
    draft.created_at = draft.saved_at = now
    draft.save(force_insert=True)
    keep_save(draft.versions, draft, words=draft.words, facts=draft.facts)
    record(by, action, draft.pk, draft.institution_id, now, **detail)
    return draft_view(draft)


def _apply(
    draft: CourseDraft,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    audience: str | None,
    licence: str | None,
    note: str | None,
) -> None:
    """Put what was typed into the draft; raises `InvalidRecord` with every error there is."""
    errors = unknown_terms(audience or draft.audience, licence or draft.licence)
    try:
        draft.words = clean_words(words)
    except InvalidRecord as invalid:
        errors += invalid.errors
    try:
        draft.facts = clean_facts({**facts, "forked_from": draft.facts["forked_from"]})
    except InvalidRecord as invalid:
        errors += invalid.errors
    try:
        draft.note = draft.note if note is None else clean_note(note)
    except InvalidRecord as invalid:
        errors += invalid.errors
    if errors:
        raise InvalidRecord(errors)
    draft.audience, draft.licence = audience or draft.audience, licence or draft.licence


def _content(draft: CourseDraft) -> tuple[object, ...]:
    return draft.words, draft.facts, draft.audience, draft.licence, draft.note
