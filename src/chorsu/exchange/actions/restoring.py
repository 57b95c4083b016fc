"""Bringing the own log back: entries byte for byte, what is rebuilt so far, what nobody has."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from chorsu.exchange import blobs, erasures, keys, marks, restorations, witnesses
from chorsu.exchange.actions.tiles import keep_own_tiles
from chorsu.exchange.models import BlobUse, Feed, FeedEntry, LostBlob, Restoration
from chorsu.exchange.restorations import Lost, Shown
from chorsu.wire.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from chorsu.wire.entry import Entry, parse_entry
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.note import parse_note

State = Restoration.State


class NotStopped(Exception):  # noqa: N818 - says what is wrong
    """Entries are put back only into a stopped log, at its end; it is another one meanwhile."""


@transaction.atomic
def ask_restoration(*, now: datetime) -> None:
    """Note that the log is to be restored; one that was cut short is taken up where it was."""
    row, _ = Restoration.objects.select_for_update().get_or_create(
        id=1, defaults={"state": State.DONE, "asked_at": now, "ended_at": now}
    )
    if row.state == State.DONE:
        row.since = row.size = row.position = restorations.own_edge().size
    row.state, row.asked_at, row.ended_at = State.WAITING, now, None
    row.trouble = row.trouble_detail = ""
    row.save()


def begin_restoration(*, peers: Sequence[Shown], size: int) -> None:
    """A worker or command is at it: what the peers showed, and up to where they lead."""
    shown = [[one.peer, one.size, one.code] for one in peers]
    Restoration.objects.filter(id=1).update(state=State.RUNNING, peers=shown, size=size)


def advance_restoration(*, position: int) -> None:
    """The records of all entries before `position` are rebuilt."""
    Restoration.objects.filter(id=1).update(position=position)


def end_restoration(*, now: datetime) -> None:
    """All is done that could be."""
    Restoration.objects.filter(id=1).update(
        state=State.DONE, ended_at=now, trouble="", trouble_detail=""
    )


def fail_restoration(*, code: str, detail: str, now: datetime) -> None:
    """It could not be done; what is back stays, and asking again goes on from there."""
    Restoration.objects.filter(id=1).update(
        state=State.FAILED, ended_at=now, trouble=code, trouble_detail=detail
    )


@transaction.atomic
def put_back(*, start: int, leaves: Sequence[bytes], edge: Range, note: bytes | None) -> None:
    """Put entries start.. back into the stopped log, all or none; the caller has proven them.

    `note` is the own checkpoint of just that size as it was signed then; None, or signed by a key
    that was replaced: it is signed again, for a part of a log that was signed.
    Raises `NotStopped`, `WireError`.
    """
    feed = Feed.objects.select_for_update().get(id=1)
    if not feed.stopped_by or feed.size != start or edge.size != start + len(leaves):
        raise NotStopped(f"{feed.size} entries, put back from {start}")
    FeedEntry.objects.bulk_create(
        [_row(start + n, leaf) for n, leaf in enumerate(leaves)], batch_size=1000
    )
    feed.size, feed.range = edge.size, edge.to_bytes()
    whole = Checkpoint(settings.NODE_NAME, edge.size, edge.root())
    present = note if note and keys.goes_on_with(note) else None
    feed.checkpoint = present or sign_checkpoint(whole, keys.signing_key())
    feed.updated_at = FeedEntry.objects.values_list("at", flat=True).get(index=edge.size - 1)
    feed.save()
    keep_own_tiles(edge.size)


@transaction.atomic
def lift_stop(*, notes: Iterable[bytes], give_up_unseen: bool = False) -> bool:
    """Let the log go on; only if it contains all that anybody is known to have seen of it.

    `notes` are own checkpoints beside those that are kept. `give_up_unseen`: entries that only the
    data folder remembers, and no peer has cosigned, are no hindrance. False: there is something
    that the log does not contain; nothing is changed.
    """
    feed = Feed.objects.select_for_update().filter(id=1).first()
    if feed is None:
        return True
    kept = restorations.witnessed_notes()
    if give_up_unseen:
        kept = [note for note in kept if witnesses.is_cosigned(note)]
    elif mark := witnesses.contradicting_mark():
        kept.append(mark)
    for note in [*kept, *notes]:
        if not witnesses.contains(parse_checkpoint(parse_note(note).text)):
            return False
    if give_up_unseen:
        marks.remove_mark()
    if feed.stopped_by:
        feed.stopped_by = b""
        feed.save(update_fields=["stopped_by"])
    newest = bytes(feed.checkpoint)
    if newest:
        transaction.on_commit(lambda: marks.leave_mark(newest), robust=True)
    return True


def use_again(*, record_id: uuid.UUID, hashes: Sequence[str], audience: str) -> None:
    """Let those who may read a restored record read its blobs, as far as they are here."""
    here = blobs.hold(hashes) - erasures.erased(hashes).keys()
    BlobUse.objects.filter(record_id=record_id).delete()
    BlobUse.objects.bulk_create(
        BlobUse(blob_id=sha256, record_id=record_id, audience=audience, own=True)
        for sha256 in dict.fromkeys(hashes)
        if sha256 in here
    )


def note_lost(*, record_id: uuid.UUID, lost: Sequence[Lost]) -> None:
    """Say what of a record could not be brought back, in place of what was said before."""
    before = LostBlob.objects.filter(record_id=record_id)
    found = before.filter(is_file=False).exclude(sha256__in=[one.sha256 for one in lost])
    if (first := found.aggregate(first=Min("index"))["first"]) is not None:
        # Whoever sweeps reads it for its files, which were not known while it was lost.
        Feed.objects.filter(files_noted__gt=first).update(files_noted=first)
    before.delete()
    LostBlob.objects.bulk_create(
        LostBlob(
            index=one.index,
            record_id=record_id,
            sha256=one.sha256,
            size=one.size,
            is_file=one.is_file,
            reason=one.reason,
        )
        for one in lost
    )


def _row(index: int, leaf: bytes) -> FeedEntry:
    entry = parse_entry(leaf)
    if not isinstance(entry, Entry):
        raise WireError("entry-malformed", f"entry {index} is of newer software")
    return FeedEntry(
        index=index,
        leaf=leaf,
        leaf_hash=leaf_hash(leaf),
        kind=entry.kind,
        record_id=uuid.UUID(entry.id),
        revision=entry.revision,
        action=entry.action,
        audience=entry.audience,
        at=entry.time,
        blob=entry.blob or "",
    )
