"""Keeping what peers published: verified, then with its content, then accepted or explained."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from chorsu.exchange import blobs, erasures
from chorsu.exchange.actions.tiles import keep_peer_tiles
from chorsu.exchange.models import BlobUse, Peer, PeerEntry, WantedBlob
from chorsu.exchange.queries import WAITING, EntryView, entry_view, entry_views
from chorsu.exchange.rules import next_try
from chorsu.exchange.wanting import WantedFile
from chorsu.records.copying import copy_rows
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range

State = PeerEntry.State
MANY = 1000
"""Entries that wait: from here on it matters how PostgreSQL looks for them."""


class Overtaken(Exception):  # noqa: N818 - says what is wrong
    """Somebody else stored entries of this peer in between, or it is confirmed no more."""


@transaction.atomic
def store_verified(
    *,
    peer_name: str,
    start: int,
    leaves: Sequence[bytes],
    edge: Range,
    note: bytes,
    software: str,
    now: datetime,
) -> None:
    """Keep leaves start.. of a peer, inert, with the range and note that prove them: all or none.

    The caller has verified them (`wire.trust`). Raises `Overtaken`.
    """
    peer = Peer.objects.select_for_update().filter(name=peer_name).first()
    if peer is None or peer.state != Peer.State.CONFIRMED or peer.verified_size != start:
        raise Overtaken(peer_name)
    copy_rows(
        PeerEntry, (_row(peer, start + n, leaf, software, now) for n, leaf in enumerate(leaves))
    )
    keep_peer_tiles(peer, edge.size)
    peer.verified_size, peer.verified_range, peer.checkpoint = edge.size, edge.to_bytes(), note
    peer.checkpoint_at = now
    peer.save(update_fields=["verified_size", "verified_range", "checkpoint", "checkpoint_at"])


def supersede(*, peer_name: str) -> int:
    """Let go of waiting entries that a later one of the same record has overtaken."""
    waiting = PeerEntry.objects.filter(peer__name=peer_name, state__in=WAITING)
    # What was tried, or waits for its date, was counted when it came.
    if waiting.filter(tries=0)[: MANY + 1].count() > MANY:
        _count_anew()
    later = PeerEntry.objects.filter(
        peer=OuterRef("peer"),
        kind=OuterRef("kind"),
        record_id=OuterRef("record_id"),
        index__gt=OuterRef("index"),
        state__in=[*WAITING, State.ACCEPTED],
    )
    return waiting.filter(Exists(later)).update(state=State.SUPERSEDED)


def _count_anew() -> None:
    """Have PostgreSQL see how many entries there are.

    It would do so by itself some minutes after many came. Until then it takes the table for what it
    was, and looks for the others of each record through all later entries of the peer.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(PeerEntry._meta.db_table)}")


def reconsider(*, peer_name: str, software: str) -> int:
    """Look again at entries that other software than this could not understand."""
    rows = PeerEntry.objects.select_related("peer").filter(
        peer__name=peer_name, state=State.UNKNOWN
    )
    again = [
        _row(row.peer, row.index, bytes(row.leaf), software, row.arrived_at, row.pk)
        for row in rows.exclude(judged_by=software)
    ]
    fields = [
        "kind", "record_id", "revision", "action", "audience", "at", "blob", "size", "state",
        "reason", "reason_detail", "judged_by", "tries", "next_try_at",
    ]  # fmt: skip
    PeerEntry.objects.bulk_update(again, fields, batch_size=500)
    return len(again)


@transaction.atomic
def keep_blob(*, entry: EntryView, path: Path | None, now: datetime, missing: str = "") -> None:
    """The content of an entry is here (`path`: a finished, checked download) and may be accepted.

    None: it was here, or there is none to wait for; `missing` says why the peer did not give it.
    """
    if path is not None:
        blobs.adopt(path, media_type="application/json", now=now)
    rows = PeerEntry.objects.filter(peer__name=entry.peer, index=entry.index, state=State.STORED)
    rows.update(state=State.FETCHED, reason=missing, reason_detail="", next_try_at=None)


@transaction.atomic
def keep_blobs(
    *, peer_name: str, laid: Mapping[str, int], indexes: Sequence[int], now: datetime
) -> None:
    """As `keep_blob`, of many entries; `laid` came just now (`blobs.lay_down`): hash -> size."""
    _leave_disk_to_the_next()
    blobs.name_many(laid, media_type="application/json", now=now)
    rows = PeerEntry.objects.filter(peer__name=peer_name, index__in=indexes, state=State.STORED)
    rows.update(state=State.FETCHED, reason="", reason_detail="", next_try_at=None)


def take_up_many(*, peer_name: str, indexes: Sequence[int]) -> list[EntryView]:
    """As `take_up`, of many entries, in order; what another took is left out.

    The caller's commit does not wait for the disk.
    """
    _leave_disk_to_the_next()
    rows = PeerEntry.objects.select_for_update().filter(state=State.FETCHED)
    found = rows.filter(peer__name=peer_name, index__in=indexes).order_by("index")
    return entry_views(found, peer_name)


def mark_many_accepted(
    *, peer_name: str, entries: Sequence[EntryView], files: Sequence[WantedFile]
) -> None:
    """As `mark_accepted`, of many entries whose records are here for the first time."""
    rows = PeerEntry.objects.filter(peer__name=peer_name, index__in=[e.index for e in entries])
    rows.update(state=State.ACCEPTED, reason="", reason_detail="", next_try_at=None, judged_by="")
    peer = Peer.objects.get(name=peer_name)
    gone = erasures.erased([file.sha256 for file in files], peer_name) if files else {}
    files = [file for file in files if file.sha256 not in gone]
    here = _held([file.sha256 for file in files], peer_name)
    uses = [(entry.blob, entry.record_id, entry.audience) for entry in entries if entry.blob]
    uses += [(f.sha256, f.record_id, f.audience) for f in files if f.sha256 in here]
    BlobUse.objects.bulk_create(
        [BlobUse(blob_id=b, record_id=r, audience=a, own=False) for b, r, a in uses],
        ignore_conflicts=True,
    )
    WantedBlob.objects.bulk_create(
        [_wanted(peer, file) for file in files if file.sha256 not in here]
    )


def postpone(*, entry: EntryView, code: str, detail: str, now: datetime) -> None:
    """The entry's content could not be had, or it can't be accepted yet: try again later."""
    rows = PeerEntry.objects.filter(peer__name=entry.peer, index=entry.index, state__in=WAITING)
    rows.update(
        tries=F("tries") + 1,
        next_try_at=next_try(entry.tries + 1, now),
        reason=code,
        reason_detail=detail[:2000],
    )


def take_up(*, peer_name: str, index: int) -> EntryView | None:
    """Lock an entry whose turn it is, in the caller's transaction; None if another took it."""
    rows = PeerEntry.objects.select_for_update().filter(state=State.FETCHED)
    row = rows.filter(peer__name=peer_name, index=index).first()
    return entry_view(row, peer_name) if row else None


def mark_accepted(*, entry: EntryView, files: Sequence[WantedFile]) -> None:
    """An entry was accepted, in the caller's transaction: its blobs may be read from now on.

    `files` are what the record needs besides; those not here are wanted from the peer.
    """
    here = _held([file.sha256 for file in files], entry.peer)
    _settle(entry, State.ACCEPTED, "", "", "")
    BlobUse.objects.filter(record_id=entry.record_id, own=False).delete()
    wanted = WantedBlob.objects.filter(record_id=entry.record_id)
    wishes = dict(wanted.exclude(wished_at=None).values_list("sha256", "wished_at"))
    wanted.delete()
    if entry.blob and not entry.missing and blobs.info(entry.blob):
        use_blob(entry.blob, entry.record_id, entry.audience)
    peer = Peer.objects.get(name=entry.peer)
    gone = erasures.erased([file.sha256 for file in files], entry.peer) if files else {}
    for file in files:
        if file.sha256 in gone:
            continue
        if file.sha256 in here:
            use_blob(file.sha256, file.record_id, file.audience)
        else:
            _wanted(peer, file, wishes.get(file.sha256)).save(force_insert=True)


def mark_superseded(*, entry: EntryView) -> None:
    """What came later is in already: nothing to do."""
    _settle(entry, State.SUPERSEDED, "", "", "")


def fetch_again(*, entry: EntryView, now: datetime) -> None:
    """The content was here and is gone from the disk: fetch it anew, after a pause."""
    postpone(entry=entry, code="content-lost", detail=entry.blob, now=now)
    rows = PeerEntry.objects.filter(peer__name=entry.peer, index=entry.index, state=State.FETCHED)
    rows.update(state=State.STORED)


def mark_refused(*, entry: EntryView, code: str, detail: str) -> None:
    """An entry can't be accepted; an earlier one of its record that it had overtaken gets a turn.

    `code` is of `troubles.TROUBLES`.
    """
    _settle(entry, State.REFUSED, code, detail, "")
    _give_turn_to_earlier(entry)


def mark_unknown(*, entry: EntryView, code: str, detail: str, software: str) -> None:
    """An entry is beyond this software: it is kept for one that understands it."""
    _settle(entry, State.UNKNOWN, code, detail, software)
    _give_turn_to_earlier(entry)


@transaction.atomic
def keep_file(*, peer_name: str, file: WantedFile, path: Path | None, now: datetime) -> None:
    """A wanted file is here (`path`: a finished, checked download; None: it was here already)."""
    wanted = WantedBlob.objects.filter(
        peer__name=peer_name, record_id=file.record_id, sha256=file.sha256
    )
    if erasures.erased([file.sha256], peer_name):
        # Erased while it was on its way.
        if path is not None:
            path.unlink(missing_ok=True)
        wanted.delete()
        return
    if path is not None:
        blobs.adopt(path, media_type=file.media_type, now=now)
    if wanted.delete()[0]:
        use_blob(file.sha256, file.record_id, file.audience)


def postpone_file(*, peer_name: str, file: WantedFile, code: str, now: datetime) -> None:
    """A file could not be had: try again later."""
    rows = WantedBlob.objects.filter(
        peer__name=peer_name, record_id=file.record_id, sha256=file.sha256
    )
    rows.update(tries=F("tries") + 1, next_try_at=next_try(file.tries + 1, now), trouble=code[:60])


def use_blob(sha256: str, record_id: uuid.UUID, audience: str) -> None:
    """Let those who may read a peer's record read its blob."""
    use = BlobUse(blob_id=sha256, record_id=record_id, audience=audience, own=False)
    BlobUse.objects.bulk_create([use], ignore_conflicts=True)


def hold(*, audiences: Mapping[str, str]) -> None:
    """Say who may read blobs of peers' records (id -> audience) that hang on another record."""
    for record_id, audience in audiences.items():
        uses = BlobUse.objects.filter(record_id=record_id, own=False)
        uses.exclude(audience=audience).update(audience=audience)


def release(*, record_id: str) -> None:
    """Let nobody read a peer's record's blobs any more: what it belonged to was withdrawn."""
    BlobUse.objects.filter(record_id=record_id, own=False).delete()


def _held(hashes: Sequence[str], peer_name: str) -> set[str]:
    """Those that are at hand, and stay so: what else used them may have gone since."""
    found = blobs.at_hand(hashes, peer_name) if hashes else set()
    return blobs.hold(found) if found else found


def _wanted(peer: Peer, file: WantedFile, wished_at: datetime | None = None) -> WantedBlob:
    return WantedBlob(
        peer=peer,
        record_id=file.record_id,
        sha256=file.sha256,
        size=file.size,
        media_type=file.media_type,
        audience=file.audience,
        wished_at=wished_at,
    )


def _settle(
    entry: EntryView, state: PeerEntry.State, code: str, detail: str, software: str
) -> None:
    rows = PeerEntry.objects.filter(peer__name=entry.peer, index=entry.index)
    rows.update(
        state=state,
        reason=code,
        reason_detail=detail[:2000],
        next_try_at=None,
        judged_by=software,
    )


def _give_turn_to_earlier(entry: EntryView) -> None:
    same = PeerEntry.objects.filter(
        peer__name=entry.peer, kind=entry.kind, record_id=entry.record_id
    )
    if same.filter(index__gt=entry.index, state__in=[*WAITING, State.ACCEPTED]).exists():
        return
    accepted = same.filter(state=State.ACCEPTED).order_by("-index").first()
    after = accepted.index if accepted else -1
    earlier = same.filter(state=State.SUPERSEDED, index__gt=after, index__lt=entry.index)
    newest = earlier.order_by("-index").first()
    if newest is not None:
        newest.state = State.STORED
        newest.save(update_fields=["state"])


def _leave_disk_to_the_next() -> None:
    """Have this transaction's commit return before it is on the disk: the next that waits is.

    For what is done again if the machine stops in between, and promised to nobody before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _row(
    peer: Peer,
    index: int,
    leaf: bytes,
    software: str,
    arrived_at: datetime,
    pk: int | None = None,
) -> PeerEntry:
    """A leaf as it enters the flow: waiting, or kept aside with the reason."""
    row = PeerEntry(pk=pk, peer=peer, index=index, leaf=leaf, arrived_at=arrived_at)
    try:
        entry = parse_entry(leaf)
    except WireError as error:
        row.state, row.reason, row.reason_detail = State.REFUSED, error.code, error.detail[:2000]
        return row
    row.kind = entry.kind
    if not isinstance(entry, Entry):
        row.state, row.judged_by = State.UNKNOWN, software
        row.reason, row.reason_detail = "newer-format", f"format {entry.format}"
        return row
    row.record_id, row.revision = uuid.UUID(entry.id), entry.revision
    row.action, row.audience, row.at = entry.action, entry.audience, entry.time
    row.blob, row.size, row.state = entry.blob or "", entry.size or 0, State.STORED
    return row
