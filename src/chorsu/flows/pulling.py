"""Pulling: look at a peer's log, believe what is proven, fetch what it names, take it in.

Each step commits by itself and can be repeated: a process killed anywhere goes on where it was.
What is stored is inert; `flows.ingesting` decides what it means.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, erasures, keys, queries
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.locks import only_one
from chorsu.exchange.queries import EntryView, WantedFile
from chorsu.flows.heeding import heed
from chorsu.flows.ingesting import ingest, ingest_many, knows_kind
from chorsu.flows.looking import PREFIX, Dishonest, take_entries
from chorsu.flows.software import SOFTWARE
from chorsu.flows.witnessing import take_witness
from chorsu.institutions.actions import record_event
from chorsu.practices.wire import KIND
from chorsu.wire.batch import MAX_BATCH, MAX_BATCH_BYTES
from chorsu.wire.entry import NETWORK, PUBLIC, PUBLISH, WITHDRAW
from chorsu.wire.errors import WireError

logger = logging.getLogger(__name__)
MAX_RECORD_BYTES = 16 * 1024 * 1024
SMALL_BYTES = 256 * 1024
"""Content up to this size is asked for together with others."""
GONE_TRIES = 8
"""So often a peer may answer that content is gone, over about twenty minutes, until it is so."""
CLOCK_SLACK = timedelta(hours=24)
# With these there is no point in asking the same peer for the next thing now.
DOWN = ("unreachable", "timeout", "private-address")


class ContentSource(Protocol):
    """Where blobs come from: a peer over the network, or a part of a bundle."""

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        """Bring the resource at a path into a file, going on from where it ends."""


def pull_until_quiet(*, peer_name: str, clock: Callable[[], datetime]) -> None:
    """Pull, and again if a look was wanted meanwhile: who wanted it may have found us at work.

    The question comes after the lock is free: whoever wants a look later gets the lock.
    """
    begun = clock()
    while True:
        pull(peer_name=peer_name, now=begun)
        ended = clock()
        if not queries.look_is_wanted(peer_name, begun, ended):
            return
        begun = ended


def pull(*, peer_name: str, now: datetime) -> None:
    """Read a peer's log to its end and take in what is there; trouble is written to the peer.

    Does nothing for a peer that is not confirmed, or while another worker does it.
    """
    with only_one(f"pull {peer_name}") as mine:
        state = queries.pull_state(peer_name) if mine else None
        if state is None:
            return
        actions.reconsider(peer_name=peer_name, software=SOFTWARE)
        try:
            with PeerClient(state.address, key=keys.signing_key()) as client:
                take_entries(client, state, now)
                _take_contents(client, peer_name, now)
                _take_files(client, peer_name, now)
                take_witness(client, state, now)
                heed(client, state, now)
        except actions.Overtaken:
            logger.info("%s is no longer to be read, or is read elsewhere", peer_name)
        except (PeerTrouble, WireError) as trouble:
            _note_trouble(peer_name, trouble.code, trouble.detail, now)
        except Dishonest as proof:
            put_aside(peer_name, proof, now)
        else:
            actions.record_look(name=peer_name, now=now)


def _take_contents(client: PeerClient, peer_name: str, now: datetime) -> None:
    """Fetch and take in every entry that is due; one that can't be waits and holds up no other."""
    while True:
        actions.supersede(peer_name=peer_name)
        entries = queries.waiting_entries(peer_name, now=now)
        if not entries:
            return
        done = _take_many(client, peer_name, entries, now)
        for entry in entries:
            if entry.index in done:
                continue
            if entry.state != queries.State.STORED or fetch(client, entry, now):
                ingest(peer_name=peer_name, index=entry.index, now=now)


def _take_many(
    client: PeerClient, peer_name: str, entries: Sequence[EntryView], now: datetime
) -> set[int]:
    """Fetch and take in together what is small, new and without trouble; returns which were."""
    ready = [entry.index for entry in entries if entry.state != queries.State.STORED]
    for audience in (PUBLIC, NETWORK):
        small = [entry for entry in entries if _is_simple(entry, audience, now)]
        for part in _parts(small):
            ready += _fetch_many(client, peer_name, part, now)
    return ingest_many(peer_name=peer_name, indexes=ready, now=now) if len(ready) > 1 else set()


def _is_simple(entry: EntryView, audience: str, now: datetime) -> bool:
    """Whether nothing speaks against asking for it together with others."""
    return (
        entry.state == queries.State.STORED
        and entry.action == PUBLISH
        and entry.audience == audience
        and entry.tries == 0
        and bool(entry.blob)
        and entry.size <= SMALL_BYTES
        and knows_kind(entry.kind)
        and entry.at <= now + CLOCK_SLACK
    )


def _parts(entries: Sequence[EntryView]) -> Iterator[list[EntryView]]:
    """Stretches of entries whose blobs fit into one answer."""
    part: list[EntryView] = []
    size = 0
    for entry in entries:
        if part and (len(part) == MAX_BATCH or size + entry.size > MAX_BATCH_BYTES):
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry.size
    if part:
        yield part


def _fetch_many(
    client: PeerClient, peer_name: str, entries: Sequence[EntryView], now: datetime
) -> list[int]:
    """Bring what the peer gives in one answer; returns the entries whose content is here now."""
    entries = _without_erased(peer_name, entries)
    here = blobs.all_here([entry.blob for entry in entries])
    wanted = {entry.blob: entry.size for entry in entries if entry.blob not in here}
    found: dict[str, bytes] = {}
    if len(wanted) > 1:
        signed = entries[0].audience == NETWORK
        try:
            found = client.many_blobs(PREFIX, wanted, signed=signed)
        except PeerTrouble as trouble:
            # A node need not give many at once: one by one it says what is wrong, if anything is.
            logger.info("%s gives no batch: %s", peer_name, trouble)
            _stop_if_down(trouble)
    whole = {sha256: data for sha256, data in found.items() if len(data) == wanted[sha256]}
    complete = [entry.index for entry in entries if entry.blob in here or entry.blob in whole]
    actions.keep_blobs(
        peer_name=peer_name, contents=list(whole.values()), indexes=complete, now=now
    )
    return complete


def _without_erased(peer_name: str, entries: Sequence[EntryView]) -> list[EntryView]:
    """What was erased is left to `fetch`, which says so."""
    gone = erasures.erased([entry.blob for entry in entries], peer_name)
    return [entry for entry in entries if entry.blob not in gone]


def fetch(client: ContentSource, entry: EntryView, now: datetime) -> bool:
    """Bring the content of an entry; False if the entry is settled or has to wait."""
    if not knows_kind(entry.kind):
        actions.mark_unknown(entry=entry, code="unknown-kind", detail=entry.kind, software=SOFTWARE)
        return False
    if entry.size > MAX_RECORD_BYTES:
        actions.mark_refused(entry=entry, code="record-too-large", detail=f"{entry.size} bytes")
        return False
    if entry.at > now + CLOCK_SLACK:
        actions.postpone(entry=entry, code="from-the-future", detail=str(entry.at), now=now)
        return False
    path: Path | None = None
    if entry.blob and not blobs.is_here(entry.blob):
        try:
            _refuse_erased(entry.peer, entry.blob)
            path = _download(client, entry.blob, entry.size, entry.audience)
        except PeerTrouble as trouble:
            gone = trouble.code == "erased-here" or _is_gone(trouble, entry.tries)
            if entry.action != WITHDRAW and gone:
                actions.mark_refused(entry=entry, code=trouble.code, detail=trouble.detail)
                return False
            # A withdrawal never waits: without its blob it holds, only the reason is not known.
            if entry.action != WITHDRAW:
                actions.postpone(entry=entry, code=trouble.code, detail=trouble.detail, now=now)
                _stop_if_down(trouble)
                return False
    actions.keep_blob(entry=entry, path=path, now=now)
    return True


def _take_files(client: PeerClient, peer_name: str, now: datetime) -> None:
    """Fetch the files of accepted records; readers see the words before them."""
    while files := queries.wanted_files(peer_name, now=now):
        for file in files:
            take_file(client, peer_name, file, now)


def take_file(client: ContentSource, peer_name: str, file: WantedFile, now: datetime) -> None:
    path: Path | None = None
    try:
        if file.size > settings.NODE.number("files.max_mb") * 1024 * 1024:
            raise PeerTrouble("answer-too-large", f"{file.size} bytes")
        _refuse_erased(peer_name, file.sha256)
        if not blobs.is_here(file.sha256):
            path = _download(client, file.sha256, file.size, file.audience)
    except PeerTrouble as trouble:
        if trouble.code == "erased-here" or _is_gone(trouble, file.tries):
            actions.gone_at_origin(
                peer_name=peer_name, blob=file.sha256, kind=KIND, record_id=file.record_id, now=now
            )
            return
        actions.postpone_file(peer_name=peer_name, file=file, code=trouble.code, now=now)
        _stop_if_down(trouble)
    else:
        actions.keep_file(peer_name=peer_name, file=file, path=path, now=now)


def _refuse_erased(peer_name: str, sha256: str) -> None:
    """What this node has erased, or the peer's that it asked to erase, is not fetched again."""
    if (erased := erasures.erased([sha256], peer_name).get(sha256)) is not None:
        own = erased.origin == settings.NODE_NAME
        raise PeerTrouble("erased-here", f"{sha256}, by {'this node' if own else erased.origin}")


def _is_gone(trouble: PeerTrouble, tries: int) -> bool:
    """Whether a peer has said for so long that content is gone that it is asked no more."""
    return trouble.code == "peer-erased" and tries + 1 >= GONE_TRIES


def _download(client: ContentSource, sha256: str, size: int, audience: str) -> Path:
    """The blob as a finished file that is what its hash says; raises `PeerTrouble`."""
    path = blobs.partial_path(sha256)
    try:
        client.download(f"{PREFIX}blob/{sha256}", path, size=size, signed=audience == NETWORK)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise PeerTrouble("blob-hash", f"expected {sha256}, got {found}")
    except PeerTrouble as trouble:
        # What came so far serves the next try only if the connection was at fault.
        if trouble.code not in DOWN:
            path.unlink(missing_ok=True)
        raise
    return path


def _stop_if_down(trouble: PeerTrouble) -> None:
    if trouble.code in DOWN:
        raise trouble


def _note_trouble(peer_name: str, code: str, detail: str, now: datetime) -> None:
    logger.warning("peer %s: %s: %s", peer_name, code, detail)
    actions.record_trouble(name=peer_name, code=code, detail=detail, now=now)


def put_aside(peer_name: str, proof: Dishonest, now: datetime) -> None:
    """Stop reading the peer, keep the evidence, tell the administrators by the audit log."""
    logger.error("peer %s is set aside: %s: %s", peer_name, proof.code, proof.detail)
    with transaction.atomic():
        if actions.set_aside(name=peer_name, code=proof.code, evidence=proof.evidence(), now=now):
            record_event(
                person=None,
                action="peer.set-aside",
                subject_kind="peer",
                subject_id=peer_name,
                detail={"code": proof.code, "detail": proof.detail},
                now=now,
            )
