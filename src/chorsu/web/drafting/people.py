"""Who decides about a draft of this node, where a person may write, what a posted number says."""

from __future__ import annotations

from typing import Protocol

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import InstitutionView, may, own_institutions
from chorsu.institutions.writing import may_edit


def may_publish(person: Person, institution_id: str) -> bool:
    """Whether the person is an editor there."""
    return may(person, Role.EDITOR, institution_id)


class Draft(Protocol):
    """What is asked of a draft of any kind; `created_by` is a name."""

    @property
    def institution_id(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def created_by(self) -> str: ...


def may_save(draft: Draft, person: Person) -> bool:
    """Whether the person may save this draft: a submitted one is the editors'."""
    return draft.state != "submitted" or may_publish(person, draft.institution_id)


def may_discard(draft: Draft, person: Person) -> bool:
    """Whether the page offers to throw the draft away; the action asks again."""
    return may_publish(person, draft.institution_id) or draft.created_by == str(person)


def places_to_write(person: Person) -> list[InstitutionView]:
    """The institutions of this node for which the person may write."""
    return [view for view in own_institutions() if may_edit(person, view.id)]


def number(text: str | None) -> int:
    """A version or number as posted; -1 for anything else, which no version ever is."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
