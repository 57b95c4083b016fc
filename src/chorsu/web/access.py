"""Who asks: the signed-in person of a request, or a refusal that the error pages explain."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import find_institution, may, node_institution_id


def signed_in(request: HttpRequest) -> Person:
    """The person of a request to a page behind `login_required`."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def administrator(request: HttpRequest, institution_id: str) -> Person:
    """The person, if they are an administrator there; PermissionDenied otherwise.

    An institution that does not exist is refused alike: there is nothing to learn from it.
    """
    person = signed_in(request)
    if find_institution(institution_id) is None:
        raise PermissionDenied
    if not may(person, Role.ADMINISTRATOR, institution_id):
        raise PermissionDenied
    return person


def node_administrator(request: HttpRequest) -> Person:
    """The person, if they are an administrator of the institution the node hosts."""
    return administrator(request, node_institution_id())
