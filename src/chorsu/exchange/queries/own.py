"""Reading the node's own feed, and who may have a blob."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from chorsu.exchange import keys
from chorsu.exchange.models import BlobUse, Erasure, Feed, FeedEntry, LostBlob, PeerEntry, Tile
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import NETWORK, PUBLIC
from chorsu.wire.merkle import EMPTY_ROOT
from chorsu.wire.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, encode_bundle
from chorsu.wire.tiles import Tile as TilePlace


class NotThere(LookupError):  # noqa: N818 - says what is wrong
    """The feed has no such tile, or the node no such peer, at this moment."""


def feed_size() -> int:
    """Number of entries in the node's own feed."""
    return Feed.objects.filter(id=1).values_list("size", flat=True).first() or 0


def checkpoint() -> bytes:
    """The signed note of the newest checkpoint; of an empty feed, one of size 0."""
    note = Feed.objects.filter(id=1).values_list("checkpoint", flat=True).first()
    own = keys.own_keys()
    if not note:
        return sign_checkpoint(Checkpoint(settings.NODE_NAME, 0, EMPTY_ROOT), own.key)
    if own.chain and (ended := keys.ended_by_change(bytes(note), own)) is not None:
        return sign_checkpoint(ended, own.key)
    return bytes(note)


def key_is_at_hand() -> bool:
    """Whether this machine has the key that the log goes on with; raises `UnusableKey`."""
    note = Feed.objects.filter(id=1).values_list("checkpoint", flat=True).first()
    return keys.goes_on_with(bytes(note or b""))


def tile_bytes(place: TilePlace) -> bytes:
    """Content of a hash tile or an entry bundle; raises `NotThere` beyond the feed's end."""
    if place.level == ENTRIES:
        return bundle_bytes(place.index, place.width)
    first = place.index * TILE_WIDTH
    if place.level * TILE_HEIGHT > 62 or first + place.width > feed_size() >> (
        TILE_HEIGHT * place.level
    ):
        raise NotThere(place.path)
    if place.width == TILE_WIDTH:
        return bytes(Tile.objects.get(level=place.level, index=place.index).hashes)
    return b"".join(hashes_of_level(place.level, first, place.width))


def hashes_of_level(level: int, first: int, count: int) -> list[bytes]:
    """Hashes first..first+count of a level of tiles: leaves at level 0, full tiles' roots above."""
    if level == 0:
        leaves = FeedEntry.objects.filter(index__gte=first, index__lt=first + count)
        return [bytes(row) for row in leaves.order_by("index").values_list("leaf_hash", flat=True)]
    tiles = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=first + count)
    return [bytes(row) for row in tiles.order_by("index").values_list("root", flat=True)]


def bundle_bytes(index: int, width: int) -> bytes:
    """The entry bundle at `index`; raises `NotThere` beyond the feed's end."""
    first = index * TILE_WIDTH
    rows = FeedEntry.objects.filter(index__gte=first, index__lt=first + width)
    leaves = [bytes(leaf) for leaf in rows.order_by("index").values_list("leaf", flat=True)]
    if len(leaves) != width:
        raise NotThere(TilePlace(ENTRIES, index, width).path)
    return encode_bundle(leaves)


class Access(Enum):
    """Whether somebody may have a blob."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    MISSING = "missing"


def blob_access(
    sha256: str,
    *,
    member: bool = False,
    peer: str | None = None,
    for_nodes_alone: Sequence[str] = (),
) -> Access:
    """Whether a reader may have a blob: a member of this node, a confirmed peer, or anybody.

    Public blobs are for all. A member reads what the network shares; a peer reads of that only
    what this node itself published, for this node can't vouch for another's trust. Contents of the
    kinds `for_nodes_alone` no member gets, nor the files that only records of these kinds need.
    What was erased is gone for everybody.
    """
    if Erasure.objects.filter(blob=sha256, origin=settings.NODE_NAME).exists():
        return Access.GONE
    member = member and not _is_of_kind(sha256, for_nodes_alone)
    rows = list(BlobUse.objects.filter(blob_id=sha256).values_list("audience", "own", "record_id"))
    withheld = _records_of_kind([one for _, _, one in rows], for_nodes_alone) if member else set()
    uses = [(audience, own) for audience, own, _ in rows]
    if any(audience == PUBLIC for audience, _ in uses):
        return Access.ALLOWED
    if any(
        audience == NETWORK and ((member and record not in withheld) or (peer and own))
        for audience, own, record in rows
    ):
        return Access.ALLOWED
    if uses:
        return Access.FORBIDDEN
    if LostBlob.objects.filter(sha256=sha256).exists():
        # It may come back: who is told that it is gone asks no more.
        return Access.MISSING
    published = FeedEntry.objects.filter(blob=sha256).exists() or erased_at_all(sha256)
    return Access.GONE if published else Access.MISSING


def _is_of_kind(sha256: str, kinds: Sequence[str]) -> bool:
    """Whether an entry of one of these kinds, of any log, names a blob as its content."""
    own = FeedEntry.objects.filter(blob=sha256, kind__in=kinds)
    return own.exists() or PeerEntry.objects.filter(blob=sha256, kind__in=kinds).exists()


def _records_of_kind(records: Sequence[UUID], kinds: Sequence[str]) -> set[UUID]:
    """Those of some records that entries of one of these kinds, of any log, are about."""
    if not records or not kinds:
        return set()
    own = FeedEntry.objects.filter(record_id__in=records, kind__in=kinds)
    peers = PeerEntry.objects.filter(record_id__in=records, kind__in=kinds)
    told = [*own.values_list("record_id", flat=True), *peers.values_list("record_id", flat=True)]
    return {one for one in told if one is not None}


def erased_at_all(sha256: str) -> bool:
    """Whether a blob was erased here, by this node's own wish or a peer's."""
    return Erasure.objects.filter(blob=sha256, answer=Erasure.Answer.ERASED, code="").exists()


def open_blobs(hashes: Sequence[str], *, peer: str | None) -> set[str]:
    """Those of many blobs that anybody may have, or this confirmed peer. One query."""
    allowed = Q(audience=PUBLIC)
    if peer:
        allowed |= Q(audience=NETWORK, own=True)
    erased = Erasure.objects.filter(origin=settings.NODE_NAME, blob__in=hashes)
    uses = BlobUse.objects.filter(allowed, blob_id__in=hashes)
    uses = uses.exclude(blob_id__in=erased.values("blob"))
    return set(uses.values_list("blob_id", flat=True))
