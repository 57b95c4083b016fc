"""What every published record is made of, as values, and how each is written.

No person has a place in any form: a text names the office or the engine that translated it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from chorsu.kernel.clock import format_time
from chorsu.records.fields import Words
from chorsu.wire.envelope import Json, canonical_json

FORMAT = 1
MAX_BLOB_BYTES = 16 * 1024 * 1024
MAX_REVISIONS = 10_000


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A record's words in one language; `revision` is that of the original they give."""

    language: str
    provenance: str
    revision: int
    translated_by: str
    translated_on: date | None
    words: Words


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a record; its bytes are the blob of this hash."""

    sha256: str
    size: int
    media_type: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class PublishedRevision:
    """One line of a record's history."""

    revision: int
    published_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class PublishedTranslation:
    """A translation of another node's record, a record of its own in the log of who made it.

    `of` is the kind of what it translates, `record` and `origin` its id and node.
    """

    of: str
    id: str
    record: str
    origin: str
    text: PublishedText

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(translation_members(self))


class FormColumns(TypedDict):
    """The members of every published form but for texts, files and history."""

    id: str
    revision: int
    origin: str
    institution: str
    audience: str
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime


class FormParts(FormColumns):
    """All members of `PublishedRecord`."""

    texts: Mapping[str, PublishedText]
    files: Sequence[PublishedFile]
    history: Sequence[PublishedRevision]


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """What a record says of itself and in all its languages, as it stands at its origin."""

    id: str
    revision: int
    origin: str
    institution: str
    audience: str
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    texts: Mapping[str, PublishedText]
    files: Sequence[PublishedFile]
    history: Sequence[PublishedRevision]

    @property
    def original(self) -> PublishedText:
        """The text in the original language."""
        return self.texts[self.original_language]


def record_members(record: PublishedRecord, kind: str) -> dict[str, Json]:
    """The members that the blobs of all kinds of record have."""
    return {
        "format": FORMAT,
        "kind": kind,
        "id": record.id,
        "revision": record.revision,
        "origin": record.origin,
        "institution": record.institution,
        "audience": record.audience,
        "licence": record.licence,
        "original_language": record.original_language,
        "published_at": format_time(record.published_at),
        "updated_at": format_time(record.updated_at),
        "texts": {language: text_members(text) for language, text in record.texts.items()},
        "files": [file_members(file) for file in record.files],
        "history": [
            {
                "revision": line.revision,
                "published_at": format_time(line.published_at),
                "note": line.note,
            }
            for line in record.history
        ],
    }


def text_members(text: PublishedText) -> dict[str, Json]:
    """The members of a text."""
    day = text.translated_on
    return {
        "provenance": text.provenance,
        "revision": text.revision,
        "translated_by": text.translated_by,
        "translated_on": None if day is None else day.isoformat(),
        "words": text.words,
    }


def text_kind(of: str) -> str:
    """The kind of record in which a node translates another's record of the kind `of`."""
    return f"{of}-text"


def translation_members(published: PublishedTranslation) -> dict[str, Json]:
    """The members of a translation's blob."""
    return {
        "format": FORMAT,
        "kind": text_kind(published.of),
        "id": published.id,
        published.of: published.record,
        f"{published.of}_origin": published.origin,
        "language": published.text.language,
        **text_members(published.text),
    }


def file_members(file: PublishedFile) -> dict[str, Json]:
    """The members of a file."""
    return {
        "sha256": file.sha256,
        "size": file.size,
        "media_type": file.media_type,
        "name": file.name,
        "language": file.language,
    }


def withdrawal_bytes(*, kind: str, record_id: str, reason: str) -> bytes:
    """The blob of a withdrawal: why a record was withdrawn."""
    return canonical_json({"format": FORMAT, "kind": kind, "id": record_id, "reason": reason})
