"""The node's own feed, its peers, what came from them, and the blobs. Knows no kind of record."""

from __future__ import annotations

from chorsu.exchange.models.erasures import Erasure, ErasureAsked
from chorsu.exchange.models.own import Blob, BlobUse, Feed, FeedEntry, OwnFile, Sweeper, Tile
from chorsu.exchange.models.peers import (
    Peer,
    PeerEntry,
    PeerSighting,
    PeerTile,
    SeenNonce,
    WantedBlob,
)
from chorsu.exchange.models.works import BundleWork, LostBlob, Restoration

__all__ = [
    "Blob",
    "BlobUse",
    "BundleWork",
    "Erasure",
    "ErasureAsked",
    "Feed",
    "FeedEntry",
    "LostBlob",
    "OwnFile",
    "Peer",
    "PeerEntry",
    "PeerSighting",
    "PeerTile",
    "Restoration",
    "SeenNonce",
    "Sweeper",
    "Tile",
    "WantedBlob",
]
