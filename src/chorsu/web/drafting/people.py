"""Who decides about a draft of this node, where a person may write, what a posted number says."""

from __future__ import annotations

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import InstitutionView, may, own_institutions
from chorsu.institutions.writing import may_edit


def may_publish(person: Person, institution_id: str) -> bool:
    """Whether the person is an editor there."""
    return may(person, Role.EDITOR, institution_id)


def places_to_write(person: Person) -> list[InstitutionView]:
    """The institutions of this node for which the person may write."""
    return [view for view in own_institutions() if may_edit(person, view.id)]


def number(text: str | None) -> int:
    """A version or number as posted; -1 for anything else, which no version ever is."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
