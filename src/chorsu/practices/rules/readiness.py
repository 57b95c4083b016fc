"""What a practice still needs before it may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chorsu.practices.rules.fields import TEXT_FIELDS, WORDS, Facts
from chorsu.records.fields import FieldError


def missing_for_publication(
    words: Mapping[str, str], facts: Facts, refused: Sequence[FieldError] = ()
) -> list[FieldError]:
    """`refused`, and one `missing` for each other thing a reader must find; empty: publish it.

    Takes clean words and facts. An indicator needs a name and a value, a contact its office, a
    source a title. Years may stay open: some sources do not tell them.
    """
    told = {error.field for error in refused}
    missing = [field.name for field in TEXT_FIELDS if field.required and not words.get(field.name)]
    if not facts["themes"]:
        missing.append("themes")
    missing += [name for name in ("level", "country", "status") if not facts[name]]
    for position, indicator in enumerate(facts["indicators"]):
        if not words.get(f"indicators.{indicator['key']}.name"):
            missing.append(f"indicators.{indicator['key']}.name")
        if not indicator["value"] and f"indicators.{indicator['key']}.value" not in told:
            missing.append(f"indicators.{position}.value")
    for contact in facts["contacts"]:
        if not words.get(f"contacts.{contact['key']}.office"):
            missing.append(f"contacts.{contact['key']}.office")
    for position, source in enumerate(facts["sources"]):
        if not source["title"] and f"sources.{source['key']}.title" not in told:
            missing.append(f"sources.{position}.title")
    return [*refused, *(FieldError(name, "missing") for name in missing if name not in told)]


def words_without_row(words: Mapping[str, str], facts: Facts, files: frozenset[str]) -> list[str]:
    """Names of words that speak of an indicator, contact or file which is not there."""
    keys = {
        "indicators": {row["key"] for row in facts["indicators"]},
        "contacts": {row["key"] for row in facts["contacts"]},
        "files": set(files),
    }
    return WORDS.without_row(words, keys)
