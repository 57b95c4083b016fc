"""Files of a draft of a course: taken in, and taken off again."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from chorsu.exchange import blobs
from chorsu.institutions.models import Person
from chorsu.institutions.writing import personal_data, require_writer
from chorsu.kernel.languages import TAGS
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.records.files import PreparedFile, prepare
from chorsu.records.films import prepare_film
from chorsu.records.shapes import FileView
from chorsu.training.actions.courses.guards import locked_draft
from chorsu.training.errors.courses import NoSuchCourseDraft
from chorsu.training.models import CourseFile
from chorsu.training.rules.fields import MAX_FILES


@transaction.atomic
def add_file(
    *, draft_id: str, upload: BinaryIO, name: str, language: str, by: Person, now: datetime
) -> FileView:
    """Take a file into a draft, cleaned as those of practices are; `language` is a tag or "".

    Films (MP4, WebM) lose what a camera wrote into them, captions (WebVTT) may not name a person
    of this node.

    The draft's version stays: files are no part of what two people might overwrite in each
    other's text. Raises `NoSuchCourseDraft`, `NotAllowed`, `InvalidRecord` (fields `file`,
    `files`, `language`).
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    if language not in ("", *TAGS):
        raise InvalidRecord([FieldError("language", "unknown", {"value": language[:40]})])
    rows = CourseFile.objects.filter(course_id=draft.pk)
    if rows.filter(in_draft=True).count() >= MAX_FILES:
        raise InvalidRecord([FieldError("files", "too_many", {"max": MAX_FILES})])
    prepared = _prepared(upload, name)
    size = prepared.file.seek(0, 2)
    sha256 = _kept(prepared, now)
    if prepared.file is not upload:
        prepared.file.close()
    row = rows.filter(sha256=sha256).first()
    if row is not None and row.in_draft:
        raise InvalidRecord([FieldError("file", "file_twice")])
    if row is None:
        last = rows.aggregate(last=Max("position"))["last"]
        row = CourseFile(
            course_id=draft.pk,
            sha256=sha256,
            position=(last or 0) + 1,
            name=prepared.name,
            media_type=prepared.media_type,
            size=size,
            language=language,
            width=prepared.width,
            height=prepared.height,
        )
    row.in_draft = True
    row.save()
    draft.saved_by, draft.saved_at = by, now
    draft.save(update_fields=["saved_by", "saved_at"])
    return row.view()


@transaction.atomic
def remove_file(*, draft_id: str, sha256: str, by: Person, now: datetime) -> None:
    """Take a file off a draft; what is published keeps it.

    Raises `NoSuchCourseDraft`, `NotAllowed`.
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    held = CourseFile.objects.filter(course_id=draft.pk, sha256=sha256, in_draft=True)
    if not held.update(in_draft=False):
        raise NoSuchCourseDraft(f"{draft_id} file {sha256[:64]}")
    CourseFile.objects.filter(course_id=draft.pk, published=False, in_draft=False).delete()
    draft.saved_by, draft.saved_at = by, now
    draft.save(update_fields=["saved_by", "saved_at"])


def _prepared(upload: BinaryIO, name: str) -> PreparedFile:
    max_bytes = settings.NODE.number("files.max_mb") * 1_000_000
    image_max_px = settings.NODE.number("files.image_max_px")
    prepared = prepare_film(upload, name, max_bytes=max_bytes) or prepare(
        upload, name, max_bytes=max_bytes, image_max_px=image_max_px
    )
    errors = personal_data({"file": prepared.told})
    if errors:
        raise InvalidRecord([FieldError("file", "file_signed")] if prepared.signed else errors)
    return prepared


def _kept(prepared: PreparedFile, now: datetime) -> str:
    prepared.file.seek(0)
    try:
        return blobs.put_file(prepared.file, media_type=prepared.media_type, now=now)
    except blobs.Erased:
        raise InvalidRecord([FieldError("file", "file_erased")]) from None
