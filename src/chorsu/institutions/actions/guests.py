"""Guests: people who sign in from the node that is their home, until it has them forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.errors import GuestForgotten, GuestShutOut, NotAllowed
from chorsu.institutions.models import Forgetting, Person, Role
from chorsu.institutions.queries import may, node_institution_id
from chorsu.institutions.rules import LEARNING_SYSTEM
from chorsu.wire.identity import Identity


@transaction.atomic
def welcome_guest(*, node: str, identity: Identity, now: datetime) -> Person:
    """The guest whom their home, the peer `node`, has just signed in; made if they are new.

    What the home tells replaces what it told before: what is no longer told is no longer kept.
    Raises `GuestForgotten`, `GuestShutOut`.
    """
    _one_at_a_time(node, identity.subject)
    if Forgetting.objects.filter(node=node, subject=identity.subject).exists():
        raise GuestForgotten(identity.subject)
    found, is_new = Person.objects.select_for_update().get_or_create(
        home=node, home_subject=identity.subject, defaults={"password": "!"}
    )
    if not found.is_active:
        raise GuestShutOut(identity.subject)
    found.name = identity.name
    # Languages that the guest chose here are theirs; one that was told goes with what told it.
    if found.languages in ([], [found.told.get("language")]):
        found.languages = [identity.language] if identity.language else []
    found.told = {
        name: value
        for name, value in (
            ("email", identity.email),
            ("position", identity.position),
            ("language", identity.language),
        )
        if value
    }
    # A password made anew would sign the guest out wherever else they are.
    if is_new or found.has_usable_password():
        found.set_unusable_password()
    found.save()
    action = "guest.welcomed" if is_new else "guest.signed_in"
    _record(action, node, identity.subject, {}, found, now)
    return found


@transaction.atomic
def let_in(*, person_id: int, active: bool, by: Person, now: datetime) -> None:
    """Shut a guest out, or let them in again; their sessions end at once.

    Raises `NotAllowed` for whoever is no administrator of the node's institution, `LookupError` if
    there is no such guest.
    """
    if not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)
    guests = Person.objects.select_for_update().exclude(home="")
    guest = guests.filter(pk=person_id).first()
    if guest is None:
        raise LookupError(person_id)
    if guest.is_active == active:
        return
    guest.is_active = active
    guest.save(update_fields=["is_active"])
    action = "guest.let_in" if active else "guest.shut_out"
    _record(action, guest.home, guest.home_subject, {}, by, now)


@transaction.atomic
def forget_guest(*, node: str, subject: str, now: datetime) -> tuple[int, datetime]:
    """Delete a guest with all that hangs on them; asked again, answers as it did.

    Returns how many rows went and when. What others did with the guest's work (a mark, a message
    to a whole cohort) hangs on the guest or does not name them.
    """
    _one_at_a_time(node, subject)
    kept, is_new = Forgetting.objects.select_for_update().get_or_create(
        node=node, subject=subject, defaults={"forgotten_at": now, "rows": 0}
    )
    if not is_new:
        return kept.rows, kept.forgotten_at
    person = Person.objects.filter(home=node, home_subject=subject).first()
    if person is not None:
        kept.rows, _by_table = person.delete()
        kept.save(update_fields=["rows"])
    _record("guest.forgotten", node, subject, {"rows": kept.rows}, None, now)
    return kept.rows, kept.forgotten_at


@transaction.atomic
def remove_visitor(*, person_id: int, by: Person, now: datetime) -> int:
    """Delete a guest who came by a learning system's link, with all that hangs on them.

    There is no home that could ask for it. Who opens the link again is somebody new. Returns how
    many rows went. Raises `NotAllowed` for whoever is no administrator of the node's institution,
    `LookupError` if there is no such guest.
    """
    if not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)
    rows = Person.objects.select_for_update().filter(home__startswith=LEARNING_SYSTEM)
    guest = rows.filter(pk=person_id).first()
    if guest is None:
        raise LookupError(person_id)
    home, subject = guest.home, guest.home_subject
    gone, _by_table = guest.delete()
    _record("guest.removed", home, subject, {"rows": gone}, by, now)
    return gone


def _one_at_a_time(node: str, subject: str) -> None:
    """A guest is not signed in while they are forgotten: either comes after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"guest {node} {subject}"]
        )


def _record(
    action: str,
    node: str,
    subject: str,
    detail: dict[str, object],
    person: Person | None,
    now: datetime,
) -> None:
    record_event(
        person=person,
        action=action,
        subject_kind="guest",
        subject_id=f"{subject} {node}",
        detail=detail,
        now=now,
    )
