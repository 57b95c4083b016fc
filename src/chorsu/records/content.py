"""What is to be published of a record: the original, clean, before it is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chorsu.records.fields import AUDIENCES, LICENCES, FieldError, Words
from chorsu.records.forms import PublishedText

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Content(Generic[Facts]):
    """What is to be published as the original; clean. `files` are hashes."""

    id: uuid.UUID
    institution_id: str
    language: str
    audience: str
    licence: str
    note: str
    words: Words
    facts: Facts
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReadyRecord:
    """A record that comes ready with its translations (samples, an import), as it was read.

    `texts` are the translations, without the original.
    """

    id: str
    institution_id: str
    language: str
    audience: str
    licence: str
    words: Mapping[str, object]
    facts: Mapping[str, object]
    texts: Sequence[PublishedText]
    note: str = ""


def unknown_terms(audience: str, licence: str) -> list[FieldError]:
    """An error for an audience or licence that there is not."""
    told = (("audience", audience, AUDIENCES), ("licence", licence, LICENCES))
    return [
        FieldError(field, "unknown", {"value": value[:40]})
        for field, value, known in told
        if value not in known
    ]
