"""A course as rows and as the form that goes out or came; what every writer of both shares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from chorsu.institutions.queries import institution
from chorsu.kernel.clock import whole_seconds
from chorsu.language import foreign
from chorsu.records.fields import FieldError, InvalidRecord, Words
from chorsu.records.forms import (
    MAX_BLOB_BYTES,
    PublishedRevision,
    PublishedText,
    file_members,
    text_members,
)
from chorsu.records.models import SuppliedText
from chorsu.training.models import (
    Course,
    CourseFile,
    CourseRevision,
    CourseText,
    CourseTranslation,
    RevisionText,
)
from chorsu.training.queries.courses.offering import FAMILY
from chorsu.training.rules.fields import Facts, hours_of
from chorsu.training.wire.courses import LIMITS, PublishedCourse, parse_payload
from chorsu.wire.entry import PUBLIC
from chorsu.wire.envelope import blob_hash


def keep_for_cohorts(text: SuppliedText) -> None:
    """Keep what a translation from elsewhere says of a revision, for cohorts that are taught it."""
    if text.record_id is None:
        return
    told = text.published()
    course = TRANSLATED.record_of(text)
    for revision in CourseRevision.objects.filter(
        course=course, revision=told.revision, facts__isnull=False
    ):
        kept = RevisionText.objects.filter(
            revision_of=revision, language=text.language, supplied_by=text.supplied_by
        ).first() or RevisionText(revision_of=revision, supplied_by=text.supplied_by)
        kept.record_id = text.record_id
        kept.become(told)
        kept.save()


TRANSLATED = foreign.Translated(FAMILY, LIMITS, keep_for_cohorts)
"""How courses are translated at other nodes than their origin."""


def published_form(row: Course) -> PublishedCourse:
    """One's own course as it goes out: built from a whitelist that has no place for a person."""
    files = CourseFile.objects.filter(course_id=row.pk, current=True).order_by("position", "id")
    lines = row.revisions.order_by("revision").defer("texts", "facts")
    return PublishedCourse(
        **row.form_columns(),
        facts=row.facts,
        texts={text.language: text.published() for text in own_texts(row).order_by("language")},
        files=[file.published_form() for file in files],
        history=[line.published(row.audience) for line in lines],
    )


def own_texts(row: Course) -> QuerySet[CourseText]:
    """The texts that the course's origin publishes with it."""
    return row.texts.filter(supplied_by=row.origin)


def sealed(row: Course, now: datetime) -> PublishedCourse:
    """The form to publish; its time and hash are noted, and what the revision says now is kept.

    Raises `InvalidRecord` (field "", `too_long`) if no peer could take it.
    """
    row.updated_at = whole_seconds(now)
    form = published_form(row)
    payload = form.to_bytes()
    if len(payload) > MAX_BLOB_BYTES:
        raise InvalidRecord([FieldError("", "too_long", {"max": MAX_BLOB_BYTES})])
    # What no peer could read must not enter the feed, where it would stay.
    parse_payload(payload, row.origin)
    row.blob = blob_hash(payload)
    row.save(update_fields=["blob", "updated_at"])
    keep_texts(row, form)
    return form


def spread_facts(row: Course, facts: Facts) -> None:
    """Facts, and the columns that lists are filtered by."""
    row.facts, row.themes, row.hours = facts, facts["themes"], hours_of(facts)
    row.country = institution(row.institution_id).country if row.institution_id else ""


def fill(row: Course, form: PublishedCourse, *, index: int | None, at: datetime, blob: str) -> None:
    """Make a row and its texts, history and files say what the form and its entry say."""
    before = (row.revision, original_words(row)) if row.revision else None
    row.become(form, index=index, at=at, blob=blob)
    spread_facts(row, form.facts)
    row.save_whole()
    own_texts(row).exclude(language__in=form.texts).delete()
    for text in form.texts.values():
        store_text(row, text)
    _keep_history(row, form)
    _keep_files(row, form)
    keep_texts(row, form)
    if before is not None and before[0] != row.revision and before[1] == form.original.words:
        foreign.keep_fresh(TRANSLATED, row, before[0])


def store_text(row: Course, text: PublishedText) -> None:
    """A text of the origin's; it takes the place of an earlier one in its language."""
    found = own_texts(row).filter(language=text.language).first()
    here = found or CourseText(course=row, supplied_by=row.origin)
    here.become(text)
    here.save()


def store_original(row: Course, words: Words) -> None:
    """The original's words, as of the row's revision."""
    store_text(row, PublishedText(row.original_language, "original", row.revision, "", None, words))


def original_words(row: Course) -> Words:
    """The words of the original as they stand here; none if there is no text."""
    found = own_texts(row).filter(language=row.original_language).values_list("words", flat=True)
    return dict(found.first() or {})


def keep_texts(row: Course, form: PublishedCourse) -> None:
    """Keep what this revision says in all its languages now, for cohorts that are taught it."""
    row.revisions.filter(revision=row.revision).update(
        facts=form.facts,
        texts={tag: text_members(text) for tag, text in form.texts.items()},
        files=[file_members(file) for file in form.files],
    )


def take_back_translations(row: Course, now: datetime) -> list[SuppliedText]:
    """What `foreign.take_back` says; of this node's own the words become work again."""

    def hand_over(text: SuppliedText) -> None:
        hand_to_translators(row, text.published(), now)

    return foreign.take_back(TRANSLATED, row, hand_over)


def hand_to_translators(row: Course, text: PublishedText, now: datetime) -> None:
    """Make a text work for translators; what they have in work stays."""
    CourseTranslation.objects.get_or_create(
        course=row,
        language=text.language,
        defaults={
            "words": text.words,
            "provenance": text.provenance,
            "revision": text.revision,
            "translated_by": text.translated_by,
            "version": 1,
            "saved_at": now,
        },
    )


def files_needed(row: Course) -> list[tuple[str, int, str]]:
    """Hash, bytes and media type of the files that cohorts of any revision need: those of this
    one, and of earlier ones that no fewer may read.
    """
    lines = row.revisions.filter(audience__in=(PUBLIC, row.audience))
    named = {file["sha256"] for files in lines.values_list("files", flat=True) for file in files}
    rows = CourseFile.objects.filter(course_id=row.pk, sha256__in=named)
    return list(rows.values_list("sha256", "size", "media_type").order_by("sha256"))


def forget_words(row: Course) -> None:
    """Let go of texts, history, files and translations in work; what a draft holds stays."""
    row.texts.all().delete()
    row.revisions.all().delete()
    files = CourseFile.objects.filter(course_id=row.pk)
    files.filter(in_draft=False).delete()
    files.update(published=False, current=False)
    CourseTranslation.objects.filter(course=row).delete()


def _keep_history(row: Course, form: PublishedCourse) -> None:
    """The newest revision, and earlier ones that are not known yet without their words."""
    known = dict(row.revisions.values_list("revision", "audience"))
    lines: Mapping[int, PublishedRevision] = {line.revision: line for line in form.history}
    newest = lines.get(form.revision) or PublishedRevision(form.revision, form.updated_at, "")
    CourseRevision.objects.bulk_create(
        CourseRevision(
            course=row,
            revision=line.revision,
            published_at=line.published_at,
            note=line.note,
            audience=form.audience,
        )
        for line in {**lines, form.revision: newest}.values()
        if line.revision not in known
    )
    told = row.revisions.filter(revision=form.revision)
    told.update(published_at=newest.published_at, note=newest.note, audience=form.audience)


def _keep_files(row: Course, form: PublishedCourse) -> None:
    """The newest revision's files are those of the form; earlier ones keep theirs."""
    CourseFile.objects.filter(course_id=row.pk).update(current=False)
    for position, file in enumerate(form.files):
        CourseFile.objects.update_or_create(
            course_id=row.pk,
            sha256=file.sha256,
            defaults={
                "size": file.size,
                "media_type": file.media_type,
                "name": file.name,
                "language": file.language,
                "position": position,
                "published": True,
                "current": True,
            },
        )


def give_files(files: Iterable[CourseFile], draft_id: uuid.UUID) -> None:
    """Let a draft hold files that a course has: the bytes are the same blobs."""
    CourseFile.objects.bulk_create(
        CourseFile(
            course_id=draft_id,
            **file.named(),
            in_draft=True,
        )
        for file in files
    )
