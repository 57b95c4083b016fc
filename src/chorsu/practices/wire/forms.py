"""What travels, as values, and how each is written. No person has a place in any form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from chorsu.kernel.clock import format_time
from chorsu.practices.rules import Facts, Words
from chorsu.wire.envelope import Json, canonical_json

FORMAT = 1
KIND = "practice"
TEXT_KIND = "practice-text"
MAX_BLOB_BYTES = 16 * 1024 * 1024
MAX_FILES = 50
MAX_REVISIONS = 10_000


@dataclass(frozen=True, slots=True)
class PublishedText:
    """A practice's words in one language; `revision` is that of the original they give."""

    language: str
    provenance: str
    revision: int
    translated_by: str
    translated_on: date | None
    words: Words


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a practice; its bytes are the blob of this hash."""

    sha256: str
    size: int
    media_type: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class PublishedRevision:
    """One line of a practice's history."""

    revision: int
    published_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class PublishedPractice:
    """A practice with all its texts, as it stands at its origin."""

    id: str
    revision: int
    origin: str
    institution: str
    audience: str
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    facts: Facts
    texts: Mapping[str, PublishedText]
    files: Sequence[PublishedFile]
    history: Sequence[PublishedRevision]

    @property
    def original(self) -> PublishedText:
        """The text in the original language."""
        return self.texts[self.original_language]

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(build_payload(self))


@dataclass(frozen=True, slots=True)
class PublishedPracticeText:
    """A translation of a peer's practice, published by the node that made it."""

    id: str
    practice: str
    practice_origin: str
    text: PublishedText

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(build_text_payload(self))


def build_payload(practice: PublishedPractice) -> dict[str, Json]:
    """The members of a `practice` blob."""
    return {
        "format": FORMAT,
        "kind": KIND,
        "id": practice.id,
        "revision": practice.revision,
        "origin": practice.origin,
        "institution": practice.institution,
        "audience": practice.audience,
        "licence": practice.licence,
        "original_language": practice.original_language,
        "published_at": format_time(practice.published_at),
        "updated_at": format_time(practice.updated_at),
        "facts": cast("Mapping[str, Json]", practice.facts),
        "texts": {language: _text_members(text) for language, text in practice.texts.items()},
        "files": [
            {
                "sha256": file.sha256,
                "size": file.size,
                "media_type": file.media_type,
                "name": file.name,
                "language": file.language,
            }
            for file in practice.files
        ],
        "history": [
            {
                "revision": line.revision,
                "published_at": format_time(line.published_at),
                "note": line.note,
            }
            for line in practice.history
        ],
    }


def build_text_payload(published: PublishedPracticeText) -> dict[str, Json]:
    """The members of a `practice-text` blob."""
    return {
        "format": FORMAT,
        "kind": TEXT_KIND,
        "id": published.id,
        "practice": published.practice,
        "practice_origin": published.practice_origin,
        "language": published.text.language,
        **_text_members(published.text),
    }


def withdrawal_bytes(*, kind: str, record_id: str, reason: str) -> bytes:
    """The blob of a withdrawal: why a record was withdrawn."""
    return canonical_json({"format": FORMAT, "kind": kind, "id": record_id, "reason": reason})


def _text_members(text: PublishedText) -> dict[str, Json]:
    day = text.translated_on
    return {
        "provenance": text.provenance,
        "revision": text.revision,
        "translated_by": text.translated_by,
        "translated_on": None if day is None else day.isoformat(),
        "words": text.words,
    }
