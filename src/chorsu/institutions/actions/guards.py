"""What several actions ask before they change anything."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries
from chorsu.institutions.errors import LastAdministrator, NotAllowed
from chorsu.institutions.models import Institution, Membership, Person, Role


def clean_roles(roles: Collection[str]) -> list[Role]:
    try:
        wanted = {Role(role) for role in roles}
    except ValueError as error:
        raise ValidationError({"roles": _("One of these is not a role.")}) from error
    return [role for role in Role if role in wanted]


def require_administrator(by: Person, institution_id: str) -> None:
    own = {view.id for view in queries.own_institutions()}
    if institution_id not in own or not queries.may(by, Role.ADMINISTRATOR, institution_id):
        raise NotAllowed(Role.ADMINISTRATOR)


def lock_roles() -> None:
    """One change of roles at a time: two administrators might otherwise remove each other."""
    Institution.objects.select_for_update().filter(pk=queries.node_institution_id()).first()


def require_an_administrator_left(institution_id: str) -> None:
    left = Membership.objects.filter(
        institution_id__in=queries.chain(institution_id),
        role=Role.ADMINISTRATOR,
        person__is_active=True,
    )
    if not left.exists():
        raise LastAdministrator


def forget_roles(person: Person) -> None:
    """Let the next question about this object's roles read them anew."""
    getattr(person, "_prefetched_objects_cache", {}).pop("memberships", None)
