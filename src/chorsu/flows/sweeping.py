"""Sweeping: bytes that no record, log, draft or wish names are removed, some days after they came.

What a peer withdrew or replaced, what came of a peer that is forgotten, what was taken off a draft:
nobody can read it. Files that this node's own log ever named stay until they are erased.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, witnesses
from chorsu.exchange.locks import is_held
from chorsu.flows import restoring
from chorsu.flows.erasing import named_files
from chorsu.practices.queries import naming as practices
from chorsu.records.naming import Places
from chorsu.training.queries import naming as training

logger = logging.getLogger(__name__)


class _Absent(Exception):  # noqa: N818 - says what is wrong
    """A content of the own log is neither here, whole, nor erased: a disk may not be mounted."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many blobs nothing named, and how many bytes, drafts and downloads nobody needed."""

    unnamed: int
    left_over: int


def places() -> Places:
    """Every column that keeps a blob here; a test holds it against all tables."""
    return {**actions.places(), **practices.places(), **training.places()}


def sweep_tonight(*, now: datetime) -> Swept | None:
    """As `sweep`; None, and nothing goes, until this database alone has looked after its store for
    a month, with no leap of the clock.
    """
    if not actions.visit(now=now):
        logger.info("no blob is swept: the store is not looked after for long enough yet")
        return None
    return sweep(now=now)


def sweep(*, now: datetime) -> Swept:
    """Remove what nothing names, then the bytes of it and of whatever else has no row.

    Killed between the two, the bytes go the next night. Nothing goes while the log is stopped or
    being restored: bytes without a row may be of what it lacks. Raises `OSError` of a store that
    fails.
    """
    if _is_restored():
        return Swept(0, 0)
    return Swept(remove_unnamed(now=now), blobs.sweep(now=now))


def remove_unnamed(*, now: datetime) -> int:
    """Remove the rows of blobs that were put long enough ago and that nothing names; how many.

    Not while the own log is being restored, for what its records will name may be here already,
    nor while a content of it is not here, for nobody can tell what that names.
    """
    removed, before = 0, now - actions.GRACE
    try:
        _note_own_files()
        for some in actions.unnamed(before=before):
            if _is_restored():
                break
            removed += _remove(some, before)
    except _Absent as absent:
        logger.warning("no blob is swept: the own content %s is not in the store", absent)
    return removed


def _is_restored() -> bool:
    return is_held(restoring.LOCK) or witnesses.stopped()


def _note_own_files() -> None:
    """Read what was published since the last night for the files it names: they stay."""
    for up_to, files in _files_named(actions.files_noted()):
        actions.note_own_files(files, up_to=up_to)


@transaction.atomic
def _remove(some: Sequence[str], before: datetime) -> int:
    locked = set(actions.lock_unnamed(some, before=before))
    # Published and replaced since they were noted.
    for _, files in _files_named(actions.files_noted()):
        locked -= files
    return actions.remove_unnamed(locked, unless=places())


def _files_named(first: int) -> Iterator[tuple[int, set[str]]]:
    """Files that contents of the own log name, from an entry on, some entries at a time, each time
    with the place after the last.
    """
    while contents := actions.own_contents(first):
        files: set[str] = set()
        for _, kind, blob in contents:
            files.update(_named(blob, kind))
        first = contents[-1][0] + 1
        yield first, files


def _named(blob: str, kind: str) -> Collection[str]:
    payload = blobs.read(blob)
    if payload is not None and hashlib.sha256(payload).hexdigest() == blob:
        named = named_files(payload, kind, str(settings.NODE_NAME))
        return {file.sha256 for file in named}
    files = actions.files_of_absent(blob)
    if files is None:
        raise _Absent(blob)
    return files
