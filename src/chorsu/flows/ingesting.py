"""Ingesting: from a verified, fetched entry to a record that readers find. One row a kind.

One transaction an entry: the record, its place in the work list of translators, its words in the
index and the entry's state commit together, so a kill leaves either all of it or nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction

from chorsu.exchange import actions, blobs, queries, witnesses
from chorsu.exchange.queries import EntryView
from chorsu.exchange.wanting import WantedFile
from chorsu.flows import bringing_home
from chorsu.flows.publishing import settle
from chorsu.flows.software import SOFTWARE
from chorsu.language import actions as language
from chorsu.practices import actions as practices
from chorsu.practices.queries import text_records
from chorsu.practices.wire import KIND, TEXT_KIND
from chorsu.records.reading import Refused
from chorsu.records.shapes import SUPERSEDED, Accepted, Arrival, OrphanedText, RetoldText
from chorsu.search import actions as search
from chorsu.training.actions import courses
from chorsu.training.actions import credential_logs as logs
from chorsu.training.actions import shared_banks as banks
from chorsu.training.queries.courses import text_records as texts_of_course
from chorsu.training.wire.banks import KIND as BANK
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.training.wire.courses import TEXT_KIND as COURSE_TEXT
from chorsu.wire.credential_records import COMMITMENTS, STATUS
from chorsu.wire.entry import PUBLISH, WITHDRAW

logger = logging.getLogger(__name__)
PORTION_BYTES = 3 * 512 * 1024
"""Of contents at a time: as values and rows they take several times as much."""
# Refusals that newer software may see otherwise.
NEWER = ("payload-newer-format",)


class TakeIn(Protocol):
    """How a package takes in one entry; raises `Refused`."""

    def __call__(self, *, arrival: Arrival, origin: str, now: datetime) -> Accepted:
        """Take it in, in the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done with a publication and with a withdrawal of one kind of record.

    `shown` is the kind of what readers see of it: a translation is seen as what it translates.
    """

    accept: TakeIn
    withdraw: TakeIn
    shown: str


TABLE: Mapping[str, Kind] = {
    KIND: Kind(practices.accept, practices.accept_withdrawal, KIND),
    TEXT_KIND: Kind(practices.accept_text, practices.accept_text_withdrawal, KIND),
    COURSE: Kind(courses.accept, courses.accept_withdrawal, COURSE),
    COURSE_TEXT: Kind(courses.accept_text, courses.accept_text_withdrawal, COURSE),
    BANK: Kind(banks.accept, banks.accept_withdrawal, BANK),
    COMMITMENTS: Kind(logs.accept_commitments, logs.refuse_withdrawal, COMMITMENTS),
    STATUS: Kind(logs.accept_status, logs.refuse_withdrawal, STATUS),
}
TEXT_RECORDS: Mapping[str, Callable[[str], Mapping[str, str]]] = {
    KIND: text_records,
    COURSE: texts_of_course,
}
"""Of each kind that nodes translate: the translations of a record, with who may read them."""


def knows_kind(kind: str) -> bool:
    """Whether this software takes in records of a kind."""
    return kind in TABLE


def ingest(*, peer_name: str, index: int, now: datetime) -> None:
    """Take in one fetched entry, once; if it can't be, its state says why."""
    try:
        with transaction.atomic():
            entry = actions.take_up(peer_name=peer_name, index=index)
            if entry is None:
                return
            if entry.blob and not blobs.is_here(entry.blob) and entry.action != WITHDRAW:
                actions.fetch_again(entry=entry, now=now)
            else:
                _ingest(entry, now)
    except Exception:
        # A fault of ours with one entry must not hold up the rest of the network.
        logger.exception("entry %s of %s could not be taken in", index, peer_name)
        _postpone(peer_name, index, now)


def ingest_many(*, peer_name: str, indexes: Sequence[int], now: datetime) -> Mapping[int, str]:
    """Take in those fetched practices that are here for the first time; returns which, with ids.

    One transaction for all. The order is as of one: accept, then ask for what is missing; what
    can be read by then is indexed after it (`indexing.index_now`, or a worker). The rest is for
    `ingest`, one by one, and so is all of it if this can't be done: a record that spoils the
    batch harms no other.
    """
    try:
        with transaction.atomic():
            entries = actions.take_up_many(peer_name=peer_name, indexes=indexes)
            return _ingest_new(peer_name, _simple(entries, peer_name), now)
    except Exception:
        logger.exception("entries of %s could not be taken in together", peer_name)
        return {}


def _simple(entries: Sequence[EntryView], peer_name: str) -> list[EntryView]:
    """Publications of practices whose ids belong to nobody else."""
    simple = [e for e in entries if e.kind == KIND and e.action == PUBLISH and e.blob]
    holders = queries.holders_of([entry.record_id for entry in simple])
    return [entry for entry in simple if holders.get(entry.record_id, {peer_name}) == {peer_name}]


def _ingest_new(peer_name: str, entries: Sequence[EntryView], now: datetime) -> Mapping[int, str]:
    accepted: dict[int, Accepted] = {}
    for portion in _portions(entries):
        arrivals = _arrivals(portion)
        accepted |= practices.accept_new(arrivals=arrivals, origin=peer_name, now=now)
    if not accepted:
        return {}
    new = [
        language.NewRecord(one.record_id, one.revision, one.original_language, one.texts or {})
        for one in accepted.values()
    ]
    language.request_many(kind=KIND, records=new, now=now)
    search.index_later(kind=KIND, record_ids=[one.record_id for one in accepted.values()])
    taken = [entry for entry in entries if entry.index in accepted]
    files = [file for entry in taken for file in _files(entry, accepted[entry.index])]
    actions.mark_many_accepted(peer_name=peer_name, entries=taken, files=files)
    return {index: one.record_id for index, one in accepted.items()}


def _portions(entries: Sequence[EntryView]) -> Iterator[list[EntryView]]:
    """Stretches of entries whose contents may be in memory together, many times over."""
    portion: list[EntryView] = []
    for entry in entries:
        if portion and sum(one.size for one in portion) + entry.size > PORTION_BYTES:
            yield portion
            portion = []
        portion.append(entry)
    if portion:
        yield portion


def _arrivals(entries: Sequence[EntryView]) -> list[Arrival]:
    contents = {entry.index: blobs.read(entry.blob) for entry in entries}
    return [
        _arrival(entry, payload)
        for entry in entries
        if (payload := contents[entry.index]) is not None
    ]


def _ingest(entry: EntryView, now: datetime) -> None:
    try:
        with transaction.atomic():
            accepted = _take_in(entry, now)
            if accepted.outcome == SUPERSEDED:
                actions.mark_superseded(entry=entry)
                return
            shown = TABLE[entry.kind].shown
            _serve_readers(shown, accepted, now)
            _withdraw_orphans(accepted.orphans, now)
            _retell(accepted.retold, now)
            if entry.kind == COMMITMENTS:
                bringing_home.soon(entry.peer)
            actions.mark_accepted(entry=entry, files=_files(entry, accepted))
            if shown in TEXT_RECORDS and accepted.record_id:
                actions.hold(audiences=TEXT_RECORDS[shown](accepted.record_id))
    except Refused as refusal:
        if refusal.code in NEWER:
            actions.mark_unknown(
                entry=entry, code="newer-format", detail=refusal.detail, software=SOFTWARE
            )
        else:
            actions.mark_refused(entry=entry, code=refusal.code, detail=refusal.detail)


def _take_in(entry: EntryView, now: datetime) -> Accepted:
    """Hand the entry to its package. A withdrawal whose reason can't be read holds without it."""
    kind = TABLE[entry.kind]
    payload = (blobs.read(entry.blob) if entry.blob else None) or b""
    if entry.action != WITHDRAW:
        return _call(kind.accept, entry, payload, now)
    try:
        with transaction.atomic():
            return _call(kind.withdraw, entry, payload, now)
    except Refused as refusal:
        if refusal.code not in ("payload-malformed", "payload-newer-format"):
            raise
        return _call(kind.withdraw, entry, b"", now)


def _call(take_in: TakeIn, entry: EntryView, payload: bytes, now: datetime) -> Accepted:
    holder = queries.holder_of(entry.record_id)
    if holder not in (None, entry.peer):
        raise Refused("not-the-origin", f"{entry.record_id} belongs to {holder}")
    return take_in(arrival=_arrival(entry, payload), origin=entry.peer, now=now)


def _arrival(entry: EntryView, payload: bytes) -> Arrival:
    return Arrival(
        payload=payload,
        record_id=str(entry.record_id),
        revision=entry.revision,
        audience=entry.audience,
        index=entry.index,
        at=entry.at,
        blob=entry.blob,
    )


def _serve_readers(kind: str, accepted: Accepted, now: datetime) -> None:
    """The services above the record: what translators lack, what search finds."""
    if accepted.texts:
        settle(
            kind=kind,
            record_id=accepted.record_id,
            revision=accepted.revision,
            original_language=accepted.original_language,
            texts=accepted.texts,
            now=now,
        )
    elif accepted.record_id:
        language.forget(kind=kind, record_id=accepted.record_id)
        search.remove(kind=kind, record_id=accepted.record_id)


def _withdraw_orphans(orphans: Sequence[OrphanedText], now: datetime) -> None:
    """Translations go with what they translate: ours from our feed, peers' from sight."""
    for text in orphans:
        if text.withdrawal and witnesses.stopped():
            actions.conceal(record_id=text.record_id)
        elif text.withdrawal:
            actions.append(
                kind=text.kind,
                record_id=text.record_id,
                revision=text.revision,
                action=WITHDRAW,
                audience=text.audience,
                payload=text.withdrawal,
                now=now,
            )
        else:
            actions.release(record_id=text.record_id)


def _retell(texts: Sequence[RetoldText], now: datetime) -> None:
    """Our translations have the readers that what they translate has: no more, no fewer."""
    for text in texts:
        if witnesses.stopped():
            actions.conceal(record_id=text.record_id)
            continue
        actions.append(
            kind=text.kind,
            record_id=text.record_id,
            revision=text.revision,
            action=PUBLISH,
            audience=text.audience,
            payload=text.payload,
            now=now,
        )


def _files(entry: EntryView, accepted: Accepted) -> list[WantedFile]:
    return [
        WantedFile(entry.record_id, sha256, size, media_type, entry.audience, 0)
        for sha256, size, media_type in accepted.files
    ]


def _postpone(peer_name: str, index: int, now: datetime) -> None:
    with transaction.atomic():
        entry = actions.take_up(peer_name=peer_name, index=index)
        if entry is not None:
            actions.postpone(entry=entry, code="internal", detail="", now=now)
