"""People whom somebody nominated or listed; undone while they never signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries, rules
from chorsu.institutions.actions import guards
from chorsu.institutions.actions.audit import record_event, record_events
from chorsu.institutions.errors import AlreadyHere
from chorsu.institutions.models import Membership, Person, Role


@transaction.atomic
def register_person(
    *, email: str, name: str, language: str, institution_id: str, by: Person, now: datetime
) -> Person:
    """Make an account without a password, and with no role, for somebody who is nominated at an
    institution: they choose a password by a mailed link, and read what the public reads until
    `accept_people`.

    The caller has asked who may. Raises `AlreadyHere`, ValidationError (`email`, `name`,
    `language`).
    """
    person = _without_password(email, name, language)
    person.only_nominated = True
    person.save()
    _record(by, "person.registered", person, institution_id, now)
    return person


@transaction.atomic
def register_member(
    *,
    email: str,
    name: str,
    language: str,
    position: str,
    roles: Collection[str],
    institution_id: str,
    by: Person,
    now: datetime,
) -> Person:
    """Make an account without a password for somebody of an institution, with roles there: they
    choose a password by a mailed link. `position` is a code that the caller knows, or empty.

    Raises `NotAllowed` (no administrator there), `AlreadyHere`, ValidationError (`email`, `name`,
    `language`, `roles`).
    """
    guards.require_administrator(by, institution_id)
    wanted = guards.clean_roles(roles)
    person = _without_password(email, name, language)
    person.position = position
    person.save()
    for role in wanted:
        Membership.objects.create(person=person, institution_id=institution_id, role=role)
    _record(by, "person.listed", person, institution_id, now)
    return person


@transaction.atomic
def unregister_member(*, person_id: int, institution_id: str, by: Person, now: datetime) -> bool:
    """Remove somebody who was listed by mistake, unless they have signed in or belong elsewhere;
    whether they are gone. Raises `NotAllowed` (no administrator there).
    """
    guards.require_administrator(by, institution_id)
    person = Person.objects.select_for_update().filter(pk=person_id, last_login=None).first()
    if person is None or person.has_usable_password():
        return False
    if person.memberships.exclude(institution_id=institution_id).exists():
        return False
    _record(by, "person.unregistered", person, institution_id, now)
    person.delete()
    return True


def _without_password(email: str, name: str, language: str) -> Person:
    """Somebody new, not yet stored. Raises as `register_person`."""
    email, name = rules.clean_email(email), rules.clean_person_name(name)
    if not rules.clean_languages([language]):
        raise ValidationError({"language": _("Choose a language.")})
    existing = queries.person_by_email(email)
    if existing is not None:
        raise AlreadyHere(existing.pk, active=existing.is_active)
    person = Person(email=email, name=name, languages=[language])
    person.set_unusable_password()
    return person


@transaction.atomic
def accept_people(
    *, person_ids: Collection[int], institution_id: str, by: Person | None, now: datetime
) -> None:
    """Make those who were only nominated readers of the institution that has taken them; of
    others nothing changes. `by` None: a place came free. The caller has asked who may. Four
    queries, however many they are.
    """
    rows = Person.objects.select_for_update().filter(pk__in=person_ids, only_nominated=True)
    people = list(rows.order_by("pk"))
    if not people:
        return
    Person.objects.filter(pk__in=[one.pk for one in people]).update(only_nominated=False)
    Membership.objects.bulk_create(
        [Membership(person=one, institution_id=institution_id, role=Role.READER) for one in people],
        ignore_conflicts=True,
    )
    record_events(
        person=by,
        action="person.accepted",
        subject_kind="person",
        subjects=[(one.email, {"institution": institution_id}) for one in people],
        now=now,
    )


def belongs_here(person: Person) -> None:
    """Whoever is given a role is no longer only nominated. In the caller's transaction."""
    if person.only_nominated:
        person.only_nominated = False
        person.save(update_fields=["only_nominated"])


@transaction.atomic
def only_nominated_again(*, person_id: int, institution_id: str, by: Person) -> None:
    """Somebody whom a list made a member by mistake is as they were before, unless they have a role
    somewhere. Raises `NotAllowed` (no administrator there).
    """
    guards.require_administrator(by, institution_id)
    Person.objects.filter(pk=person_id, home="", memberships=None).update(only_nominated=True)


@transaction.atomic
def unregister_person(*, person_id: int, institution_id: str, by: Person, now: datetime) -> bool:
    """Remove somebody who was registered by mistake, unless they have signed in, have got a role
    or were accepted; whether they are gone. The caller has asked who may.
    """
    person = Person.objects.select_for_update().filter(pk=person_id, last_login=None).first()
    if person is None or person.has_usable_password():
        return False
    if not person.only_nominated:
        return False
    _record(by, "person.unregistered", person, institution_id, now)
    person.delete()
    return True


def _record(
    by: Person | None, action: str, person: Person, institution_id: str, now: datetime
) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="person",
        subject_id=person.email,
        detail={"institution": institution_id},
        now=now,
    )
