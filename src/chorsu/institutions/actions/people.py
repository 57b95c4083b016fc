"""What people may do, and what they say of themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from chorsu.institutions import queries, rules
from chorsu.institutions.actions import guards
from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.actions.registering import belongs_here
from chorsu.institutions.errors import RolesChanged
from chorsu.institutions.models import Membership, Person, Role


def set_roles(
    *,
    person_id: int,
    institution_id: str,
    roles: Collection[str],
    by: Person,
    now: datetime,
    before: Collection[str] | None = None,
) -> None:
    """Make `roles` the roles the person holds in this very institution.

    `before` is what the chooser saw; if that no longer holds, RolesChanged. Raises NotAllowed,
    LastAdministrator, ValidationError (`roles`), Person.DoesNotExist.
    """
    guards.require_administrator(by, institution_id)
    wanted = {role.value for role in guards.clean_roles(roles)}
    with transaction.atomic():
        guards.lock_roles()
        # A guest gets no role: what is given to people is given by their own academy.
        person = Person.objects.get(pk=person_id, home="")
        held = Membership.objects.filter(person=person, institution_id=institution_id)
        current = set(held.values_list("role", flat=True))
        if before is not None and current != set(before):
            raise RolesChanged(frozenset(current))
        if wanted == current:
            return
        held.exclude(role__in=wanted).delete()
        for role in wanted - current:
            held.create(person=person, institution_id=institution_id, role=role)
        if wanted:
            belongs_here(person)
        if Role.ADMINISTRATOR.value in current - wanted:
            guards.require_an_administrator_left(institution_id)
        record_event(
            person=by,
            action="person.roles_set",
            subject_kind="person",
            subject_id=person.email,
            detail=_change(institution_id, current, wanted),
            now=now,
        )
    guards.forget_roles(by)


def _change(institution_id: str, before: set[str], after: set[str]) -> dict[str, object]:
    return {"institution": institution_id, "before": sorted(before), "after": sorted(after)}


def deactivate_person(*, person_id: int, by: Person, now: datetime) -> None:
    """Shut a person out; what they wrote stays. Sessions end with their next request.

    Takes an administrator wherever the person holds a role. Raises NotAllowed,
    LastAdministrator, Person.DoesNotExist.
    """
    _set_active(person_id=person_id, active=False, by=by, now=now)


def reactivate_person(*, person_id: int, by: Person, now: datetime) -> None:
    """Let a deactivated person in again, with the roles they have. Raises as deactivating does."""
    _set_active(person_id=person_id, active=True, by=by, now=now)


def _set_active(*, person_id: int, active: bool, by: Person, now: datetime) -> None:
    with transaction.atomic():
        guards.lock_roles()
        person = Person.objects.get(pk=person_id)
        places = set(person.memberships.values_list("institution_id", flat=True))
        for place in places or {queries.node_institution_id()}:
            guards.require_administrator(by, place)
        if person.is_active == active:
            return
        person.is_active = active
        person.save(update_fields=["is_active"])
        for held in person.memberships.filter(role=Role.ADMINISTRATOR):
            guards.require_an_administrator_left(held.institution_id)
        record_event(
            person=by,
            action="person.reactivated" if active else "person.deactivated",
            subject_kind="person",
            subject_id=person.email,
            detail={},
            now=now,
        )


def set_languages(*, person: Person, languages: Collection[str], now: datetime) -> None:
    """Set the person's reading languages, best first; none means: as the page.

    Raises ValidationError (`languages`).
    """
    person.languages = rules.clean_languages(languages)
    with transaction.atomic():
        person.save(update_fields=["languages"])
        _record_own_change(person, "person.languages_set", {"languages": person.languages}, now)


def set_position(*, person: Person, position: str, now: datetime) -> None:
    """Set the category of the person's own position: a code the caller knows; empty: unsaid."""
    if person.position == position:
        return
    person.position = position
    with transaction.atomic():
        person.save(update_fields=["position"])
        _record_own_change(person, "person.position_set", {}, now)


def rename_person(*, person: Person, name: str, now: datetime) -> None:
    """Set the person's own name as this node shows it. Raises ValidationError (`name`)."""
    before, person.name = person.name, rules.clean_person_name(name)
    if before == person.name:
        return
    with transaction.atomic():
        person.save(update_fields=["name"])
        _record_own_change(person, "person.renamed", {"before": before, "after": person.name}, now)


def _record_own_change(
    person: Person, action: str, detail: Mapping[str, object], now: datetime
) -> None:
    record_event(
        person=person,
        action=action,
        subject_kind="person",
        subject_id=person.email,
        detail=detail,
        now=now,
    )
