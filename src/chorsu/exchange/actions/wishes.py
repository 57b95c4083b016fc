"""A reader's wish for a file that is not here: noted once, bounded, ahead of what nobody awaits."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction

from chorsu.exchange.models import Peer, WantedBlob

AGAIN_AFTER = timedelta(minutes=1)
"""A wish repeated sooner changes nothing: no reader can have a peer asked more often."""
COUNTED_FOR = timedelta(days=1)
MAX_OF_STRANGERS = 16
MAX_OF_MEMBERS = 256
"""Files of one peer wished for within a day and not here yet, before a new wish is refused."""


class Wish(Enum):
    """What became of a wish."""

    NOTED = "noted"
    KNOWN = "known"
    TOO_MANY = "too-many"
    NOT_WANTED = "not-wanted"


@transaction.atomic
def wish(*, record_id: str, sha256: str, member: bool, now: datetime) -> tuple[Wish, str]:
    """Note that a reader waits for a file of a peer's record; returns the peer's name too.

    Who asks may read the record: the caller has seen to it. `NOTED` means: have the peer asked.
    """
    rows = WantedBlob.objects.select_for_update(of=("self",)).select_related("peer")
    row = rows.filter(record_id=record_id, sha256=sha256).first()
    if row is None or row.peer.state != Peer.State.CONFIRMED:
        return Wish.NOT_WANTED, ""
    if row.wished_at is not None and row.wished_at <= now < row.wished_at + AGAIN_AFTER:
        return Wish.KNOWN, row.peer.name
    if row.wished_at is None:
        others = WantedBlob.objects.filter(peer=row.peer, wished_at__gt=now - COUNTED_FOR)
        if others.count() >= (MAX_OF_MEMBERS if member else MAX_OF_STRANGERS):
            return Wish.TOO_MANY, row.peer.name
    row.wished_at, row.next_try_at = now, None
    row.save(update_fields=["wished_at", "next_try_at"])
    return Wish.NOTED, row.peer.name
