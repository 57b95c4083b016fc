"""Bundles being made and taken in: what pages and commands see of them, and where files lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from chorsu.exchange.models import BundleWork
from chorsu.wire.envelope import JsonValue

Direction = BundleWork.Direction
State = BundleWork.State


class NoSuchWork(LookupError):  # noqa: N818 - says what is wrong
    """There is no such bundle; it may have been removed after its days."""


@dataclass(frozen=True, slots=True)
class WorkView:
    """One bundle. `files` are names and bytes of its parts; `trouble` a code or empty.

    Export: for `peer`, of entries from `since` on, in parts of `max_bytes`; `mirror`: of the log of
    that peer itself, for it to restore from. `done_bytes` of
    `total_bytes` say how far it is; 0 of 0 while nobody knows.
    """

    id: int
    direction: str
    state: str
    peer: str
    since: int
    max_bytes: int
    mirror: bool
    files: tuple[tuple[str, int], ...]
    done_bytes: int
    total_bytes: int
    report: Mapping[str, JsonValue]
    trouble: str
    trouble_detail: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.state in (State.DONE, State.FAILED)

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return min(100, self.done_bytes * 100 // self.total_bytes) if self.total_bytes else 0


def work(number: int) -> WorkView:
    """One bundle; raises `NoSuchWork`."""
    row = BundleWork.objects.filter(pk=number).first()
    if row is None:
        raise NoSuchWork(str(number))
    return _view(row)


def works(limit: int = 50) -> list[WorkView]:
    """The newest bundles, newest first. One query."""
    return [_view(row) for row in BundleWork.objects.order_by("-id")[:limit]]


def works_before(moment: datetime) -> list[int]:
    """Numbers of bundles asked for before a moment."""
    rows = BundleWork.objects.filter(asked_at__lt=moment)
    return list(rows.order_by("id").values_list("id", flat=True))


def bundles_folder() -> Path:
    """Where all bundles of this node lie."""
    return Path(settings.DATA_DIR) / "bundles"


def work_folder(number: int) -> Path:
    """Where the files of one bundle lie, there or not."""
    return bundles_folder() / str(number)


def copies_folder() -> Path:
    """Where copies of this node's own log lie that were uploaded to restore from."""
    return bundles_folder() / "copies"


def copies() -> list[Path]:
    """The parts of such copies, by name."""
    return sorted(one for one in copies_folder().glob("[!.]*") if one.is_file())


def _view(row: BundleWork) -> WorkView:
    return WorkView(
        id=row.pk,
        direction=row.direction,
        state=row.state,
        peer=row.peer,
        since=row.since,
        max_bytes=row.max_bytes,
        mirror=row.mirror,
        files=tuple((str(name), int(size)) for name, size in row.files),
        done_bytes=row.done_bytes,
        total_bytes=row.total_bytes,
        report=row.report,
        trouble=row.trouble,
        trouble_detail=row.trouble_detail,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )
