"""Disclosing: all that this node keeps on one person, from every room, in one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction

from chorsu.institutions import personal
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.personal import Row, columns, plain
from chorsu.institutions.queries import may, node_institution_id
from chorsu.kernel.clock import format_time
from chorsu.practices.queries.personal import kept_on as written
from chorsu.search.saved import kept_on as searches
from chorsu.tools.queries.content import contents_of
from chorsu.tools.queries.platforms import lines_of
from chorsu.training.queries.acts import acts_of
from chorsu.training.queries.ledger import may_take_data
from chorsu.training.queries.personal import everything_on as own_training
from chorsu.training.queries.personal import kept_on as trained
from chorsu.training.queries.personal import told_to_others, traces

FORMAT = 1
"""Of the file; moves when a member of it is renamed or goes."""


def everything_on(person: Person, *, now: datetime, private: bool = True) -> dict[str, object]:
    """All there is on the person: nothing that would let anybody sign in, nothing on others.
    `private`: with what was promised to be read by nobody else.

    Members are named for the rooms that keep them; times are ISO 8601, files base64.
    """
    mailboxes = columns(EmailAddress, "user", person, "email", "verified", "primary")
    # Anybody may enter anybody's address: what is found by one is told once it is confirmed.
    addresses = {str(row["email"]) for row in mailboxes if row["verified"]} | {person.address}
    return {
        "format": FORMAT,
        "node": settings.NODE_NAME,
        "at": format_time(now),
        "person": personal.about(person),
        "account": {
            "e_mail_addresses": mailboxes,
            "ways_to_sign_in": columns(
                Authenticator, "user", person, "type", "created_at", "last_used_at"
            ),
            "sessions": list(_sessions(person, now)),
            "sign_ins_elsewhere_under_way": columns(
                Token, "user", person, "type", "client_id", "scopes", "created_at", "expires_at"
            ),
        },
        **personal.kept_on(person, addresses=addresses),
        "saved_searches": searches(person),
        "practices": written(person),
        "training": {**trained(person, private=private), **acts_of(person)},
        "learning_systems": lines_of(person.pk),
        "chosen_in_tools": contents_of(person.pk),
        "events": personal.events(person, addresses=addresses, traces=traces(person)),
    }


@transaction.atomic
def disclose(*, person: Person, by: Person, now: datetime) -> dict[str, object]:
    """All there is on somebody, for an administrator of the node who answers their request; the
    audit log says that it was taken. Raises `NotAllowed`.
    """
    if not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)
    _record(person, by, now)
    return everything_on(person, now=now, private=False)


def training_on(person: Person, *, now: datetime) -> dict[str, object]:
    """All that training and its tools keep on a person, for themself."""
    return _training(person, own_training(person), now)


@transaction.atomic
def disclose_training(*, person: Person, by: Person, now: datetime) -> dict[str, object]:
    """The training of somebody, for who answers for it wherever they are known; the audit log says
    that it was taken. What they did for others is not in it. Raises `NotAllowed`.
    """
    if not may_take_data(by, person):
        raise NotAllowed(Role.TRAINING_OFFICER)
    _record(person, by, now)
    return _training(person, told_to_others(person), now)


def _training(person: Person, told: dict[str, object], now: datetime) -> dict[str, object]:
    return {
        "node": settings.NODE_NAME,
        "at": format_time(now),
        **told,
        "learning_systems": lines_of(person.pk),
        "chosen_in_tools": contents_of(person.pk),
    }


def _record(person: Person, by: Person, now: datetime) -> None:
    record_event(
        person=by,
        action="person.data_taken",
        subject_kind="guest" if person.is_guest else "person",
        subject_id=f"{person.home_subject} {person.home}" if person.is_guest else person.email,
        detail={},
        now=now,
    )


def _sessions(person: Person, now: datetime) -> Iterator[Row]:
    """Where the person is signed in: when and how they came in, and until when it holds.

    A session is stored under its key, with the person inside: all that hold now are read.
    """
    for row in Session.objects.filter(expire_date__gt=now).order_by("expire_date").iterator():
        inside = row.get_decoded()
        if inside.get("_auth_user_id") == str(person.pk):
            came_in = inside.get("account_authentication_methods", [])
            yield {
                "until": plain(row.expire_date),
                "signed_in": [
                    {"by": one["method"], "at": plain(datetime.fromtimestamp(one["at"], UTC))}
                    for one in came_in
                ],
            }
