"""Inviting people and letting them in."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries, rules
from chorsu.institutions.actions import guards
from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.actions.registering import belongs_here
from chorsu.institutions.errors import AlreadyHere, InvitationState, InvitationUnusable
from chorsu.institutions.models import Invitation, Membership, Person


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """A fresh invitation; `token` goes into the mailed link and is kept nowhere."""

    id: int
    token: str
    email: str
    language: str
    expires_at: datetime


def invite(
    *,
    by: Person,
    email: str,
    institution_id: str,
    roles: Collection[str],
    language: str,
    now: datetime,
) -> IssuedInvitation:
    """Make an invitation for 14 days; an open one for the same address and place is revoked.

    Raises NotAllowed, AlreadyHere, or ValidationError (`email`, `roles`, `language`).
    """
    guards.require_administrator(by, institution_id)
    email = rules.clean_email(email)
    wanted = guards.clean_roles(roles)
    if not wanted:
        raise ValidationError({"roles": _("Choose at least one role.")})
    if not rules.clean_languages([language]):
        raise ValidationError({"language": _("Choose a language.")})
    existing = queries.person_by_email(email)
    if existing is not None:
        raise AlreadyHere(existing.pk, active=existing.is_active)
    token = secrets.token_urlsafe(32)
    made = Invitation(
        token_hash=queries.token_hash(token),
        email=email,
        institution_id=institution_id,
        roles=[role.value for role in wanted],
        language=language,
        invited_by=by,
        created_at=now,
        expires_at=now + rules.INVITATION_LASTS,
    )
    _replace_open_ones(made, by=by, now=now)
    return IssuedInvitation(made.pk, token, email, language, made.expires_at)


def _replace_open_ones(made: Invitation, *, by: Person, now: datetime) -> None:
    """Store an invitation; of one address and place only the newest link works."""
    with transaction.atomic():
        Invitation.objects.filter(
            institution_id=made.institution_id,
            email__iexact=made.email,
            accepted_at=None,
            revoked_at=None,
        ).update(revoked_at=now)
        made.save()
        record_event(
            person=by,
            action="invitation.sent",
            subject_kind="institution",
            subject_id=made.institution_id,
            detail={"email": made.email, "roles": made.roles},
            now=now,
        )


def revoke_invitation(*, invitation_id: int, by: Person, now: datetime) -> None:
    """End an open or expired invitation. Raises InvitationUnusable, NotAllowed."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
        if row is None:
            raise InvitationUnusable(InvitationState.UNKNOWN)
        guards.require_administrator(by, row.institution_id)
        state = queries.state_of(row, now)
        if state in (InvitationState.USED, InvitationState.REVOKED):
            raise InvitationUnusable(state)
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record_event(
            person=by,
            action="invitation.revoked",
            subject_kind="institution",
            subject_id=row.institution_id,
            detail={"email": row.email},
            now=now,
        )


def accept_invitation(*, token: str, name: str, password: str, now: datetime) -> Person:
    """Make the invited person with a name and a password, and give them the roles.

    Raises InvitationUnusable, AlreadyHere (the address got an account in between) or
    ValidationError (`name`, `password`); then nothing was changed.
    """
    with transaction.atomic():
        row = _open_invitation(token, now)
        existing = queries.person_by_email(row.email)
        if existing is not None:
            raise AlreadyHere(existing.pk, active=existing.is_active)
        name = rules.clean_person_name(name)
        try:
            validate_password(password, Person(email=row.email, name=name))
        except ValidationError as error:
            raise ValidationError({"password": error.error_list}) from error
        person = Person(email=row.email, name=name, languages=[row.language])
        person.set_password(password)
        person.save()
        _use_invitation(row, person, now)
    return person


def join_by_invitation(*, token: str, person: Person, now: datetime) -> None:
    """Give a person who has an account already the roles of an invitation to their address.

    Raises InvitationUnusable; one sent to another address counts as unknown.
    """
    with transaction.atomic():
        row = _open_invitation(token, now)
        if row.email.casefold() != person.email.casefold():
            raise InvitationUnusable(InvitationState.UNKNOWN)
        _use_invitation(row, person, now)


def _open_invitation(token: str, now: datetime) -> Invitation:
    """The invitation of this token, locked, if it can be used."""
    row = (
        Invitation.objects.select_for_update().filter(token_hash=queries.token_hash(token)).first()
    )
    state = InvitationState.UNKNOWN if row is None else queries.state_of(row, now)
    if row is None or state is not InvitationState.OPEN:
        raise InvitationUnusable(state)
    return row


def _use_invitation(row: Invitation, person: Person, now: datetime) -> None:
    row.accepted_at = now
    row.save(update_fields=["accepted_at"])
    for role in row.roles:
        Membership.objects.get_or_create(
            person=person, institution_id=row.institution_id, role=role
        )
    belongs_here(person)
    guards.forget_roles(person)
    record_event(
        person=person,
        action="invitation.accepted",
        subject_kind="institution",
        subject_id=row.institution_id,
        detail={"roles": row.roles},
        now=now,
    )
