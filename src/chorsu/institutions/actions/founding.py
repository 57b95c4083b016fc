"""The first people of a node, made at its own command line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.actions.guards import clean_roles
from chorsu.institutions.models import Membership, Person


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    password: str,
    institution_id: str,
    roles: Collection[str],
    now: datetime,
) -> Person:
    """Make a person with these roles, or give an existing one the roles they lack.

    An existing person keeps name and password. Raises ValidationError for an unknown role.
    """
    wanted = clean_roles(roles)
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        person = Person.objects.create_user(email, password, name=name)
    for role in wanted:
        Membership.objects.get_or_create(
            person=person, institution_id=institution_id, role=role.value
        )
    record_event(
        person=None,
        action="person.added",
        subject_kind="person",
        subject_id=person.email,
        detail={"institution": institution_id, "roles": [role.value for role in wanted]},
        now=now,
    )
    return person
