"""Who answers for this node: whom it tells what only a person can put right."""

from __future__ import annotations

from django.conf import settings

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import chain, may, node_institution_id, reading_languages


def administrators() -> list[Person]:
    """Those who administer the institution that the node hosts, by number. Two queries."""
    here = node_institution_id()
    rows = Person.objects.filter(
        memberships__role=Role.ADMINISTRATOR, memberships__institution_id__in=chain(here)
    )
    found = rows.distinct().order_by("pk").prefetch_related("memberships")
    return [person for person in found if may(person, Role.ADMINISTRATOR, here)]


def administrator(person_id: int) -> Person | None:
    """The same person, if they are still one of them."""
    person = Person.objects.filter(pk=person_id).first()
    answers = person is not None and may(person, Role.ADMINISTRATOR, node_institution_id())
    return person if answers else None


def language_of(person: Person) -> str:
    """The language in which the node writes to them: the first they read, else its own."""
    return next(iter(reading_languages(person)), settings.NODE.text("node.language"))
