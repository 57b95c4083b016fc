"""What was erased: of this node's own content, and of peers' that asked for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from chorsu.exchange.models import (
    Blob,
    BlobUse,
    Erasure,
    ErasureAsked,
    FeedEntry,
    Peer,
    PeerEntry,
    WantedBlob,
)
from chorsu.records.shapes import ErasedView
from chorsu.wire import erasing as wire
from chorsu.wire.entry import PUBLISH

Answer = Erasure.Answer
GROUNDS = ("personal-data", "rights", "authority", "mistake", "other")
# Why what a peer asked for is kept; the codes travel.
USED_HERE, USED_BY_OTHER, NOT_NAMED = "used-here", "used-by-other", "not-named"
PRESENT, DECIDED = "present", "decided"
KEPT_CODES = (USED_HERE, USED_BY_OTHER, NOT_NAMED, PRESENT, DECIDED)
NOTHING_HERE = "nothing-here"
"""Of what was never here and nothing names: there is nothing to erase, nor to show as erased."""
LOOK_AGAIN = timedelta(hours=1)
"""Pause before a request that could not be done is looked at again."""


@dataclass(frozen=True, slots=True)
class RequestView(ErasedView):
    """A row of the administrators' list. `answer` and `code` are this node's own.

    `done`: no bytes of it are left in this node's store.
    """

    id: int
    kind: str
    answer: str
    code: str
    judged_at: datetime | None
    done: bool


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What a peer said to one own erasure; `asked_at` None: it has not read the request.

    `knows`: False if its software has no such requests, None if that is not known.
    """

    peer: str
    asked_at: datetime | None
    answer: str
    code: str
    answered_at: datetime | None
    knows: bool | None


def erased(hashes: Iterable[str], origin: str = "") -> dict[str, ErasedView]:
    """Those of the blobs that are erased: by this node, or by `origin` of its own. One query."""
    origins = {str(settings.NODE_NAME), origin or str(settings.NODE_NAME)}
    rows = _shown().filter(blob__in=list(hashes), origin__in=origins)
    # This node's own word stands before a peer's.
    return {row.blob: _view(row) for row in sorted(rows, key=_is_own)}


def erasure_of(blob: str) -> ErasedView | None:
    """Why a blob is gone, by whoever erased it; this node's own word before a peer's."""
    rows = list(_shown().filter(blob=blob).order_by("at"))
    own = [row for row in rows if row.origin == settings.NODE_NAME]
    return _view((own or rows)[0]) if rows else None


def erased_revisions(record_id: uuid.UUID, origin: str) -> dict[int, ErasedView]:
    """The revisions of a record whose content is erased. One query."""
    origins = {str(settings.NODE_NAME), origin}
    rows = _shown().filter(record_id=record_id, origin__in=origins, what="record")
    return {row.revision: _view(row) for row in rows.order_by("at")}


def erased_reason(record_id: uuid.UUID, origin: str) -> ErasedView | None:
    """Why the reason of a record's withdrawal is gone."""
    rows = _shown().filter(record_id=record_id, origin=origin, what="reason")
    row = rows.order_by("-at").first()
    return _view(row) if row else None


# One's own


@dataclass(frozen=True, slots=True)
class OwnBlob:
    """A blob that the own log names; `present`: it is what the record says now."""

    index: int
    blob: str
    kind: str
    record_id: uuid.UUID
    revision: int
    action: str
    at: datetime
    present: bool


def own_blobs(record_id: uuid.UUID) -> list[OwnBlob]:
    """Every blob that the own log names for a record, in order. One query."""
    rows = list(FeedEntry.objects.filter(record_id=record_id).exclude(blob="").order_by("index"))
    return [_own_blob(row, newest=row is rows[-1]) for row in rows]


def own_blob(blob: str) -> OwnBlob | None:
    """The newest own entry that names a blob."""
    row = FeedEntry.objects.filter(blob=blob).order_by("-index").first()
    if row is None:
        return None
    later = FeedEntry.objects.filter(record_id=row.record_id, index__gt=row.index)
    return _own_blob(row, newest=not later.exists())


def own_record_blobs(kind: str) -> Iterable[tuple[uuid.UUID, str]]:
    """Record and blob of every own publication of a kind, from the newest on."""
    rows = FeedEntry.objects.filter(kind=kind, action=PUBLISH).order_by("-index")
    return rows.values_list("record_id", "blob").iterator(chunk_size=500)


def named_by_erased(record_id: uuid.UUID, origin: str) -> set[str]:
    """Files that erased contents of a record named."""
    rows = Erasure.objects.filter(record_id=record_id, origin=origin)
    return {sha256 for files in rows.values_list("files", flat=True) for sha256 in files}


def own_list(after: int) -> wire.ErasureList:
    """What this node has erased, numbered above `after`, as it tells its peers. Two queries."""
    rows = Erasure.objects.filter(origin=settings.NODE_NAME, number__isnull=False)
    last = rows.aggregate(last=Max("number"))["last"] or 0
    some = rows.filter(number__gt=after).order_by("number")[: wire.MAX_LISTED]
    found = tuple(_told(row) for row in some)
    return wire.ErasureList(str(settings.NODE_NAME), after, max(last, 0), found)


def own_erasures(limit: int) -> list[tuple[RequestView, list[PeerAnswer]]]:
    """The newest own erasures with what each confirmed peer said. Three queries."""
    rows = list(Erasure.objects.filter(origin=settings.NODE_NAME)[:limit])
    peers = list(Peer.objects.filter(state=Peer.State.CONFIRMED).order_by("name"))
    asked = {
        (one.erasure_id, one.peer_id): one
        for one in ErasureAsked.objects.filter(erasure__in=[row.pk for row in rows])
    }
    return [
        (_request(row), [_answer(peer, asked.get((row.pk, peer.pk))) for peer in peers])
        for row in rows
    ]


# Peers'


def requests(limit: int, *, waiting: bool) -> list[RequestView]:
    """What peers asked to erase: what waits for a person, or the newest that were settled."""
    rows = Erasure.objects.exclude(origin=settings.NODE_NAME).exclude(number=None)
    if waiting:
        rows = rows.filter(answer=Answer.WAITING)
    else:
        rows = rows.exclude(answer__in=("", Answer.WAITING))
    return [_request(row) for row in rows[:limit]]


def request(number: int) -> RequestView | None:
    """One row of a peer's, by its id here."""
    row = Erasure.objects.filter(pk=number).exclude(origin=settings.NODE_NAME).first()
    return _request(row) if row else None


def undecided(peer_name: str, now: datetime, limit: int) -> list[RequestView]:
    """A peer's requests that are due and not settled for good, those judged longest ago first."""
    due = Q(judged_at=None) | Q(judged_at__lte=now - LOOK_AGAIN) | Q(judged_at__gt=now)
    rows = Erasure.objects.filter(due, origin=peer_name).exclude(number=None)
    rows = rows.exclude(answer=Answer.ERASED, code="").exclude(code=DECIDED)
    return [_request(row) for row in rows.order_by("judged_at", "number")[:limit]]


def own_lists() -> Iterator[wire.ErasureList]:
    """All that this node has erased, list after list from the first on; none if it is nothing."""
    after = 0
    while (found := own_list(after)).erasures:
        yield found
        after = found.erasures[-1].number


def untold(peer_name: str, limit: int) -> list[wire.ErasureAnswer]:
    """Answers that the peer has not been told."""
    rows = Erasure.objects.filter(origin=peer_name, told=False, judged_at__isnull=False)
    return [
        wire.ErasureAnswer(
            row.blob,
            cast("wire.Answer", row.answer),
            row.code if row.answer == Answer.KEPT else "",
            cast("datetime", row.judged_at),
        )
        for row in rows.exclude(number=None).order_by("number")[:limit]
    ]


def read_up_to(peer_name: str) -> int:
    """Number of the newest erasure of a peer that was read."""
    rows = Peer.objects.filter(name=peer_name).values_list("erasures_read", flat=True)
    return rows.first() or 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a blob that a peer asks for stands here.

    `named` by that peer's log or records; `present`: what a record of its says now. Used `here`:
    by an own entry or record; by `others`: by another peer's. `bytes_known`: a row of it is here.
    """

    named: bool
    present: bool
    here: bool
    others: bool
    bytes_known: bool


def standing(peer_name: str, blob: str, record_id: uuid.UUID) -> Standing:
    """How it stands, as far as the exchange knows; files named by contents are for the caller."""
    entries = PeerEntry.objects.filter(blob=blob)
    theirs = entries.filter(peer__name=peer_name)
    held = PeerEntry.objects.filter(peer__name=peer_name, record_id=record_id)
    uses = BlobUse.objects.filter(blob_id=blob)
    used = uses.filter(own=False).values_list("record_id", flat=True)
    foreign = [one for one in used if not _is_of(peer_name, one)]
    wanted = WantedBlob.objects.filter(sha256=blob)
    named = theirs.exists() or (
        held.exists()
        and (
            uses.filter(record_id=record_id, own=False).exists()
            or wanted.filter(peer__name=peer_name, record_id=record_id).exists()
            or blob in named_by_erased(record_id, peer_name)
        )
    )
    last = theirs.order_by("-index").first()
    later = last is not None and held.filter(index__gt=last.index).exists()
    return Standing(
        named=named,
        present=last is not None and last.action == PUBLISH and not later,
        here=uses.filter(own=True).exists() or FeedEntry.objects.filter(blob=blob).exists(),
        others=bool(foreign)
        or wanted.exclude(peer__name=peer_name).exists()
        or entries.exclude(peer__name=peer_name)
        .filter(state__in=("stored", "fetched", "accepted"))
        .exists(),
        bytes_known=Blob.objects.filter(sha256=blob).exists(),
    )


def contents_of(peer_name: str, record_id: uuid.UUID) -> list[str]:
    """Blobs of the publications of a peer's record, newest first."""
    rows = PeerEntry.objects.filter(peer__name=peer_name, record_id=record_id, action=PUBLISH)
    return list(rows.exclude(blob="").order_by("-index").values_list("blob", flat=True)[:200])


def _is_of(peer_name: str, record_id: uuid.UUID) -> bool:
    rows = PeerEntry.objects.filter(record_id=record_id, action=PUBLISH)
    return rows.filter(peer__name=peer_name).exists()


def unfinished(limit: int) -> Sequence[Erasure]:
    """Erasures whose bytes are still to be removed. For `actions`."""
    rows = _shown().filter(bytes_gone_at=None)
    return list(rows.order_by("id")[:limit])


def is_free(row: Erasure) -> bool:
    """Whether the bytes may go: of an own blob always; of a peer's if no record needs them."""
    if row.origin == settings.NODE_NAME:
        return True
    return not BlobUse.objects.filter(blob_id=row.blob).exists()


def _own_blob(row: FeedEntry, *, newest: bool) -> OwnBlob:
    return OwnBlob(
        index=row.index,
        blob=row.blob,
        kind=row.kind,
        record_id=row.record_id,
        revision=row.revision,
        action=row.action,
        at=row.at,
        present=newest and row.action == PUBLISH,
    )


def _shown() -> QuerySet[Erasure]:
    """What was erased of what was here, or named."""
    return Erasure.objects.filter(answer=Answer.ERASED, code="")


def _is_own(row: Erasure) -> bool:
    return row.origin == settings.NODE_NAME


def _common(row: Erasure) -> Mapping[str, object]:
    return {
        "blob": row.blob,
        "origin": row.origin,
        "what": row.what,
        "record_id": row.record_id,
        "revision": row.revision,
        "ground": row.ground,
        "words": row.words,
        "language": row.language,
        "named": row.named,
        "at": row.at,
    }


def _view(row: Erasure) -> ErasedView:
    return ErasedView(**_common(row))  # type: ignore[arg-type]


def _request(row: Erasure) -> RequestView:
    return RequestView(
        **_common(row),  # type: ignore[arg-type]
        id=row.pk,
        kind=row.kind,
        answer=row.answer,
        code=row.code,
        judged_at=row.judged_at,
        done=row.bytes_gone_at is not None,
    )


def _answer(peer: Peer, row: ErasureAsked | None) -> PeerAnswer:
    if row is None:
        return PeerAnswer(peer.name, None, "", "", None, peer.knows_erasures)
    return PeerAnswer(
        peer.name, row.asked_at, row.answer, row.code, row.answered_at, peer.knows_erasures
    )


def _told(row: Erasure) -> wire.Erasure:
    return wire.Erasure(
        number=cast("int", row.number),
        blob=row.blob,
        what=cast("wire.What", row.what),
        kind=row.kind,
        record=str(row.record_id),
        revision=row.revision,
        ground=row.ground,
        words=row.words,
        language=row.language,
        named=row.named,
        time=row.at,
    )
