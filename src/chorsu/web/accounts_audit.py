"""Sign-ins and changes of credentials, which allauth carries out, go into the audit log.

allauth tells of them by signals only; each receiver writes one line and does nothing else.
"""

from __future__ import annotations

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.institutions.queries import person_by_email
from chorsu.kernel.clock import utc_now


def _record(person: Person, action: str, **detail: str) -> None:
    record_event(
        person=person,
        action=action,
        subject_kind="person",
        subject_id=person.email,
        detail=detail,
        now=utc_now(),
    )


@receiver(account.user_logged_in)
def _signed_in(user: Person, **_rest: object) -> None:
    _record(user, "person.signed_in")


@receiver(account.user_logged_out)
def _signed_out(user: Person | None, **_rest: object) -> None:
    if user is not None:
        _record(user, "person.signed_out")


@receiver(user_login_failed)
def _sign_in_failed(credentials: dict[str, str], **_rest: object) -> None:
    # Only for addresses that exist: anybody can type any other, without end.
    person = person_by_email(credentials.get("email") or "")
    if person is not None:
        _record(person, "person.sign_in_failed")


@receiver(mfa.authentication_failed)
def _second_step_failed(user: Person, **_rest: object) -> None:
    _record(user, "person.second_step_failed")


@receiver(account.password_changed)
@receiver(account.password_set)
def _password_changed(user: Person, **_rest: object) -> None:
    _record(user, "person.password_changed")


@receiver(account.password_reset)
def _password_reset(user: Person, **_rest: object) -> None:
    _record(user, "person.password_reset")


@receiver(account.email_changed)
def _address_changed(user: Person, to_email_address: EmailAddress, **rest: object) -> None:
    before = rest.get("from_email_address")
    _record(user, "person.address_changed", before=str(getattr(before, "email", "")))


@receiver(mfa.authenticator_added)
def _factor_added(user: Person, authenticator: Authenticator, **_rest: object) -> None:
    _record(user, "person.factor_added", type=authenticator.type)


@receiver(mfa.authenticator_removed)
def _factor_removed(user: Person, authenticator: Authenticator, **_rest: object) -> None:
    _record(user, "person.factor_removed", type=authenticator.type)


@receiver(mfa.authenticator_reset)
def _factor_reset(user: Person, authenticator: Authenticator, **_rest: object) -> None:
    _record(user, "person.factor_reset", type=authenticator.type)
