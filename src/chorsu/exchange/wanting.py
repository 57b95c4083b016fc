"""Files of peers' records that are not here: which come by themselves, which wait for a wish."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, F, Q, Sum, Value, When

from chorsu.exchange import blobs
from chorsu.exchange.downloads import DOWN
from chorsu.exchange.models import Peer, WantedBlob
from chorsu.exchange.rules import LONGEST_PAUSE

MB = 1024 * 1024
IMAGES = ("image/jpeg", "image/png", "image/webp")
IMAGE_AHEAD_BYTES = MB
"""A picture up to this size is shown in the page, and comes ahead whatever the policy."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file still to be fetched from a peer; `size` in bytes. `wished`: a reader waits for it."""

    record_id: uuid.UUID
    sha256: str
    size: int
    media_type: str
    audience: str
    tries: int
    wished: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many files of a peer, and bytes of them, come by themselves, and how many wait."""

    coming: int = 0
    coming_bytes: int = 0
    resting: int = 0
    resting_bytes: int = 0


NONE_AWAITED = Awaited()


@dataclass(frozen=True, slots=True)
class ComingFile:
    """How it stands with one file that is not here; `here` counts the bytes that are.

    `trouble`, a code of `troubles`, says why the last try failed; `next_at` when the next one is.
    `is_read` is false while the peer is not a confirmed one: nothing is fetched from it.
    """

    peer: str
    sha256: str
    size: int
    here: int
    comes: bool
    wished_at: datetime | None
    trouble: str
    next_at: datetime | None
    is_read: bool

    @property
    def is_down(self) -> bool:
        """Whether the peer can't be reached, so that nothing is known of the file."""
        return self.trouble in DOWN

    @property
    def percent(self) -> int:
        """How much of it is here, of a hundred."""
        return min(100, self.here * 100 // self.size) if self.size else 0


def due(now: datetime) -> Q:
    """What may be tried at `now`. No pause is longer than the longest: one that is was begun when
    this node's clock was ahead.
    """
    begun_ahead = Q(next_try_at__gt=now + LONGEST_PAUSE)
    return Q(next_try_at__isnull=True) | Q(next_try_at__lte=now) | begun_ahead


def on_its_way() -> Q:
    """Files that are fetched without more ado: wished for, small pictures, or by the policy."""
    fits = Q(peer__ahead_max_mb__isnull=True) | Q(size__lte=F("peer__ahead_max_mb") * MB)
    picture = Q(media_type__in=IMAGES, size__lte=IMAGE_AHEAD_BYTES)
    ahead = Q(peer__files=Peer.Files.AHEAD)
    return Q(wished_at__isnull=False) | picture | (ahead & fits)


def wanted_files(peer_name: str, *, now: datetime, limit: int = 256) -> list[WantedFile]:
    """Files of a peer to be fetched that are due: what readers wait for, then small first."""
    rows = WantedBlob.objects.filter(due(now), on_its_way(), peer__name=peer_name)
    return [
        wanted_file(row)
        for row in rows.order_by(F("wished_at").asc(nulls_last=True), "size", "id")[:limit]
    ]


def wants_of(peer_name: str, sha256: str) -> list[WantedFile]:
    """Every want of one blob of a peer: several records may name the same file."""
    rows = WantedBlob.objects.filter(peer__name=peer_name, sha256=sha256)
    return [wanted_file(row) for row in rows.order_by("id")]


def wanted_file(row: WantedBlob) -> WantedFile:
    """A row as flows see it."""
    return WantedFile(
        row.record_id,
        row.sha256,
        row.size,
        row.media_type,
        row.audience,
        row.tries,
        row.wished_at is not None,
    )


def awaited() -> dict[int, Awaited]:
    """Of every peer, by the number of its row. One query."""
    comes = Case(When(on_its_way(), then=Value(1)), default=Value(0))
    rows = WantedBlob.objects.annotate(comes=comes).values_list("peer_id", "comes")
    found: dict[int, Awaited] = {}
    for peer_id, coming, count, size in rows.annotate(count=Count("id"), bytes=Sum("size")):
        old = found.get(peer_id, NONE_AWAITED)
        found[peer_id] = (
            Awaited(count, size, old.resting, old.resting_bytes)
            if coming
            else Awaited(old.coming, old.coming_bytes, count, size)
        )
    return found


def coming_files(record_id: str) -> dict[str, ComingFile]:
    """The files of a peer's record that are not here, by hash. One query."""
    comes = Case(When(on_its_way(), then=Value(1)), default=Value(0))
    rows = WantedBlob.objects.filter(record_id=record_id).select_related("peer")
    return {row.sha256: _coming(row, comes=bool(row.comes)) for row in rows.annotate(comes=comes)}


def record_wanting(sha256: str, *, audiences: tuple[str, ...]) -> uuid.UUID | None:
    """A record with one of these audiences that wants this blob from a peer."""
    rows = WantedBlob.objects.filter(sha256=sha256, audience__in=audiences).order_by("id")
    return rows.values_list("record_id", flat=True).first()


def _coming(row: WantedBlob, *, comes: bool) -> ComingFile:
    peer = row.peer
    trouble, next_at = row.trouble, row.next_try_at
    if peer.trouble in DOWN and peer.looked_at is not None:
        trouble = peer.trouble
        look = peer.looked_at + timedelta(seconds=settings.NODE.number("exchange.pull_seconds"))
        next_at = max(look, next_at) if next_at else look
    return ComingFile(
        peer=peer.name,
        sha256=row.sha256,
        size=row.size,
        here=blobs.arrived_bytes(row.sha256),
        comes=comes,
        wished_at=row.wished_at,
        trouble=trouble,
        next_at=next_at,
        is_read=peer.state == Peer.State.CONFIRMED,
    )
