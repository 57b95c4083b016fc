"""Remembering bundles that are made or taken in, and how far each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chorsu.exchange.models import BundleWork
from chorsu.wire.envelope import JsonValue

State = BundleWork.State


def add_export(
    *, peer_name: str, since: int, max_bytes: int, now: datetime, mirror: bool = False
) -> int:
    """A bundle is to be made; returns its number."""
    row = BundleWork.objects.create(
        direction=BundleWork.Direction.OUT,
        state=State.WAITING,
        peer=peer_name,
        since=since,
        max_bytes=max_bytes,
        mirror=mirror,
        asked_at=now,
    )
    return int(row.pk)


def add_import(*, file_name: str, size: int, now: datetime) -> int:
    """A part is to be taken in; returns its number."""
    row = BundleWork.objects.create(
        direction=BundleWork.Direction.IN,
        state=State.WAITING,
        files=[[file_name, size]],
        asked_at=now,
    )
    return int(row.pk)


def begin_work(*, number: int) -> bool:
    """A worker begins, or begins anew after another was killed; False if it has ended."""
    rows = BundleWork.objects.filter(pk=number, state__in=(State.WAITING, State.RUNNING))
    return bool(rows.update(state=State.RUNNING, done_bytes=0))


def advance_work(*, number: int, done: int, total: int) -> None:
    """So many bytes are done."""
    BundleWork.objects.filter(pk=number).update(done_bytes=done, total_bytes=total)


def end_work(
    *,
    number: int,
    peer_name: str,
    files: Sequence[tuple[str, int]],
    report: Mapping[str, JsonValue],
    now: datetime,
) -> None:
    """It ended well."""
    BundleWork.objects.filter(pk=number).update(
        state=State.DONE,
        peer=peer_name,
        files=[list(one) for one in files],
        report=dict(report),
        ended_at=now,
    )


def fail_work(*, number: int, peer_name: str, code: str, detail: str, now: datetime) -> None:
    """It can't be done; `code` is of `troubles.TROUBLES`."""
    rows = BundleWork.objects.filter(pk=number)
    if peer_name:
        rows.update(peer=peer_name)
    rows.update(state=State.FAILED, trouble=code[:60], trouble_detail=detail[:2000], ended_at=now)


def remove_work(*, number: int) -> None:
    """Forget a bundle."""
    BundleWork.objects.filter(pk=number).delete()
