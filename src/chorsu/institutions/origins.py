"""Whose a record is: what is asked of every record that a peer's log names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chorsu.institutions.queries import find_institution, institutions
from chorsu.records.models import Record
from chorsu.records.reading import Refused


class ArrivedRecord(Protocol):
    """What of a stored record the entry that is to change it is held against."""

    @property
    def feed_index(self) -> int | None: ...


def require_host(institution_id: str, origin: str) -> None:
    """A node speaks for the institutions it hosts; of ones unknown here nothing can be said."""
    known = find_institution(institution_id)
    if known is not None and known.node != origin:
        raise Refused("not-the-host", f"{institution_id} is hosted by {known.node}, not {origin}")


def hosts() -> Mapping[str, str]:
    """The nodes that host the institutions known here, by id: `require_host` for many records."""
    return {one.id: one.node for one in institutions()}


def require_origin(row: Record | None, origin: str) -> None:
    """Only its origin changes a record; raises `Refused`."""
    if row is not None and row.origin != origin:
        raise Refused("not-the-origin", f"{row.pk} belongs to {row.origin}, not to {origin}")


def gives_way(row: Record, institution_id: str, origin: str) -> bool:
    """Whether a bare mark that another node set yields to who hosts the institution.

    Else anybody could shut a record out by withdrawing its id before it comes.
    """
    known = find_institution(institution_id)
    return row.origin != origin and is_bare_mark(row) and known is not None and known.node == origin


def is_bare_mark(row: Record) -> bool:
    """A withdrawal of what never came: the institution of it is not known."""
    return row.withdrawn_at is not None and not row.institution_id


def is_older(row: ArrivedRecord | None, index: int) -> bool:
    """Whether what is here stands at or after an entry of its origin's log."""
    return row is not None and row.feed_index is not None and index <= row.feed_index
