"""What other nodes report of a person's courses there: kept as it stands there now, and no longer.

Whoever calls this has verified the transcript (`flows.transcripts`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Connection
from chorsu.training.models import ReportedResult
from chorsu.training.rules.retention import kept_since, retention
from chorsu.wire.transcript import Line

UNDER_WAY = timedelta(hours=1)
"""So long an asking may last: what seems to stand here from later yet was read by a wrong clock."""


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A line, and the note of the teaching node in which it stands."""

    line: Line
    note: bytes


@transaction.atomic
def take_transcript(*, connection_id: int, found: Sequence[SignedLine], now: datetime) -> int:
    """Have what a node reports of a person stand here, whole; how many lines are new, say
    something else or were taken back.

    `now` is before the node was asked. Nothing is kept if the person has ended it meanwhile, or if
    what stands here was asked for later.
    """
    agreed = Connection.objects.select_for_update().filter(pk=connection_id, **_WANTED).first()
    if agreed is None:
        return 0
    day = kept_since(retention().results, timezone.localdate(now))
    here = {row.line: row for row in ReportedResult.objects.filter(connection=agreed)}
    if any(now < row.read_at <= now + UNDER_WAY for row in here.values()):
        return 0
    changed = 0
    for signed in found:
        if day is not None and signed.line.ends_on < day:
            continue
        row = here.pop(UUID(signed.line.id), None)
        said = _columns(signed.line)
        if row is None:
            row = ReportedResult(connection=agreed, line=UUID(signed.line.id))
            _record("result.reported", agreed, now)
        elif all(getattr(row, name) == value for name, value in said.items()):
            continue
        else:
            _record("result.corrected", agreed, now)
        for name, value in said.items():
            setattr(row, name, value)
        row.note, row.changed_at, row.read_at = signed.note, now, now
        row.save()
        changed += 1
    changed += _take_back(here.values(), agreed, now)
    rows = ReportedResult.objects.filter(connection=agreed)
    rows.update(read_at=now)
    if changed:
        # A note holds the lines beside its own: none is left that says what holds no longer.
        for signed in found:
            rows.filter(line=UUID(signed.line.id)).update(note=signed.note)
    return changed


@transaction.atomic
def drop_unwanted(*, now: datetime) -> int:
    """Delete what was reported of people who don't want it any more, or whom that node has
    forgotten; how many lines.
    """
    rows = ReportedResult.objects.filter(
        ~Q(**{f"connection__{name}": value for name, value in _WANTED.items()})
    ).select_related("connection__person")
    gone = list(rows)
    for row in gone:
        _take_back([row], row.connection, now)
    return len(gone)


_WANTED = {"transcript": True, "ended_at": None, "forgotten_at": None}


def _take_back(rows: Collection[ReportedResult], agreed: Connection, now: datetime) -> int:
    for row in rows:
        row.delete()
        _record("result.taken_back", agreed, now)
    return len(rows)


def _columns(line: Line) -> dict[str, object]:
    return {
        "course": UUID(line.course),
        "revision": line.revision,
        "language": line.language,
        "titles": dict(line.titles),
        "issuer": line.institution,
        "starts_on": line.starts_on,
        "ends_on": line.ends_on,
        "state": line.state,
        "final": line.final,
        **line.hours,
        "percent": Decimal(line.percent) if line.percent else None,
        "document": line.document,
        "commitment": line.commitment,
    }


def _record(action: str, agreed: Connection, now: datetime) -> None:
    """Whose it is and from where; what it says stays out of the audit log."""
    record_event(
        person=agreed.person,
        action=action,
        subject_kind="peer",
        subject_id=agreed.node,
        detail={},
        now=now,
    )
