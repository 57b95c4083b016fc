"""Taking in what logs say of credentials: peers' and, after a loss, one's own.

Nothing is believed that the entry and its blob do not both say; only the origin speaks of a list;
what stands later in its log is never overwritten by what stands earlier; a revocation is final.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.records.reading import Refused
from chorsu.records.shapes import Accepted, Arrival
from chorsu.training.models import Commitment, StatusList
from chorsu.wire.credential_records import (
    PublishedCommitments,
    PublishedStatus,
    parse_commitments,
    parse_status,
)
from chorsu.wire.errors import WireError

ACCEPTED, SUPERSEDED = "accepted", "superseded"


@transaction.atomic
def accept_commitments(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a `credential-commitments` blob; raises `Refused`."""
    try:
        form = parse_commitments(arrival.payload)
    except WireError as error:
        raise _refused(error) from error
    _check(form, arrival, origin)
    Commitment.objects.bulk_create(
        [
            Commitment(
                commitment=one,
                origin=origin,
                record_id=uuid.UUID(form.id),
                feed_index=arrival.index,
                at=arrival.at,
            )
            for one in form.commitments
        ],
        ignore_conflicts=True,
    )
    return Accepted("", ACCEPTED)


@transaction.atomic
def accept_status(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a `credential-status` blob; raises `Refused`."""
    try:
        form = parse_status(arrival.payload)
    except WireError as error:
        raise _refused(error) from error
    _check(form, arrival, origin)
    row = StatusList.objects.select_for_update().filter(pk=arrival.record_id).first()
    if row is None:
        row = StatusList(id=uuid.UUID(form.id), origin=origin, bits=b"")
    if row.origin != origin:
        raise Refused("not-the-origin", f"{row.pk} belongs to {row.origin}, not to {origin}")
    if row.feed_index is not None and arrival.index <= row.feed_index:
        return Accepted("", SUPERSEDED)
    if not _contains(form.bits, bytes(row.bits)):
        raise Refused("payload-malformed", "a revocation is taken back")
    row.revision, row.bits = form.revision, form.bits
    row.updated_at, row.feed_index = arrival.at, arrival.index
    row.save()
    return Accepted("", ACCEPTED)


def refuse_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Neither kind is ever withdrawn: it would make credentials that people hold unverifiable."""
    raise Refused("payload-malformed", f"{arrival.record_id}: never withdrawn")


@transaction.atomic
def restore_status(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Have a list of one's own again from one's own log; it is not filled any more."""
    row = StatusList.objects.filter(pk=arrival.record_id, origin=settings.NODE_NAME).first()
    if row is not None and row.feed_index is None and row.revision > arrival.revision:
        return Accepted("", SUPERSEDED)
    return accept_status(arrival=arrival, origin=origin, now=now)


def _check(form: PublishedCommitments | PublishedStatus, arrival: Arrival, origin: str) -> None:
    revision = form.revision if isinstance(form, PublishedStatus) else 1
    if form.origin != origin:
        raise Refused("not-the-origin", f"{form.id} says it is of {form.origin}")
    if (form.id, revision, "public") != arrival.named:
        raise Refused("payload-entry-mismatch", "id, revision or audience")


def _contains(later: bytes, earlier: bytes) -> bool:
    """Whether every bit set before is set still."""
    if len(later) < len(earlier):
        return False
    return int.from_bytes(earlier) & ~int.from_bytes(later[: len(earlier)]) == 0


def _refused(error: WireError) -> Refused:
    newer = error.code == "credentials-format"
    return Refused("payload-newer-format" if newer else "payload-malformed", str(error))
