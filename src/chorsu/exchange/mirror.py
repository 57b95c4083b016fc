"""What this node stored of a peer's log, for that peer alone: it may have lost its own copy."""

from __future__ import annotations

from collections.abc import Sequence

from chorsu.exchange import proofs
from chorsu.exchange.models import BlobUse, FeedEntry, Peer, PeerEntry
from chorsu.exchange.queries import NotThere
from chorsu.wire.checkpoint import narrow
from chorsu.wire.entry import PUBLISH
from chorsu.wire.keys import VerifyKey
from chorsu.wire.note import parse_note
from chorsu.wire.tiles import Tile


def origin_key(name: str) -> VerifyKey | None:
    """The key of a peer of whose log something may be stored here: set aside too; else None."""
    row = Peer.objects.filter(name=name, state__in=proofs.READ).first()
    return VerifyKey.parse(row.vkey) if row else None


def mirrored_note(origin: str) -> bytes:
    """The newest checkpoint of a peer's log that was found to hold, signed by the peer alone.

    Raises `NotThere` before the first one.
    """
    row = Peer.objects.filter(name=origin, state__in=proofs.READ).first()
    if row is None or not row.checkpoint:
        raise NotThere(f"a checkpoint of {origin}")
    note = bytes(row.checkpoint)
    own = {(one.name, one.key_id) for one in parse_note(note).signatures if one.name == origin}
    return narrow(note, own)


def mirrored_tile(origin: str, place: Tile) -> bytes:
    """A hash tile or an entry bundle of a peer's log; `NotThere` beyond what is stored of it."""
    return proofs.stored_tile(origin, place)


def mirrored_blobs(origin: str, hashes: Sequence[str]) -> set[str]:
    """Those of many blobs that a peer's log names, or a record of it that stands.

    Anybody can read in a log which blobs it names, and name them too. What is named by more than
    one is given to whose content it was found to be.
    """
    rows = PeerEntry.objects.filter(blob__in=hashes)
    named = list(rows.values_list("blob", "peer__name", "action", "state"))
    others = {blob for blob, name, _, _ in named if name != origin}
    others |= set(FeedEntry.objects.filter(blob__in=hashes).values_list("blob", flat=True))
    found = {
        blob
        for blob, name, action, state in named
        if name == origin
        and (blob not in others or (action, state) == (PUBLISH, PeerEntry.State.ACCEPTED))
    }
    uses = BlobUse.objects.filter(blob_id__in=set(hashes) - found, own=False)
    pairs = list(uses.values_list("blob_id", "record_id"))
    records = PeerEntry.objects.filter(
        peer__name=origin,
        record_id__in={record_id for _, record_id in pairs},
        state=PeerEntry.State.ACCEPTED,
    )
    held = set(records.values_list("record_id", flat=True))
    return found | {sha256 for sha256, record_id in pairs if record_id in held}
