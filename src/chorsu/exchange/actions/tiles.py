"""Keeping full tiles of feeds taken in stretches, so that proofs are made in a moment."""

from __future__ import annotations

from chorsu.exchange import queries
from chorsu.exchange.models import Peer, PeerEntry, PeerTile, Tile
from chorsu.wire.merkle import leaf_hash
from chorsu.wire.tiles import TILE_WIDTH, tile_root

BATCH = 64


def keep_peer_tiles(peer: Peer, size: int) -> None:
    """Keep the tiles that the first `size` stored entries of a peer fill, in the caller's
    transaction. Goes on from the last kept one, so it makes up for what was stored without it.
    """
    level, count = 0, size // TILE_WIDTH
    while count:
        # None is left out, so the last one tells how many there are; counting reads them all.
        tiles = PeerTile.objects.filter(peer=peer, level=level).order_by("-index")
        last = tiles.values_list("index", flat=True).first()
        kept = 0 if last is None else last + 1
        for start in range(kept, count, BATCH):
            indexes = range(start, min(start + BATCH, count))
            PeerTile.objects.bulk_create([_tile(peer, level, index) for index in indexes])
        level, count = level + 1, count // TILE_WIDTH


def keep_own_tiles(size: int) -> None:
    """Keep the tiles that the first `size` entries of the own feed fill and that are not kept."""
    level, count = 0, size // TILE_WIDTH
    while count:
        for index in range(Tile.objects.filter(level=level).count(), count):
            hashes = queries.hashes_of_level(level, index * TILE_WIDTH, TILE_WIDTH)
            Tile.objects.create(
                level=level, index=index, hashes=b"".join(hashes), root=tile_root(hashes)
            )
        level, count = level + 1, count // TILE_WIDTH


def _tile(peer: Peer, level: int, index: int) -> PeerTile:
    first = index * TILE_WIDTH
    span = {"index__gte": first, "index__lt": first + TILE_WIDTH, "peer": peer}
    if level == 0:
        leaves = PeerEntry.objects.filter(**span).order_by("index").values_list("leaf", flat=True)
        hashes = [leaf_hash(bytes(leaf)) for leaf in leaves]
    else:
        below = PeerTile.objects.filter(level=level - 1, **span).order_by("index")
        hashes = [bytes(root) for root in below.values_list("root", flat=True)]
    return PeerTile(
        peer=peer, level=level, index=index, hashes=b"".join(hashes), root=tile_root(hashes)
    )
