"""What travels, as values, and how each is written. No person has a place in any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chorsu.practices.rules import Facts
from chorsu.records.forms import PublishedRecord, record_members, text_kind
from chorsu.wire.envelope import Json, canonical_json

KIND = "practice"
TEXT_KIND = text_kind(KIND)
MAX_FILES = 50


@dataclass(frozen=True, slots=True)
class PublishedPractice(PublishedRecord):
    """A practice with all its texts, as it stands at its origin."""

    facts: Facts

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(build_payload(self))


def build_payload(practice: PublishedPractice) -> dict[str, Json]:
    """The members of a `practice` blob."""
    facts = cast("Mapping[str, Json]", practice.facts)
    return {**record_members(practice, KIND), "facts": facts}
