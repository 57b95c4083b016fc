"""Carrying: bundles for where no wire reaches, from the command line and as work of the node.

`flows.packing` writes the parts, `flows.unpacking` reads them. Here is who asked, how far it is,
what came of it, and what goes into the audit log.
"""

from __future__ import annotations

import errno
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, cargo, queries, works
from chorsu.exchange.cargo import Lack
from chorsu.exchange.locks import only_one
from chorsu.flows.copies import remove_old_copies
from chorsu.flows.loading import NotPacked, Order
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.packing import Packed, Progress, pack
from chorsu.flows.unpacking import Unpacked, unpack
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.practices.queries import file_names, practices_by_id
from chorsu.records.viewer import Viewer
from chorsu.wire.envelope import JsonValue

JOB = "chorsu.jobs.tasks.carry_bundle"
DEFAULT_MAX_BYTES = 4_000_000_000
MIN_MAX_BYTES, MOST_MAX_BYTES = 1_000_000, 1_000_000_000_000
MAX_NAMES = 100
_SIZE = re.compile(r"([1-9][0-9]{0,14})([KMGT]?)B?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SECOND_S = 1.0


class BadSize(ValueError):  # noqa: N818 - says what is wrong
    """A size is digits with K, M, G or T after them, from 1M to 1T: 4G is 4 000 000 000 bytes."""


@dataclass(frozen=True, slots=True)
class NamedLack:
    """What is missing, with the names a person knows: empty where this node knows none yet."""

    lack: Lack
    title: str
    title_language: str
    file_name: str


def parse_size(text: str) -> int:
    """Bytes of `4G`, `650M` and the like, in powers of ten; raises `BadSize`."""
    match = _SIZE.fullmatch(text.strip())
    size = int(match[1]) * _UNITS[match[2].upper()] if match else 0
    if not MIN_MAX_BYTES <= size <= MOST_MAX_BYTES:
        raise BadSize(text[:40])
    return size


def export(
    *,
    peer_name: str,
    since: int,
    max_bytes: int,
    path: Path,
    by: Person | None,
    now: datetime,
    progress: Progress,
    mirror: bool = False,
) -> Packed:
    """Make a bundle of the own feed for a peer; with `mirror` of the peer's own log, as it is kept
    here, for it to restore from. Raises `NotThere`, `NotPacked`, `OSError`.
    """
    peer = queries.peer(peer_name)
    packed = pack(Order(peer.name, peer.key, since, max_bytes, now, mirror), path, progress)
    detail = {"since": since, "size": packed.size, "parts": len(packed.files)}
    action = "bundle.mirrored" if mirror else "bundle.exported"
    _tell(by, action, peer_name, detail, now)
    return packed


def take_in(*, path: Path, by: Person | None, now: datetime, progress: Progress) -> Unpacked:
    """Take in one part of a bundle. Raises `NotUnpacked`, `OSError`."""
    folder = works.bundles_folder()
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f".{time.time_ns()}.opened"
    taken = unpack(path, scratch, now=now, progress=progress)
    detail = {"part": taken.manifest.part, "size": taken.manifest.size, "accepted": taken.accepted}
    _tell(by, "bundle.imported", taken.manifest.origin, detail, now)
    return taken


# The same as work of the node


def ask_export(
    *,
    peer_name: str,
    since: int,
    max_bytes: int,
    by: Person | None,
    now: datetime,
    mirror: bool = False,
) -> int:
    """Have a worker make a bundle as `export` does; returns its number. Raises `NotThere`."""
    peer = queries.peer(peer_name)
    number = actions.add_export(
        peer_name=peer.name, since=since, max_bytes=max_bytes, now=now, mirror=mirror
    )
    action = "bundle.mirror-asked" if mirror else "bundle.export-asked"
    _tell(by, action, peer.name, {"since": since, "number": number}, now)
    _defer(number)
    return number


def ask_import(*, path: Path, name: str, by: Person | None, now: datetime) -> int:
    """Have a worker take in an uploaded part, which is moved away; returns its number."""
    number = actions.add_import(file_name=name[:200], size=path.stat().st_size, now=now)
    folder = works.work_folder(number)
    folder.mkdir(parents=True, exist_ok=True)
    path.replace(folder / "part")
    _tell(by, "bundle.import-asked", settings.NODE_NAME, {"number": number}, now)
    _defer(number)
    return number


def carry(*, number: int, clock: Callable[[], datetime]) -> None:
    """Do the work of one bundle; what goes wrong is written to it. Safe to begin anew."""
    with only_one(f"bundle {number}") as mine:
        if not mine or not actions.begin_work(number=number):
            return
        one = works.work(number)
        try:
            if one.direction == works.Direction.OUT:
                _make(one, clock)
            else:
                _read(one, clock)
        except NotPacked as refusal:
            _fail(number, "", refusal.code, refusal.detail, clock())
        except queries.NotThere:
            _fail(number, "", "bundle-of-stranger", one.peer, clock())
        except NotUnpacked as refusal:
            _fail(number, refusal.about, refusal.code, refusal.detail, clock())
        except OSError as error:
            code = "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "internal"
            _fail(number, "", code, str(error), clock())


def remove_old(*, now: datetime) -> int:
    """Remove bundles, with their files, `bundles.keep_days` after they were asked for."""
    old = works.works_before(now - timedelta(days=settings.NODE.number("bundles.keep_days")))
    for number in old:
        shutil.rmtree(works.work_folder(number), ignore_errors=True)
        actions.remove_work(number=number)
    _remove_left_over(now)
    remove_old_copies(now=now)
    return len(old)


def remove(*, number: int, by: Person | None, now: datetime) -> None:
    """Remove one bundle that has ended, with its files. Raises `NoSuchWork`."""
    one = works.work(number)
    if one.ended:
        shutil.rmtree(works.work_folder(number), ignore_errors=True)
        actions.remove_work(number=number)
        _tell(by, "bundle.removed", one.peer or settings.NODE_NAME, {"number": number}, now)


def missing_of(peer_name: str, viewer: Viewer) -> list[NamedLack]:
    """What is missing now of a peer's log, by name; at most `MAX_NAMES` lines."""
    return named(cargo.lacks(peer_name, MAX_NAMES), viewer)


def named(lacks: Iterable[Lack], viewer: Viewer) -> list[NamedLack]:
    """What is missing with titles and names of files, as far as they are known here."""
    found = list(lacks)
    cards = practices_by_id({str(one.record_id) for one in found}, viewer)
    names = file_names({one.sha256 for one in found if one.is_file})
    lines = []
    for one in found:
        card = cards.get(str(one.record_id))
        title, language = (card.title, card.text_language) if card else ("", "")
        lines.append(NamedLack(one, title, language, names.get(one.sha256, "")))
    return lines


def _make(one: works.WorkView, clock: Callable[[], datetime]) -> None:
    folder = works.work_folder(one.id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    what = "copy-for" if one.mirror else "for"
    packed = export(
        peer_name=one.peer,
        since=one.since,
        max_bytes=one.max_bytes,
        path=folder / f"{settings.NODE_NAME}-{what}-{one.peer}-{one.since}.zip",
        by=None,
        now=clock(),
        progress=_progress(one.id),
        mirror=one.mirror,
    )
    actions.end_work(
        number=one.id,
        peer_name=one.peer,
        files=[(path.name, path.stat().st_size) for path in packed.files],
        report=export_report(packed),
        now=clock(),
    )


def _read(one: works.WorkView, clock: Callable[[], datetime]) -> None:
    path = works.work_folder(one.id) / "part"
    taken = take_in(path=path, by=None, now=clock(), progress=_progress(one.id))
    actions.end_work(
        number=one.id,
        peer_name=taken.manifest.origin,
        files=one.files,
        report=import_report(taken),
        now=clock(),
    )
    path.unlink(missing_ok=True)


def export_report(packed: Packed) -> dict[str, JsonValue]:
    """What is kept of an export."""
    return {
        "since": packed.since,
        "size": packed.size,
        "sealed": packed.sealed,
        "beside": packed.beside.name if packed.beside else "",
        "left_out": _some(packed.left_out),
        "left_out_count": len(packed.left_out),
        "lost": _some(packed.lost),
        "lost_count": len(packed.lost),
    }


def import_report(taken: Unpacked) -> dict[str, JsonValue]:
    """What is kept of an import."""
    manifest = taken.manifest
    return {
        "origin": manifest.origin,
        "part": manifest.part,
        "parts": len(manifest.parts),
        "since": manifest.since,
        "size": manifest.size,
        "sealed": taken.sealed,
        "cut": taken.cut,
        "old": taken.old,
        "entries": taken.entries,
        "accepted": taken.accepted,
        "refused": taken.refused,
        "files": taken.files,
        "requests": taken.requests,
        "answers": taken.answers,
        "witnesses": taken.witnesses,
        "stopped": taken.stopped,
        "trouble": taken.trouble,
        "trouble_detail": taken.trouble_detail,
        "damaged": _some(taken.damaged),
        "missing_records": taken.missing_records,
        "missing_files": taken.missing_files,
        "missing_parts": _some(taken.missing_parts),
    }


def _some(names: Sequence[str]) -> list[JsonValue]:
    return list(names[:MAX_NAMES])


def _progress(number: int) -> Progress:
    """Writes how far it is, at most once a second."""
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECOND_S:
            last = time.monotonic()
            actions.advance_work(number=number, done=done, total=total)

    return show


def _fail(number: int, peer_name: str, code: str, detail: str, now: datetime) -> None:
    shutil.rmtree(works.work_folder(number), ignore_errors=True)
    actions.fail_work(number=number, peer_name=peer_name, code=code, detail=detail, now=now)


def _remove_left_over(now: datetime) -> None:
    """Uploads that nobody finished and decrypted parts of killed workers, a day later."""
    before = (now - timedelta(days=1)).timestamp()
    for path in works.bundles_folder().glob(".*"):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def _defer(number: int) -> None:
    transaction.on_commit(lambda: actions.defer(JOB, once=str(number), number=str(number)))


def _tell(
    by: Person | None, action: str, peer_name: str, detail: Mapping[str, object], now: datetime
) -> None:
    record_event(
        person=by, action=action, subject_kind="peer", subject_id=peer_name, detail=detail, now=now
    )
