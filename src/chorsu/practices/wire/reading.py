"""Reading what peers publish: strictly, into values, or refused with a code."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.kernel.languages import TAGS
from chorsu.practices.rules import Facts, clean_facts, clean_words
from chorsu.practices.wire.forms import (
    KIND,
    MAX_FILES,
    TEXT_KIND,
    PublishedPractice,
    PublishedPracticeText,
)
from chorsu.records.reading import (
    RECORD_MEMBERS,
    TEXT_MEMBERS,
    Limits,
    check_record,
    in_clean_form,
    read_id,
    read_members,
    read_record,
    read_text,
    require,
)

_LIMITS = Limits(clean_words, MAX_FILES)
_TEXT_RECORD_MEMBERS = (
    "format", "kind", "id", "practice", "practice_origin", "language", *TEXT_MEMBERS,
)  # fmt: skip


def parse_payload(data: bytes, origin: str) -> PublishedPractice:
    """Read a `practice` blob that `origin` published; raises `Refused`.

    Facts and words must be clean already: what `clean_facts` or `clean_words` would change is
    malformed. Themes and countries that this software does not know are kept.
    """
    members = read_members(data, KIND, (*RECORD_MEMBERS, "facts"))
    practice = PublishedPractice(
        **read_record(members, origin, _LIMITS), facts=_facts(members.mapping("facts"))
    )
    check_record(practice)
    return practice


def parse_text_payload(data: bytes) -> PublishedPracticeText:
    """Read a `practice-text` blob; raises `Refused`."""
    members = read_members(data, TEXT_KIND, _TEXT_RECORD_MEMBERS)
    text = read_text(members.choice("language", TAGS), members, _LIMITS)
    require(text.provenance != "original", "provenance")
    return PublishedPracticeText(
        id=read_id(members.string("id", 36)),
        practice=read_id(members.string("practice", 36)),
        practice_origin=members.string("practice_origin", 120, empty=False),
        text=text,
    )


def _facts(raw: Mapping[str, object]) -> Facts:
    return in_clean_form(raw, lambda value: clean_facts(value, known_codes=False))
