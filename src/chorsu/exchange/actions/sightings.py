"""Keeping what third peers show of a peer's log."""

from __future__ import annotations

from datetime import datetime

from chorsu.exchange.models import Peer, PeerSighting


def record_asked(*, witness: str, subject: str, now: datetime) -> None:
    """A witness was asked about a log, whatever it answered."""
    _keep(witness, subject, {"asked_at": now})


def record_sighting(
    *, witness: str, subject: str, size: int, note: bytes, seen_at: datetime, now: datetime
) -> None:
    """A witness shows a note that the log's own key signed; the one of most entries is kept."""
    held = PeerSighting.objects.filter(witness__name=witness, subject__name=subject).first()
    if held is not None and held.size > size:
        record_asked(witness=witness, subject=subject, now=now)
        return
    shown = {"asked_at": now, "size": size, "note": note, "seen_at": seen_at, "compared": False}
    _keep(witness, subject, shown)


def record_compared(*, witness: str, subject: str, size: int) -> None:
    """A sighting was found in the log as it is stored here."""
    rows = PeerSighting.objects.filter(witness__name=witness, subject__name=subject, size=size)
    rows.update(compared=True)


def _keep(witness: str, subject: str, values: dict[str, object]) -> None:
    ids = dict(Peer.objects.filter(name__in=(witness, subject)).values_list("name", "id"))
    if len(ids) == 2:
        PeerSighting.objects.update_or_create(
            witness_id=ids[witness], subject_id=ids[subject], defaults=values
        )
