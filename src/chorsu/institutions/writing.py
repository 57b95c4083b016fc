"""What is asked of those who write records: whether they may, and whether a person shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from chorsu.institutions import queries
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.kernel.languages import by_tag
from chorsu.kernel.text import fold, normalise
from chorsu.kernel.text import words as folded_words
from chorsu.records.fields import (
    REASON_MAX,
    TRANSLATED_BY_MAX,
    TRANSLATIONS,
    FieldError,
    InvalidRecord,
    Words,
)
from chorsu.records.forms import PublishedText
from chorsu.records.words import one_line

_HAN_NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{3,}")


def may_edit(person: Person, institution_id: str) -> bool:
    """Whether the person may write drafts of the institution."""
    held = queries.roles(person, institution_id)
    return Role.CONTRIBUTOR in held or Role.EDITOR in held


def may_translate(person: Person) -> bool:
    """Whether the person translates at this node: in any of its institutions."""
    return any(queries.may(person, Role.TRANSLATOR, view.id) for view in queries.own_institutions())


def require(by: Person, role: Role, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person holds the role there."""
    if not queries.may(by, role, institution_id):
        raise NotAllowed(role)


def require_writer(by: Person, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person may write drafts there."""
    if not may_edit(by, institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)


def require_own(institution_id: str, role: Role) -> None:
    """Raise `NotAllowed` unless the institution is of this node."""
    if institution_id not in {view.id for view in queries.own_institutions()}:
        raise NotAllowed(role)


def personal_data(texts: Mapping[str, str]) -> list[FieldError]:
    """Which of these texts (field -> text) hold the address or full name of a person of this node.

    A name counts if it is of two words or more, in either order and any letter case, or written
    in three or more Han characters; shorter ones occur in ordinary text. One query.
    """
    addresses: set[str] = set()
    names: set[str] = set()
    for email, name in Person.objects.values_list("email", "name"):
        addresses.add(fold(email))
        names |= _spellings(name)
    folded = {field: fold(text) for field, text in texts.items()}
    worded = {field: f" {' '.join(folded_words(text))} " for field, text in texts.items()}
    # One look at everything first: nearly always nobody shows.
    all_folded, all_worded = "\n".join(folded.values()), "\n".join(worded.values())
    addresses = {address for address in addresses if address in all_folded}
    names = {name for name in names if name in all_worded}
    errors = [
        FieldError(field, "personal_email")
        for field, text in folded.items()
        if any(address in text for address in addresses)
    ]
    errors += [
        FieldError(field, "personal_name")
        for field, text in worded.items()
        if any(name in text for name in names)
    ]
    return errors


def clean_reason(reason: str) -> str:
    """The reason of a withdrawal, as everybody will read it; raises `InvalidRecord` (`reason`)."""
    text = normalise(reason)
    if not text:
        raise InvalidRecord([FieldError("reason", "missing")])
    if len(text) > REASON_MAX:
        raise InvalidRecord([FieldError("reason", "too_long", {"max": REASON_MAX})])
    if errors := personal_data({"reason": text}):
        raise InvalidRecord(errors)
    return text


def ready_text(text: PublishedText, words: Words, original_language: str) -> PublishedText:
    """A translation that comes ready (samples, an import), with these words, made fit to publish.

    Raises `InvalidRecord` with paths below `texts.<language>`; `UnknownLanguage`.
    """
    where = f"texts.{by_tag(text.language).tag}"
    errors = [
        FieldError(f"{where}.{name}", "missing")
        for name in ("title", "summary")
        if not words.get(name)
    ]
    if text.language == original_language or text.provenance not in TRANSLATIONS:
        errors.append(FieldError(where, "unknown", {"value": text.provenance}))
    told = {f"{where}.{name}": value for name, value in words.items()}
    errors += personal_data({**told, f"{where}.translated_by": text.translated_by})
    if errors:
        raise InvalidRecord(errors)
    named = one_line(text.translated_by)[:TRANSLATED_BY_MAX]
    return replace(text, translated_by=named, words=words)


def _spellings(name: str) -> set[str]:
    parts = folded_words(name)
    if len(parts) >= 2:
        return {f" {' '.join(parts)} ", f" {' '.join([*parts[1:], parts[0]])} "}
    # Chinese is written without spaces: the name may stand inside a longer run.
    return {parts[0]} if parts and _HAN_NAME.fullmatch(parts[0]) else set()
