"""What a person of this node agrees to when they sign in at another one, and how it ends."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.actions.audit import record_event
from chorsu.institutions.errors import NotConnected, StillForgetting
from chorsu.institutions.models import Connection, Person
from chorsu.wire.identity import CLAIMS, Forgotten


@transaction.atomic
def agree(
    *,
    person: Person,
    node: str,
    claims: Collection[str],
    position: str,
    now: datetime,
    results: bool = False,
    transcript: bool = False,
) -> None:
    """The person lets the peer `node` know these claims and no others, from now on.

    `position` is the code of the category, kept only if that is among the claims. `results`: their
    certificates are to be fetched from there; `transcript`: that node is to be asked how each of
    their courses there ended. Raises `StillForgetting`, ValidationError (`claims`).
    """
    if not set(claims) <= set(CLAIMS):
        raise ValidationError({"claims": _("One of these can't be told.")})
    row = _live(person, node)
    if row is not None and row.forget_asked_at is not None:
        raise StillForgetting(node)
    if row is None:
        # Random, not derived: nobody who knows the person can work it out, here or there.
        row = Connection(person=person, node=node, subject=secrets.token_urlsafe(24))
    row.claims = [claim for claim in CLAIMS if claim in claims]
    row.position = position if "position" in row.claims else ""
    row.results, row.transcript = results, transcript
    row.agreed_at, row.ended_at = now, None
    row.save()
    _record(
        "connection.agreed", person, node, now,
        claims=row.claims, results=results, transcript=transcript,
    )  # fmt: skip


@transaction.atomic
def signed_in(*, subject: str, now: datetime) -> None:
    """The other node was told who it is; raises `NotConnected` if the person has ended it."""
    rows = Connection.objects.filter(subject=subject, ended_at=None, forgotten_at=None)
    if not rows.update(signed_in_at=now):
        raise NotConnected(subject)


def hold_results(*, person: Person, node: str) -> bool:
    """Whether the person still wants certificates from there; if so, until the caller's transaction
    ends nobody takes that back.
    """
    row = _live(person, node)
    return row is not None and row.results and row.ended_at is None


@transaction.atomic
def end(*, person: Person, connection_id: int, now: datetime) -> None:
    """No more sign-ins there until the person agrees again; raises `NotConnected`."""
    row = _own(person, connection_id)
    if row.ended_at is None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        _record("connection.ended", person, row.node, now)


@transaction.atomic
def want_forgotten(*, person: Person, connection_id: int, now: datetime) -> None:
    """The other node is to forget the person, who signs in there no more; `NotConnected`."""
    row = _own(person, connection_id)
    if row.forget_asked_at is None:
        row.forget_asked_at = now
        row.ended_at = row.ended_at or now
        row.save(update_fields=["forget_asked_at", "ended_at"])
        _record("connection.forget_asked", person, row.node, now)


@transaction.atomic
def was_forgotten(*, connection_id: int, answer: Forgotten, note: bytes, now: datetime) -> None:
    """Keep what the other node signed: that it forgot the person."""
    row = Connection.objects.select_for_update().get(pk=connection_id)
    if row.forgotten_at is not None:
        return
    row.forgotten_at, row.confirmation = answer.time, note
    # What that node was told is not repeated here once it is gone there.
    row.claims, row.position = [], ""
    row.save(update_fields=["forgotten_at", "confirmation", "claims", "position"])
    _record("connection.forgotten", row.person, row.node, now, rows=answer.rows)


def _live(person: Person, node: str) -> Connection | None:
    rows = Connection.objects.select_for_update()
    return rows.filter(person=person, node=node, forgotten_at=None).first()


def _own(person: Person, connection_id: int) -> Connection:
    rows = Connection.objects.select_for_update()
    row = rows.filter(pk=connection_id, person=person, forgotten_at=None).first()
    if row is None:
        raise NotConnected(connection_id)
    return row


def _record(action: str, person: Person, node: str, now: datetime, **detail: object) -> None:
    record_event(
        person=person,
        action=action,
        subject_kind="peer",
        subject_id=node,
        detail=detail,
        now=now,
    )
