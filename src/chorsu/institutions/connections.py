"""Reading at which other nodes a person signs in, and what those may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chorsu.institutions.errors import NotConnected
from chorsu.institutions.models import Connection, Person


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection as its person sees it; `confirmation` is the other node's signed note."""

    id: int
    node: str
    subject: str
    claims: tuple[str, ...]
    position: str
    results: bool
    transcript: bool
    agreed_at: datetime
    signed_in_at: datetime | None
    ended_at: datetime | None
    forget_asked_at: datetime | None
    forgotten_at: datetime | None
    confirmation: bytes

    @property
    def state(self) -> str:
        """`live`, `ended`, `forgetting` or `forgotten`."""
        if self.forgotten_at is not None:
            return "forgotten"
        if self.forget_asked_at is not None:
            return "forgetting"
        return "live" if self.ended_at is None else "ended"


def connections(person: Person) -> list[ConnectionView]:
    """The person's, the newest first; one query."""
    return [_view(row) for row in Connection.objects.filter(person=person)]


def connection(person: Person, node: str) -> ConnectionView | None:
    """The person's with this node that was not forgotten, if there is one."""
    row = Connection.objects.filter(person=person, node=node, forgotten_at=None).first()
    return None if row is None else _view(row)


def own_connection(person: Person, connection_id: int) -> ConnectionView:
    """One of the person's; raises `NotConnected`."""
    row = Connection.objects.filter(person=person, pk=connection_id).first()
    if row is None:
        raise NotConnected(connection_id)
    return _view(row)


def to_be_forgotten(connection_id: int) -> ConnectionView | None:
    """A connection whose other node was asked to forget and has not confirmed it."""
    rows = Connection.objects.filter(pk=connection_id, forgotten_at=None)
    row = rows.exclude(forget_asked_at=None).first()
    return None if row is None else _view(row)


def all_to_be_forgotten() -> list[int]:
    """The ids of all such, the oldest first."""
    rows = Connection.objects.exclude(forget_asked_at=None).filter(forgotten_at=None)
    return list(rows.order_by("forget_asked_at").values_list("pk", flat=True))


def wanting_results(node: str = "") -> list[tuple[str, str, Person]]:
    """(node, identifier, person) of those whose certificates are to be fetched, from one node or
    from all: while the connection holds and the person is active. One query.
    """
    rows = Connection.objects.filter(
        results=True, ended_at=None, forgotten_at=None, person__is_active=True
    )
    if node:
        rows = rows.filter(node=node)
    return [(row.node, row.subject, row.person) for row in rows.select_related("person")]


def wanting_transcripts(node: str = "") -> list[ConnectionView]:
    """Connections by which a node, or any, is to be asked how courses there ended: while they hold
    and the person is active. One query.
    """
    rows = Connection.objects.filter(
        transcript=True, ended_at=None, forgotten_at=None, person__is_active=True
    )
    return [_view(row) for row in (rows.filter(node=node) if node else rows)]


def person_by_subject(node: str, subject: str) -> Person | None:
    """The active person whom that node knows by this identifier, while they agree to it."""
    rows = Connection.objects.select_related("person")
    row = rows.filter(node=node, subject=subject, ended_at=None, forgotten_at=None).first()
    return row.person if row is not None and row.person.is_active else None


def _view(row: Connection) -> ConnectionView:
    return ConnectionView(
        row.pk,
        row.node,
        row.subject,
        tuple(row.claims),
        row.position,
        row.results,
        row.transcript,
        row.agreed_at,
        row.signed_in_at,
        row.ended_at,
        row.forget_asked_at,
        row.forgotten_at,
        bytes(row.confirmation),
    )
