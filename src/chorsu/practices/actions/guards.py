"""What is asked before anything changes: who may, which version, and whether a person shows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chorsu.institutions import queries as institutions
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.kernel.text import fold, normalise
from chorsu.kernel.text import words as folded_words
from chorsu.practices.errors import DraftConflict, NoSuchDraft, NoSuchPractice
from chorsu.practices.models import Draft
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import draft_view, may_edit
from chorsu.practices.rules import NOTE_MAX, Facts, FieldError, InvalidPractice

_HAN_NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{3,}")


def require(by: Person, role: Role, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person holds the role there."""
    if not institutions.may(by, role, institution_id):
        raise NotAllowed(role)


def require_writer(by: Person, institution_id: str) -> None:
    """Raise `NotAllowed` unless the person may write drafts there."""
    if not may_edit(by, institution_id):
        raise NotAllowed(Role.CONTRIBUTOR)


def locked_draft(draft_id: str) -> Draft:
    """The draft, held until the transaction ends; raises `NoSuchDraft`."""
    try:
        key = as_uuid(draft_id)
    except NoSuchPractice:
        raise NoSuchDraft(draft_id[:50]) from None
    row = Draft.objects.select_for_update().filter(pk=key).first()
    if row is None:
        raise NoSuchDraft(draft_id)
    return row


def check_version(draft: Draft, version: int) -> None:
    """Raise `DraftConflict` if somebody saved since `version` was read."""
    if draft.version != version:
        raise DraftConflict(draft_view(draft))


def clean_note(note: str) -> str:
    """A note on one line; raises `InvalidPractice`."""
    text = " ".join(normalise(note).split())
    if len(text) > NOTE_MAX:
        raise InvalidPractice([FieldError("note", "too_long", {"max": NOTE_MAX})])
    return text


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


def texts_of(words: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Every text that a person could have written into words or facts, by field."""
    found = dict(words)
    for position, contact in enumerate(facts["contacts"]):
        found[f"contacts.{position}.email"] = contact["email"]
        found[f"contacts.{position}.url"] = contact["url"]
    for position, source in enumerate(facts["sources"]):
        found[f"sources.{position}.title"] = source["title"]
        found[f"sources.{position}.url"] = source["url"]
    return {field: text for field, text in found.items() if text}


def _spellings(name: str) -> set[str]:
    parts = folded_words(name)
    if len(parts) >= 2:
        return {f" {' '.join(parts)} ", f" {' '.join([*parts[1:], parts[0]])} "}
    # Chinese is written without spaces: the name may stand inside a longer run.
    return {parts[0]} if parts and _HAN_NAME.fullmatch(parts[0]) else set()
