"""Files of a draft: taken in, and taken off again."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from chorsu.exchange import blobs
from chorsu.institutions.models import Person
from chorsu.institutions.writing import personal_data, require_writer
from chorsu.kernel.languages import TAGS
from chorsu.practices.actions.guards import locked_draft
from chorsu.practices.errors import NoSuchDraft
from chorsu.practices.models import Draft, PracticeFile
from chorsu.practices.rules import FieldError, InvalidPractice
from chorsu.practices.wire import MAX_FILES
from chorsu.records.files import prepare
from chorsu.records.shapes import FileView


@transaction.atomic
def add_file(
    *, draft_id: str, upload: BinaryIO | bytes, name: str, language: str, by: Person, now: datetime
) -> FileView:
    """Take a file into a draft; `language` is a tag or "" for none. Nobody can read it by its
    hash before the practice is published. Documents lose the names that programs write into them,
    images everything but their pixels. Refused: one whose properties still name a person of this
    node, and a signed one that does, for it can't be changed.

    Raises `NoSuchDraft`, `NotAllowed`, `InvalidPractice` (fields `file`, `files`, `language`).
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    if language not in ("", *TAGS):
        raise InvalidPractice([FieldError("language", "unknown", {"value": language[:40]})])
    rows = PracticeFile.objects.filter(practice_id=draft.pk)
    if rows.filter(in_draft=True).count() >= MAX_FILES:
        raise InvalidPractice([FieldError("files", "too_many", {"max": MAX_FILES})])
    prepared = prepare(
        BytesIO(upload) if isinstance(upload, bytes) else upload,
        name,
        max_bytes=settings.NODE.number("files.max_mb") * 1_000_000,
        image_max_px=settings.NODE.number("files.image_max_px"),
    )
    if errors := personal_data({"file": prepared.told}):
        raise InvalidPractice([FieldError("file", "file_signed")] if prepared.signed else errors)
    size = prepared.file.seek(0, 2)
    prepared.file.seek(0)
    try:
        sha256 = blobs.put_file(prepared.file, media_type=prepared.media_type, now=now)
    except blobs.Erased:
        raise InvalidPractice([FieldError("file", "file_erased")]) from None
    row = rows.filter(sha256=sha256).first()
    if row is not None and row.in_draft:
        raise InvalidPractice([FieldError("file", "file_twice")])
    if row is None:
        last = rows.aggregate(last=Max("position"))["last"]
        row = PracticeFile(practice_id=draft.pk, sha256=sha256, position=(last or 0) + 1)
        row.name, row.media_type, row.size = prepared.name, prepared.media_type, size
        row.language, row.width, row.height = language, prepared.width, prepared.height
    row.in_draft = True
    row.save()
    _note_save(draft, by, now)
    return row.view()


@transaction.atomic
def remove_file(*, draft_id: str, sha256: str, by: Person, now: datetime) -> None:
    """Take a file off a draft; the published practice keeps it until the draft is published.

    Raises `NoSuchDraft`, `NotAllowed`.
    """
    draft = locked_draft(draft_id)
    require_writer(by, draft.institution_id)
    row = PracticeFile.objects.filter(practice_id=draft.pk, sha256=sha256, in_draft=True).first()
    if row is None:
        raise NoSuchDraft(f"{draft_id} file {sha256[:64]}")
    if row.published:
        row.in_draft = False
        row.save(update_fields=["in_draft"])
    else:
        row.delete()
    _note_save(draft, by, now)


def _note_save(draft: Draft, by: Person, now: datetime) -> None:
    # Not a new version: files are no part of what two people might overwrite in each other's text.
    draft.saved_by, draft.saved_at = by, now
    draft.save(update_fields=["saved_by", "saved_at"])
