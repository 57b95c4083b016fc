"""What travels, as values, and how each is written. No person has a place in any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chorsu.practices.rules import Facts
from chorsu.records.forms import (
    FORMAT,
    PublishedRecord,
    PublishedText,
    record_members,
    text_members,
)
from chorsu.wire.envelope import Json, canonical_json

KIND = "practice"
TEXT_KIND = "practice-text"
MAX_FILES = 50


@dataclass(frozen=True, slots=True)
class PublishedPractice(PublishedRecord):
    """A practice with all its texts, as it stands at its origin."""

    facts: Facts

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
    facts = cast("Mapping[str, Json]", practice.facts)
    return {**record_members(practice, KIND), "facts": facts}


def build_text_payload(published: PublishedPracticeText) -> dict[str, Json]:
    """The members of a `practice-text` blob."""
    return {
        "format": FORMAT,
        "kind": TEXT_KIND,
        "id": published.id,
        "practice": published.practice,
        "practice_origin": published.practice_origin,
        "language": published.text.language,
        **text_members(published.text),
    }
