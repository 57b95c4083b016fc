"""A course as it travels: a revision with all its texts, and how it is read.

Canonical JSON of format 1, of kind `course`: the members of every record, and `facts`. Of kind
`course-text`: a translation made at another node than the origin, a record of its own there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chorsu.records.forms import (
    PublishedRecord,
    PublishedTranslation,
    record_members,
    text_kind,
)
from chorsu.records.reading import (
    RECORD_MEMBERS,
    Limits,
    check_record,
    in_clean_form,
    read_members,
    read_record,
    read_translation,
    require,
)
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import MAX_FILES, Facts, clean_words, files_named, units_of
from chorsu.wire.envelope import Json, canonical_json

KIND = "course"
TEXT_KIND = text_kind(KIND)
LIMITS = Limits(clean_words, MAX_FILES)


@dataclass(frozen=True, slots=True)
class PublishedCourse(PublishedRecord):
    """A course with all its texts, as it stands at its origin."""

    facts: Facts

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(build_payload(self))


def build_payload(course: PublishedCourse) -> dict[str, Json]:
    """The members of a `course` blob."""
    facts = cast("Mapping[str, Json]", course.facts)
    return {**record_members(course, KIND), "facts": facts}


def parse_payload(data: bytes, origin: str) -> PublishedCourse:
    """Read a `course` blob that `origin` published; raises `Refused`.

    Facts and words must be clean already: what `clean_facts` or `clean_words` would change is
    malformed, and so is a course without a unit or one that names a file it does not have. Codes
    that this software does not know are kept.
    """
    members = read_members(data, KIND, (*RECORD_MEMBERS, "facts"))
    course = PublishedCourse(
        **read_record(members, origin, LIMITS), facts=_facts(members.mapping("facts"))
    )
    check_record(course)
    files = {file.sha256 for file in course.files}
    require(any(True for _unit in units_of(course.facts)), "facts: no unit")
    require(files_named(course.facts).keys() <= files, "facts: a file that is not among the files")
    return course


def parse_text_payload(data: bytes) -> PublishedTranslation:
    """Read a `course-text` blob; raises `Refused`."""
    return read_translation(data, KIND, LIMITS)


def _facts(raw: Mapping[str, object]) -> Facts:
    return in_clean_form(raw, lambda value: clean_facts(value, known_codes=False))
