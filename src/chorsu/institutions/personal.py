"""What is kept on a person, as rows that JSON can hold, for them to take away."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from chorsu.institutions.models import AuditEvent, Connection, Invitation, Membership, Person

Row = dict[str, object]
PIECE = 64 * 1024
"""Characters of a file of JSON that go out together."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, read when they are written down: never two files are in memory."""

    of: QuerySet[Any]
    column: str

    def base64(self) -> str:
        """As JSON has them (RFC 4648); empty if the file is gone meanwhile."""
        return b64encode(self.of.values_list(self.column, flat=True).first() or b"").decode()


def content_of(row: Model, column: str) -> Content:
    """The file in a column of a row that was read without it."""
    return Content(type(row)._default_manager.filter(pk=row.pk), column)


def in_json(told: Mapping[str, object]) -> Iterator[str]:
    """What is told, in pieces of some size, each file as it comes to it."""
    pieces: list[str] = []
    size = 0
    for piece in json.JSONEncoder(ensure_ascii=False, default=_content).iterencode(told):
        pieces.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield "".join(pieces)
            pieces, size = [], 0
    yield "".join(pieces)


def _content(value: object) -> str:
    if isinstance(value, Content):
        return value.base64()
    raise TypeError(f"not for JSON: {type(value)}")


def columns(
    model: type[Model], paths: str | tuple[str, ...], person: Person, *names: str
) -> list[Row]:
    """The rows that lead to the person by any of `paths`, in the order of their keys: the columns
    `names`, or all. Other people's numbers are left out.
    """
    chosen = names or tuple(
        field.attname for field in model._meta.concrete_fields if field.related_model is not Person
    )
    ways = (paths,) if isinstance(paths, str) else paths
    wanted = Q()
    for way in ways:
        wanted |= Q(**{way: person})
    return [members(row, *chosen) for row in model._default_manager.filter(wanted).order_by("pk")]


def members(row: Model, *names: str) -> Row:
    """The named columns of a row; times and days in ISO 8601, bytes in base64 (RFC 4648)."""
    return {name: plain(getattr(row, name)) for name in names}


def plain(value: object) -> object:
    """A value of a column as JSON has it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def about(person: Person) -> Row:
    """Who the person is here; of the password only whether there is one."""
    return {
        "email": person.email,
        "name": person.name,
        "languages": list(person.languages),
        "position": person.position,
        "home": person.home,
        "known_at_home_as": person.home_subject,
        "told_by_home": person.told,
        "only_nominated": person.only_nominated,
        "since": plain(person.created_at),
        "last_signed_in": plain(person.last_login),
        "may_sign_in": person.is_active,
        "has_password": person.has_usable_password(),
    }


def kept_on(person: Person, *, addresses: Collection[str]) -> dict[str, list[Row]]:
    """Roles, invitations and sign-ins at other nodes. `addresses`: all e-mail addresses they have.

    Of an invitation they sent it does not say to whom: that is another person's.
    """
    asked = ("institution_id", "roles", "language", "created_at", "expires_at", "accepted_at")
    invitations = Invitation.objects.filter(_one_of("email", addresses)).order_by("pk")
    return {
        "roles": columns(Membership, "person", person, "institution_id", "role"),
        "invitations": [members(row, *asked, "revoked_at") for row in invitations],
        "invitations_sent": columns(Invitation, "invited_by", person, *asked, "revoked_at"),
        "connected_academies": columns(Connection, "person", person),
    }


def events(
    person: Person, *, addresses: Collection[str], traces: Collection[tuple[str, str]]
) -> list[Row]:
    """What the audit log says that the person did, and that was done with them, oldest first.

    `traces`: things that are the person's by which lines of others name them, as pairs: `enrolment`
    or `certificate`, and its id. Other people are not named: neither who did it, nor to whom.
    """
    guest = f"{person.home_subject} {person.home}"
    certificates = [key for kind, key in traces if kind == "certificate"]
    enrolments = [key for kind, key in traces if kind == "enrolment"]
    about_them = (
        Q(subject_kind="person") & _one_of("subject_id", addresses)
        | Q(subject_kind="guest", subject_id=guest)
        | Q(subject_kind="certificate", subject_id__in=certificates)
        | Q(detail__enrolment__in=enrolments)
        | _one_of("detail__email", addresses)
    )
    own = {address.casefold() for address in (*addresses, guest)}
    rows = AuditEvent.objects.filter(Q(person=person) | about_them).order_by("at", "pk")
    return [_event(row, person, own) for row in rows]


def _event(row: AuditEvent, person: Person, own: Collection[str]) -> Row:
    told = members(row, "at", "action", "subject_kind", "subject_id", "detail")
    told["by_this_person"] = row.person_id == person.pk
    if row.subject_kind in ("person", "guest") and row.subject_id.casefold() not in own:
        # What is said of somebody else is theirs, like their name.
        del told["subject_id"], told["detail"]
        return told
    told["detail"] = {
        name: plain(value)
        for name, value in row.detail.items()
        # The filter of an export may hold the address of whoever was looked for.
        if name != "filter" and (name != "email" or str(value).casefold() in own)
    }
    return told


def _one_of(name: str, addresses: Collection[str]) -> Q:
    """That a column is one of the addresses, in whatever letter case; of none, nothing is."""
    found = Q(pk__in=[])
    for address in addresses:
        found |= Q(**{f"{name}__iexact": address})
    return found
