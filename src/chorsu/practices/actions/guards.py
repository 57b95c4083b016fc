"""What is asked before a draft changes: which version it is, and which texts a person wrote."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.practices.errors import DraftConflict, NoSuchDraft, NoSuchPractice
from chorsu.practices.models import Draft
from chorsu.practices.queries.published import as_uuid
from chorsu.practices.queries.work import draft_view
from chorsu.practices.rules import Facts


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
