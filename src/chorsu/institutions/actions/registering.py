"""People who are here because they were nominated to learn; undone while they never signed in."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries, rules
from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.errors import AlreadyHere
from chorsu.institutions.models import Membership, Person, Role


@transaction.atomic
def register_person(
    *, email: str, name: str, language: str, institution_id: str, by: Person, now: datetime
) -> Person:
    """Make a reader of an institution without a password: they choose one by a mailed link.

    The caller has asked who may. Raises `AlreadyHere`, ValidationError (`email`, `name`,
    `language`).
    """
    email, name = rules.clean_email(email), rules.clean_person_name(name)
    if not rules.clean_languages([language]):
        raise ValidationError({"language": _("Choose a language.")})
    existing = queries.person_by_email(email)
    if existing is not None:
        raise AlreadyHere(existing.pk, active=existing.is_active)
    person = Person(email=email, name=name, languages=[language])
    person.set_unusable_password()
    person.save()
    Membership.objects.create(person=person, institution_id=institution_id, role=Role.READER)
    _record(by, "person.registered", person, institution_id, now)
    return person


@transaction.atomic
def unregister_person(*, person_id: int, by: Person, now: datetime) -> bool:
    """Remove somebody who was registered by mistake, unless they have signed in or got a further
    role; whether they are gone. The caller has asked who may.
    """
    person = Person.objects.select_for_update().filter(pk=person_id, last_login=None).first()
    if person is None or person.has_usable_password():
        return False
    held = list(person.memberships.values_list("role", "institution_id"))
    if [role for role, _place in held] != [Role.READER]:
        return False
    _record(by, "person.unregistered", person, held[0][1], now)
    person.delete()
    return True


def _record(by: Person, action: str, person: Person, institution_id: str, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="person",
        subject_id=person.email,
        detail={"institution": institution_id},
        now=now,
    )
