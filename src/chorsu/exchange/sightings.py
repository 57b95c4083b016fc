"""What third peers show of a peer's log: whom to ask next, what to hold against the copy here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from chorsu.exchange.models import Peer, PeerSighting

ASK_AGAIN = timedelta(minutes=10)
"""Pause before a witness is asked again about a log that has grown here meanwhile."""
ASK_ANYWAY = timedelta(hours=6)
"""And about one that has not, or of which it showed nothing."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a witness showed of a log: the log's own signed note."""

    witness: str
    size: int
    note: bytes
    seen_at: datetime | None


def to_ask_about(witness: str, *, now: datetime, limit: int) -> list[str]:
    """Names of confirmed peers of whose logs a witness may know something new, longest unasked
    first. Two queries.
    """
    asked = {
        row.subject_id: row
        for row in PeerSighting.objects.filter(witness__name=witness).only(
            "subject_id", "size", "asked_at"
        )
    }
    others = Peer.objects.filter(state=Peer.State.CONFIRMED).exclude(name=witness)
    due = []
    for peer_id, name, size in others.values_list("id", "name", "verified_size"):
        row = asked.get(peer_id)
        if row is None:
            due.append((datetime.min.replace(tzinfo=now.tzinfo), name))
            continue
        pause = ASK_AGAIN if row.size and row.size != size else ASK_ANYWAY
        if not now - pause < row.asked_at <= now:
            due.append((row.asked_at, name))
    return [name for _, name in sorted(due)[:limit]]


def sightings_of(subject: str) -> list[Sighting]:
    """What each witness showed of a peer's log, most first. One query."""
    rows = PeerSighting.objects.filter(subject__name=subject, size__gt=0)
    return [_view(row) for row in rows.select_related("witness").order_by("-size", "witness__name")]


def reached(subject: str) -> list[Sighting]:
    """Sightings that were ahead of the copy here, which has got there since. One query."""
    rows = PeerSighting.objects.filter(
        subject__name=subject, compared=False, size__gt=0, size__lte=F("subject__verified_size")
    )
    return [_view(row) for row in rows.select_related("witness").order_by("size")]


def at_size(subject: str, size: int) -> Sequence[Sighting]:
    """Sightings of just that many entries. One query."""
    return [one for one in sightings_of(subject) if one.size == size]


def _view(row: PeerSighting) -> Sighting:
    return Sighting(row.witness.name, row.size, bytes(row.note), row.seen_at)
