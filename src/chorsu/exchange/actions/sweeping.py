"""Removing the rows of blobs that nothing names; their bytes go after them (`blobs.sweep`).

The choice locks nothing and is only a guess. What goes is locked and looked at again: whoever puts
the same bytes (`blobs.put`) or is about to name them (`blobs.hold`) either had the row before, and
it stays, or waits for this to end and finds that it is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Model, Q
from django.db.models.expressions import NegatedExpression

from chorsu.exchange.erasures import DECIDED
from chorsu.exchange.models import (
    Blob,
    BlobUse,
    Erasure,
    Feed,
    FeedEntry,
    LostBlob,
    OwnFile,
    PeerEntry,
    WantedBlob,
)
from chorsu.records.naming import Places, by_column
from chorsu.wire.entry import PUBLISH

GRACE = timedelta(days=7)
"""How long bytes lie, after they were put, before they need a name: who puts them may be slow."""
LOOKED_AT_ONCE = 5000
REMOVED_AT_ONCE = 2000
READ_AT_ONCE = 64


def places() -> Places:
    """Every column of this package that keeps a blob here.

    Of what was erased the row stays, and so does what an administrator decided to keep.
    """
    return {**_indexed(), **by_column(LostBlob, "sha256")}


def _indexed(after: str = "", last: str = "") -> Places:
    """Those with an index on the hash; with `last`, of that span of hashes alone."""

    def rows(model: type[Model], field: str, only: Q | None = None) -> Places:
        # Said of both sides: each index is walked along the span, whatever the planner guesses.
        span = Q((f"{field}__gt", after), (f"{field}__lte", last)) if last else Q()
        return by_column(model, field, span & (only or Q()))

    return {
        **rows(BlobUse, "blob"),
        **rows(FeedEntry, "blob"),
        **rows(PeerEntry, "blob"),
        **rows(WantedBlob, "sha256"),
        **rows(OwnFile, "sha256"),
        **rows(Erasure, "blob", Q(answer=Erasure.Answer.ERASED) | Q(code=DECIDED)),
    }


def unnamed(*, before: datetime) -> Iterator[list[str]]:
    """Hashes, some at a time, of blobs put before a time that no log, use or wish names.

    A few thousand rows a query, along the primary key and the indexes of this package: whether a
    record names a blob is for `remove_unnamed`.
    """
    after, found = "", list[str]()
    while last := _end_of_span(after):
        rows = Blob.objects.filter(sha256__gt=after, sha256__lte=last, created_at__lt=before)
        rows = rows.filter(*_nothing(_indexed(after, last))).order_by("sha256")
        found += rows.values_list("sha256", flat=True)
        while len(found) >= REMOVED_AT_ONCE:
            yield found[:REMOVED_AT_ONCE]
            found = found[REMOVED_AT_ONCE:]
        after = last
    if found:
        yield found


def _end_of_span(after: str) -> str:
    """The last of the next few thousand hashes; empty behind the last of all."""
    hashes = Blob.objects.filter(sha256__gt=after).order_by("sha256").values("sha256")
    return hashes[:LOOKED_AT_ONCE].aggregate(last=Max("sha256"))["last"] or ""


def lock_unnamed(hashes: Collection[str], *, before: datetime) -> list[str]:
    """Lock the rows of those that nobody has put since, in the caller's transaction.

    A row that somebody holds is passed over: nothing waits, and it is looked at next time.
    """
    rows = Blob.objects.select_for_update(skip_locked=True)
    rows = rows.filter(sha256__in=hashes, created_at__lt=before)
    return list(rows.values_list("sha256", flat=True))


def remove_unnamed(hashes: Collection[str], *, unless: Places) -> int:
    """Remove rows that the caller's transaction has locked, but for what is named by now."""
    rows = Blob.objects.filter(*_nothing(unless), sha256__in=hashes)
    gone = list(rows.values_list("sha256", flat=True))
    return Blob.objects.filter(sha256__in=gone).delete()[0]


def files_noted() -> int:
    """How many entries of the own log were read for the files that their contents name."""
    return Feed.objects.values_list("files_noted", flat=True).first() or 0


def own_contents(first: int) -> Sequence[tuple[int, str, str]]:
    """Index, kind and blob of some publications of the own log, from an entry on, in order."""
    rows = FeedEntry.objects.filter(index__gte=first, action=PUBLISH).order_by("index")
    return list(rows.values_list("index", "kind", "blob")[:READ_AT_ONCE])


def files_of_absent(blob: str) -> list[str] | None:
    """Files that an own content named that is not here, as far as is known: of an erased one all,
    of one that restoring did not bring back none. None of any other: it may only be out of reach.
    """
    erased = Erasure.objects.filter(origin=settings.NODE_NAME, blob=blob).first()
    if erased is not None:
        return list(erased.files)
    return [] if LostBlob.objects.filter(sha256=blob, is_file=False).exists() else None


@transaction.atomic
def note_own_files(files: Collection[str], *, up_to: int) -> None:
    """Keep files that the first `up_to` entries of the own log name."""
    rows = [OwnFile(sha256=sha256) for sha256 in sorted(files)]
    OwnFile.objects.bulk_create(rows, ignore_conflicts=True)
    Feed.objects.filter(files_noted__lt=up_to).update(files_noted=up_to)


def _nothing(named: Places) -> Sequence[NegatedExpression[Any]]:
    return [~one for one in named.values()]
