"""Rebuilding: the own records made again from the entries of the own log that were put back.

One transaction a record: its rows, who may read its blobs, what search and translators need, what
is lost of it, and how far the restoring is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, erasures, restorations, witnesses
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.restorations import Lost, OwnEntry, RestorationView
from chorsu.flows.ingesting import TEXT_RECORDS, Kind
from chorsu.language import actions as language
from chorsu.practices import actions as practices
from chorsu.practices.queries import practice_for_services
from chorsu.practices.wire import KIND, TEXT_KIND
from chorsu.records.reading import Refused
from chorsu.records.shapes import Arrival, ForServices, OrphanedText, RetoldText
from chorsu.search import actions as search
from chorsu.training.actions import courses
from chorsu.training.actions import credential_logs as logs
from chorsu.training.actions import shared_banks as banks
from chorsu.training.queries.courses import course_for_services
from chorsu.training.wire.banks import KIND as BANK
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.training.wire.courses import TEXT_KIND as COURSE_TEXT
from chorsu.wire.credential_records import COMMITMENTS, STATUS
from chorsu.wire.entry import PUBLIC, PUBLISH, WITHDRAW

logger = logging.getLogger(__name__)
RECORD_TYPE = "application/json"
AT_ONCE = 64
SMALL_BYTES = 256 * 1024
BATCH_BYTES = 4 * 1024 * 1024
DOWN = ("unreachable", "timeout", "private-address")

TABLE: Mapping[str, Kind] = {
    KIND: Kind(practices.restore, practices.restore_withdrawal, KIND),
    TEXT_KIND: Kind(practices.restore_text, practices.restore_text_withdrawal, KIND),
    COURSE: Kind(courses.restore, courses.restore_withdrawal, COURSE),
    COURSE_TEXT: Kind(courses.restore_text, courses.restore_text_withdrawal, COURSE),
    BANK: Kind(banks.restore, banks.restore_withdrawal, BANK),
    COMMITMENTS: Kind(logs.accept_commitments, logs.refuse_withdrawal, COMMITMENTS),
    STATUS: Kind(logs.restore_status, logs.refuse_withdrawal, STATUS),
}
"""How each kind of record of one's own is made again."""
SERVED: Mapping[str, Callable[[str], ForServices | None]] = {
    KIND: practice_for_services,
    COURSE: course_for_services,
}
"""What the services are told of a record that readers see; None: it is not here."""
FILES: Mapping[str, Callable[[bytes], list[tuple[str, int, str]]]] = {
    KIND: practices.files_of,
    COURSE: courses.files_of,
    BANK: banks.files_of,
}
"""Hash, bytes and media type of the files that a blob of a kind names."""


class Overdue(Protocol):
    """What an own translation has to be followed by in the log; None: by nothing."""

    def __call__(
        self, *, record_id: str, revision: int, audience: str, payload: bytes
    ) -> OrphanedText | RetoldText | None:
        """The arguments are of its newest entry, a publication; raises `Refused`."""


OVERDUE: Mapping[str, Overdue] = {
    TEXT_KIND: practices.overdue_text,
    COURSE_TEXT: courses.overdue_text,
}
"""Of each kind of translation."""


class Giver(Protocol):
    """Who may have the contents of the own log."""

    @property
    def peer(self) -> str:
        """Its name."""

    def many(self, wanted: dict[str, int]) -> dict[str, bytes]:
        """Those of many small blobs (hash -> bytes) that it gives, checked."""

    def bring(self, sha256: str, size: int, media_type: str, now: datetime) -> str:
        """Bring one blob here, checked; a code if it does not give it."""


def rebuild(
    givers: Sequence[Giver],
    begun: RestorationView,
    *,
    now: datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Rebuild the records of all entries put back, and try again for what was lost before.

    Raises `PeerTrouble` when a peer that might have more fell silent: nothing is lost by that.
    """
    for record_id, first in restorations.lost_records():
        _rebuild_record(record_id, first, givers, None, now)
    position = begun.position
    while entries := restorations.own_entries(position, min(position + AT_ONCE, begun.size)):
        _bring_small(entries, givers, now)
        for entry in entries:
            position = entry.index + 1
            if restorations.first_index(entry.record_id, begun.since) == entry.index:
                _rebuild_record(entry.record_id, begun.since, givers, position, now)
            else:
                actions.advance_restoration(position=position)
        progress(position, begun.size)


def catch_up(*, now: datetime) -> None:
    """Append what own translations have to be followed by and could not while the log was stopped.

    Safe to repeat: what was appended is not due again.
    """
    for kind, overdue in OVERDUE.items():
        after = -1
        while entries := restorations.entries_of_kind(kind, after=after, limit=AT_ONCE):
            for entry in entries:
                after = entry.index
                newest = restorations.entries_of(entry.record_id, entry.index)[-1]
                if newest.index == entry.index and entry.action == PUBLISH:
                    _catch_up(entry, overdue, now)


@transaction.atomic
def _catch_up(entry: OwnEntry, overdue: Overdue, now: datetime) -> None:
    payload = blobs.read(entry.blob)
    if payload is None or witnesses.stopped():
        return
    due = overdue(
        record_id=str(entry.record_id),
        revision=entry.revision,
        audience=entry.audience,
        payload=payload,
    )
    if due is None:
        return
    gone = isinstance(due, OrphanedText)
    actions.append(
        kind=due.kind,
        record_id=due.record_id,
        revision=due.revision,
        action=WITHDRAW if gone else PUBLISH,
        audience=due.audience,
        payload=due.withdrawal if isinstance(due, OrphanedText) else due.payload,
        now=now,
    )


def _bring_small(entries: Sequence[OwnEntry], givers: Sequence[Giver], now: datetime) -> None:
    """Bring small contents together; what does not come so is asked for by itself."""
    small = {entry.blob: entry.size for entry in entries if 0 < entry.size <= SMALL_BYTES}
    here = blobs.all_here(list(small)) | erasures.erased(small).keys()
    wanted = {sha256: size for sha256, size in small.items() if sha256 not in here}
    for giver in givers:
        part: dict[str, int] = {}
        for sha256, size in wanted.items():
            if sum(part.values()) + size <= BATCH_BYTES:
                part[sha256] = size
        if len(part) < 2:
            return
        found = giver.many(part)
        blobs.put_many(list(found.values()), media_type=RECORD_TYPE, now=now)
        wanted = {sha256: size for sha256, size in wanted.items() if sha256 not in found}


def _rebuild_record(
    record_id: UUID, since: int, givers: Sequence[Giver], position: int | None, now: datetime
) -> None:
    """Make one record what its entries say, in their order. `position`: how far all is then.

    Begun anew if somebody published the record meanwhile, which only a log that goes on allows.
    """
    done = False
    while not done:
        entries = restorations.entries_of(record_id, since)
        lost = [
            _gone(entry, code)
            for entry in entries
            if entry.blob and (code := _bring(entry.blob, entry.size, RECORD_TYPE, givers, now))
        ]
        files = _files(entries, givers, lost, now)
        try:
            done = _rebuild_at_once(record_id, since, entries, files, lost, position, now)
        except Exception:
            # A fault of ours with one record must not keep all the others away.
            logger.exception("record %s could not be rebuilt", record_id)
            with transaction.atomic():
                _note(record_id, [_gone(entries[-1], "internal")], position)
            return


@transaction.atomic
def _rebuild_at_once(
    record_id: UUID,
    since: int,
    entries: Sequence[OwnEntry],
    files: Sequence[str],
    lost: Sequence[Lost],
    position: int | None,
    now: datetime,
) -> bool:
    """False, and nothing happened, if the record has other entries by now."""
    practices.hold_still(record_id=str(record_id))
    courses.hold_still(record_id=str(record_id))
    banks.hold_still(record_id=str(record_id))
    if restorations.entries_of(record_id, since) != entries:
        return False
    newest = entries[-1]
    refused = _make_again(entries, now)
    actions.use_again(
        record_id=record_id,
        hashes=[one for one in (newest.blob, *files) if one],
        audience=newest.audience,
    )
    _note(record_id, [*lost, *refused], position)
    return True


def _note(record_id: UUID, lost: Sequence[Lost], position: int | None) -> None:
    actions.note_lost(record_id=record_id, lost=lost)
    if position is not None:
        actions.advance_restoration(position=position)


def _gone(entry: OwnEntry, code: str) -> Lost:
    return Lost(entry.index, entry.record_id, entry.blob, entry.size, is_file=False, reason=code)


def _files(
    entries: Sequence[OwnEntry], givers: Sequence[Giver], lost: list[Lost], now: datetime
) -> list[str]:
    """Bring the files that the record needs as it stands now; returns all their hashes.

    A course needs those of its earlier revisions too, and so do its questions: they may be taught
    still.
    """
    newest = entries[-1]
    if newest.kind not in FILES or newest.action != PUBLISH:
        return []
    readable = (PUBLIC, newest.audience)
    earlier = entries[:-1] if newest.kind in (COURSE, BANK) else ()
    told = [one for one in earlier if one.action == PUBLISH and one.audience in readable]
    hashes: list[str] = []
    for entry in [*told, newest]:
        for sha256, size, media_type in _named(entry):
            if sha256 in hashes:
                continue
            hashes.append(sha256)
            code = _bring(sha256, size, media_type, givers, now)
            if code:
                gone = Lost(newest.index, newest.record_id, sha256, size, is_file=True, reason=code)
                lost.append(gone)
    return hashes


def _named(entry: OwnEntry) -> list[tuple[str, int, str]]:
    payload = blobs.read(entry.blob) if entry.blob else None
    try:
        return FILES[entry.kind](payload) if payload is not None else []
    except Refused:
        return []


def _bring(sha256: str, size: int, media_type: str, givers: Sequence[Giver], now: datetime) -> str:
    """Have a blob here, as it lies here unknown or from any peer; a code if none gives it.

    Raises `PeerTrouble`. What this node has erased is not lost, and is not taken back from a peer
    that kept it.
    """
    if blobs.is_here(sha256) or erasures.erased([sha256]):
        return ""
    if blobs.find_again(sha256, media_type=media_type, now=now):
        return ""
    codes = []
    for giver in givers:
        code = giver.bring(sha256, size, media_type, now)
        if not code:
            return ""
        codes.append((code, giver.peer))
    for code, peer in codes:
        if code in DOWN:
            raise PeerTrouble(code, peer)
    return codes[-1][0] if codes else "no-copy"


def _make_again(entries: Sequence[OwnEntry], now: datetime) -> list[Lost]:
    """Hand each entry whose content is here to its package; returns what it refuses."""
    refused = []
    for entry in entries:
        payload = blobs.read(entry.blob) if entry.blob else None
        kind = TABLE.get(entry.kind)
        if kind is None or (payload is None and entry.action == PUBLISH):
            continue
        try:
            with transaction.atomic():
                _hand_over(kind, entry, payload or b"", now)
        except Refused as refusal:
            logger.warning("own entry %d is refused: %s", entry.index, refusal)
            refused.append(_gone(entry, refusal.code))
    return refused


def _hand_over(kind: Kind, entry: OwnEntry, payload: bytes, now: datetime) -> None:
    take_in = kind.accept if entry.action == PUBLISH else kind.withdraw
    arrival = Arrival(
        payload=payload,
        record_id=str(entry.record_id),
        revision=entry.revision,
        audience=entry.audience,
        index=entry.index,
        at=entry.at,
        blob=entry.blob,
    )
    accepted = take_in(arrival=arrival, origin=settings.NODE_NAME, now=now)
    if accepted.record_id:
        _serve(kind.shown, accepted.record_id, now)


def _serve(kind: str, record_id: str, now: datetime) -> None:
    """The services above the record: what translators lack, what search finds, by its jobs."""
    state = SERVED[kind](record_id)
    if state is None:
        return
    if state.withdrawn:
        language.forget(kind=kind, record_id=record_id)
        search.remove(kind=kind, record_id=record_id)
        return
    language.request(
        kind=kind,
        record_id=record_id,
        revision=state.revision,
        original_language=state.original_language,
        texts=state.texts,
        now=now,
    )
    search.index_later(kind=kind, record_ids=[record_id])
    if kind in TEXT_RECORDS:
        actions.hold(audiences=TEXT_RECORDS[kind](record_id))
