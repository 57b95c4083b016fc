"""Reading what peers publish: strictly, into values, or refused with a code."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.practices.rules import Facts, clean_facts, clean_words
from chorsu.practices.wire.forms import KIND, MAX_FILES, PublishedPractice
from chorsu.records.forms import PublishedTranslation
from chorsu.records.reading import (
    RECORD_MEMBERS,
    Limits,
    check_record,
    in_clean_form,
    read_members,
    read_record,
    read_translation,
)

LIMITS = Limits(clean_words, MAX_FILES)


def parse_payload(data: bytes, origin: str) -> PublishedPractice:
    """Read a `practice` blob that `origin` published; raises `Refused`.

    Facts and words must be clean already: what `clean_facts` or `clean_words` would change is
    malformed. Themes and countries that this software does not know are kept.
    """
    members = read_members(data, KIND, (*RECORD_MEMBERS, "facts"))
    practice = PublishedPractice(
        **read_record(members, origin, LIMITS), facts=_facts(members.mapping("facts"))
    )
    check_record(practice)
    return practice


def parse_text_payload(data: bytes) -> PublishedTranslation:
    """Read a `practice-text` blob; raises `Refused`."""
    return read_translation(data, KIND, LIMITS)


def _facts(raw: Mapping[str, object]) -> Facts:
    return in_clean_form(raw, lambda value: clean_facts(value, known_codes=False))
