"""Erasing blobs: the wish is a row, the bytes go after its commit, and are looked for again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from chorsu.exchange import blobs, erasures
from chorsu.exchange.actions.feed import defer
from chorsu.exchange.erasures import Answer
from chorsu.exchange.models import (
    BlobUse,
    Erasure,
    ErasureAsked,
    Feed,
    Peer,
    PeerEntry,
    WantedBlob,
)
from chorsu.kernel.clock import whole_seconds
from chorsu.wire import erasing as wire

ERASE_JOB = "chorsu.jobs.tasks.finish_erasures"
AT_ONCE = 200


def erase_own(
    *,
    blob: str,
    what: str,
    kind: str,
    record_id: uuid.UUID,
    revision: int,
    ground: str,
    words: str,
    language: str,
    named: bool,
    files: Sequence[str],
    now: datetime,
) -> bool:
    """Erase an own blob, in the caller's transaction; False if that was done before.

    From the commit on nobody can read it; a worker removes the bytes. `files` are hashes that an
    erased record named. The caller has checked that it is this node's own to erase.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("belongs in the caller's transaction")
    # The row that every append locks: numbers are committed in their order, or a peer that reads
    # on from the newest would miss one.
    Feed.objects.get_or_create(id=1)
    Feed.objects.select_for_update().get(id=1)
    own = Erasure.objects.filter(origin=settings.NODE_NAME)
    if own.filter(blob=blob).exists():
        return False
    last = own.aggregate(last=Max("number"))["last"] or 0
    told = wire.Erasure(
        # By the clock, so that a node set back to an old copy gives no number a second time.
        number=max(last + 1, int(now.timestamp())),
        blob=blob,
        what=what,  # type: ignore[arg-type]  # refuses any other value
        kind=kind,
        record=str(record_id),
        revision=revision,
        ground=ground,
        words=words,
        language=language,
        named=named,
        time=now,
    )
    _create(str(settings.NODE_NAME), told, files=files, answer=Answer.ERASED, judged_at=now)
    BlobUse.objects.filter(blob_id=blob).delete()
    WantedBlob.objects.filter(sha256=blob).delete()
    waiting = PeerEntry.objects.filter(blob=blob, state__in=("stored", "fetched"))
    waiting.update(state=PeerEntry.State.REFUSED, reason="erased-here", next_try_at=None)
    finish_soon()
    return True


def finish_soon() -> None:
    """Have a worker remove the bytes, once this is committed."""
    transaction.on_commit(lambda: defer(ERASE_JOB), robust=True)


def finish(*, now: datetime) -> int:
    """Remove the bytes of what is erased, from the store and from downloads; returns how many.

    Raises `OSError` of a store that can't be reached: what is left is found at the next run.
    """
    done = 0
    while rows := erasures.unfinished(AT_ONCE):
        for row in rows:
            if erasures.is_free(row):
                blobs.erase(row.blob)
            Erasure.objects.filter(pk=row.pk).update(bytes_gone_at=now)
            done += 1
    return done


def erase_again(*, now: datetime) -> int:
    """Remove bytes of own erased blobs that came back: put meanwhile, or by a restored folder.

    Returns how many there were.
    """
    finish(now=now)
    hashes = Erasure.objects.filter(origin=settings.NODE_NAME).values_list("blob", flat=True)
    return sum(blobs.erase(sha256) for sha256 in hashes.iterator(chunk_size=500))


# What a peer is told, and says


def note_asked(*, peer_name: str, numbers: Sequence[int], now: datetime) -> None:
    """A peer has read these own erasures."""
    peer = Peer.objects.get(name=peer_name)
    rows = Erasure.objects.filter(origin=settings.NODE_NAME, number__in=numbers)
    asked = [ErasureAsked(erasure=row, peer=peer, asked_at=now) for row in rows]
    ErasureAsked.objects.bulk_create(asked, ignore_conflicts=True)


@transaction.atomic
def note_answers(*, peer_name: str, answers: Sequence[wire.ErasureAnswer], now: datetime) -> int:
    """What a peer did about own erasures; what was never erased here is passed over.

    Returns how many were of this node. An older answer does not replace a newer one.
    """
    peer = Peer.objects.get(name=peer_name)
    known = Erasure.objects.filter(origin=settings.NODE_NAME, blob__in=[a.blob for a in answers])
    rows = {row.blob: row for row in known}
    for one in answers:
        row = rows.get(one.blob)
        if row is None:
            continue
        asked, _ = ErasureAsked.objects.select_for_update().get_or_create(
            erasure=row, peer=peer, defaults={"asked_at": now}
        )
        if asked.answered_at is None or asked.answered_at <= one.time:
            asked.answer, asked.code, asked.answered_at = one.answer, one.code, one.time
            asked.save(update_fields=["answer", "code", "answered_at"])
    return len(rows)


# What a peer asks for


def knows_erasures(*, peer_name: str, knows: bool) -> None:
    """Whether a peer's software has a list of erasures."""
    Peer.objects.filter(name=peer_name).exclude(knows_erasures=knows).update(knows_erasures=knows)


@transaction.atomic
def keep_requests(*, peer_name: str, found: wire.ErasureList) -> int:
    """Keep what a peer asks to erase, undecided, and how far its list was read.

    Returns how many of them were not known.
    """
    new = 0
    for one in found.erasures:
        theirs = Erasure.objects.filter(origin=peer_name)
        if theirs.filter(number=one.number).exists():
            # Read before, or a number given twice: the first stands.
            continue
        row = theirs.filter(blob=one.blob).first()
        if row is None:
            _create(peer_name, one, files=[], answer="", judged_at=None)
            new += 1
        elif row.number is None:
            # It had only answered that the blob is gone: now it says why.
            row.number, row.ground, row.words = one.number, one.ground, one.words
            row.language, row.named, row.at = one.language, one.named, one.time
            row.save()
    if found.erasures:
        newest = found.erasures[-1].number
        # A bundle's list may be older than what was read over the network.
        rows = Peer.objects.filter(name=peer_name, erasures_read__lt=newest)
        rows.update(erasures_read=newest)
    return new


def erase_for(*, peer_name: str, blob: str, files: Sequence[str], now: datetime) -> None:
    """Do what a peer asks: its records use the blob no more, and the bytes go.

    In the caller's transaction; the caller has checked that nothing else needs it.
    """
    mine = PeerEntry.objects.filter(peer__name=peer_name)
    records = mine.values_list("record_id", flat=True)
    BlobUse.objects.filter(blob_id=blob, own=False, record_id__in=records).delete()
    WantedBlob.objects.filter(peer__name=peer_name, sha256=blob).delete()
    waiting = mine.filter(blob=blob, state__in=("stored", "fetched"))
    waiting.update(state=PeerEntry.State.REFUSED, reason="peer-erased", next_try_at=None)
    answer(peer_name=peer_name, blob=blob, said=Answer.ERASED, code="", now=now)
    Erasure.objects.filter(origin=peer_name, blob=blob).update(files=list(files))
    finish_soon()


def answer(*, peer_name: str, blob: str, said: str, code: str, now: datetime) -> None:
    """Note this node's decision on what a peer asked for."""
    rows = Erasure.objects.filter(origin=peer_name, blob=blob)
    rows.filter(answer=said, code=code).update(judged_at=now)
    rows.exclude(answer=said, code=code).update(answer=said, code=code, judged_at=now, told=False)


def answers_told(*, peer_name: str, answers: Sequence[wire.ErasureAnswer]) -> None:
    """The peer has these answers."""
    for one in answers:
        rows = Erasure.objects.filter(origin=peer_name, blob=one.blob, answer=one.answer)
        rows.update(told=True)


def gone_at_origin(*, peer_name: str, blob: str, record_id: uuid.UUID, now: datetime) -> None:
    """A peer has answered again and again that a file of its record is gone: want it no more."""
    entries = PeerEntry.objects.filter(peer__name=peer_name, record_id=record_id)
    Erasure.objects.get_or_create(
        origin=peer_name,
        blob=blob,
        defaults={
            "what": "file",
            "kind": entries.values_list("kind", flat=True).first() or "",
            "record_id": record_id,
            "revision": 0,
            "at": whole_seconds(now),
            "answer": Answer.ERASED,
            "judged_at": now,
        },
    )
    WantedBlob.objects.filter(peer__name=peer_name, sha256=blob).delete()


def _create(
    origin: str,
    told: wire.Erasure,
    *,
    files: Sequence[str],
    answer: str,
    judged_at: datetime | None,
) -> None:
    Erasure.objects.create(
        origin=origin,
        number=told.number,
        blob=told.blob,
        what=told.what,
        kind=told.kind,
        record_id=uuid.UUID(told.record),
        revision=told.revision,
        ground=told.ground,
        words=told.words,
        language=told.language,
        named=told.named,
        at=told.time,
        files=list(files),
        answer=answer,
        judged_at=judged_at,
    )
