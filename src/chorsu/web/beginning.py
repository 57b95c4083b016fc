"""Doors beside a practice for those who may: begin a new one from its text, erase of it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import (
    is_member,
    may,
    node_institution_id,
    own_institutions,
    roles,
)
from chorsu.practices import queries
from chorsu.practices.errors import PracticeWithdrawn


def may_begin(person: Person | AnonymousUser, institution_id: str) -> bool:
    """Whether the person writes for the institution, and it is one of this node."""
    if not is_member(person) or institution_id not in {one.id for one in own_institutions()}:
        return False
    return bool(roles(person, institution_id) & {Role.CONTRIBUTOR, Role.EDITOR})


def begin_url(person: Person | AnonymousUser, withdrawn: PracticeWithdrawn) -> str:
    """The page on which a practice is begun from a withdrawn one; empty for who may not."""
    if not may_begin(person, withdrawn.institution_id):
        return ""
    return reverse("practice-begin", args=[withdrawn.practice_id])


def erase_url(person: Person | AnonymousUser, practice_id: UUID) -> str:
    """The page on which content of an own practice is erased; empty for who may not."""
    if not isinstance(person, Person) or not may(person, Role.ADMINISTRATOR, node_institution_id()):
        return ""
    if queries.origin_of(practice_id) != settings.NODE_NAME:
        return ""
    return reverse("practice-erase", args=[practice_id])
