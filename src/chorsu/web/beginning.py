"""Where a new practice may be begun with the text of an old one, for those who may."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import is_member, own_institutions, roles
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
