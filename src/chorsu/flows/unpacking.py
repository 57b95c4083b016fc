"""Unpacking: a part of a bundle read by the same rules as a peer's answers.

A file is only another way by which a log's checkpoint, tiles and blobs come: `flows.looking`
proves the entries, `flows.pulling` checks each blob, `flows.ingesting` takes the record in.
What is here already is not read again, so parts may come in any order, and twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from chorsu.exchange import actions, blobs, cargo, proofs, queries, witnesses
from chorsu.exchange.cargo import Lack
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.locks import only_one
from chorsu.exchange.queries import EntryView, PullState
from chorsu.flows.comparing import compare_carried
from chorsu.flows.fetching import take_file
from chorsu.flows.following import check_old_key, follow, learn_older_keys
from chorsu.flows.heeding import heed_carried
from chorsu.flows.ingesting import ingest, knows_kind
from chorsu.flows.looking import PREFIX, Dishonest, take_entries
from chorsu.flows.opening import CarriedPart, NotUnpacked, opened
from chorsu.flows.pulling import MAX_RECORD_BYTES, fetch, put_aside
from chorsu.flows.software import SOFTWARE
from chorsu.flows.witnessing import heed_carried_keys, take_carried_witnesses
from chorsu.wire.bundle import (
    CHECKPOINT,
    Manifest,
)
from chorsu.wire.checkpoint import Checkpoint, open_checkpoint
from chorsu.wire.entry import WITHDRAW
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES

MAX_LACKS = 100
PATIENCE_S = 120
CHUNK_BYTES = 1 << 16
Progress = Callable[[int, int], None]
# With these nothing else of the file is believed either.
NOT_SIGNED = (
    "wrong-key",
    "bad-signature",
    "wrong-origin",
    "note-malformed",
    "note-too-large",
    "succession-malformed",
    "chain-malformed",
    "chain-broken",
)


@dataclass(slots=True)
class Unpacked:
    """What came of one part.

    `requests` are erasures of its node not read before, `answers` what it did about this
    node's. `witnesses` are peers whose word on how far they have seen this node's log counted.
    `stopped`: this node publishes nothing, by what the part shows or for what was known before.
    `trouble` is a code if the log's entries in it, or such words, could not be used; blobs
    may have been.
    `damaged` are members that are not what they should be; `cut`: the file ends too early.
    `missing` are blobs not here afterwards, at most `MAX_LACKS`, and `missing_parts` the parts
    that should hold them, as the manifest tells.
    """

    manifest: Manifest
    sealed: bool
    cut: bool
    old: bool = False
    entries: int = 0
    accepted: int = 0
    refused: int = 0
    files: int = 0
    requests: int = 0
    answers: int = 0
    witnesses: int = 0
    stopped: bool = False
    trouble: str = ""
    trouble_detail: str = ""
    damaged: list[str] = field(default_factory=list)
    missing_records: int = 0
    missing_files: int = 0
    missing: list[Lack] = field(default_factory=list)
    missing_parts: list[str] = field(default_factory=list)


def unpack(path: Path, scratch: Path, *, now: datetime, progress: Progress) -> Unpacked:
    """Take in what a part holds and this node lacks; `scratch` is where it is decrypted to.

    `progress(done, total)` counts bytes of the file. Raises `NotUnpacked`, `OSError`.
    """
    with opened(path, scratch) as part:
        taken = Unpacked(part.manifest, part.sealed, part.cut)
        _take_in(part, taken, now, progress)
    return taken


def _take_in(part: CarriedPart, taken: Unpacked, now: datetime, progress: Progress) -> None:
    origin = taken.manifest.origin
    if origin == settings.NODE_NAME:
        raise NotUnpacked("bundle-own-log", origin, origin)
    with _patiently(f"pull {origin}"):
        state = queries.pull_state(origin)
        if state is None:
            raise NotUnpacked("bundle-of-stranger", origin, origin)
        # The key at hand has signed its own end: it matters not whether the log can be believed.
        heed_carried_keys(part, state, now)
        before = cargo.standing(origin)
        actions.reconsider(peer_name=origin, software=SOFTWARE)
        _take_log(part, state, taken, now)
        _take_contents(part, origin, now, progress)
        taken.files = _take_files(part, origin, now, progress)
        _take_words(part, origin, taken, now)
        _take_seen(part, origin, taken, now)
        actions.record_carried(name=origin, now=now)
        after = cargo.standing(origin)
    taken.stopped = witnesses.stopped()
    taken.entries = after.stored - before.stored
    taken.accepted = after.accepted - before.accepted
    taken.refused = after.refused - before.refused
    taken.damaged = sorted(part.damaged)
    taken.missing_records, taken.missing_files = after.waiting, after.wanted_files
    taken.missing = cargo.lacks(origin, MAX_LACKS)
    taken.missing_parts = _parts_with(taken.manifest, taken.missing)
    progress(part.length, part.length)


def _take_log(part: CarriedPart, state: PullState, taken: Unpacked, now: datetime) -> None:
    """The entries, if the part brings new ones that prove true; else why not."""
    try:
        note = part.get(f"{PREFIX}{CHECKPOINT}", max_bytes=MAX_NOTE_BYTES)
        offered, state = _by_its_key(part, state, note, now)
        newest = state.accepted()
        known = max(state.edge.size, newest.size if newest else 0)
        if offered.size < known:
            # Years old is no rollback: the file is what was signed then, if history agrees.
            taken.old = True
            _check_past(state, offered, note)
        elif taken.manifest.since == taken.manifest.size > state.edge.size:
            # It brings words and no entries.
            return
        elif taken.manifest.since > state.edge.size:
            taken.trouble = "bundle-gap"
            taken.trouble_detail = f"{taken.manifest.since}, read up to {state.edge.size}"
        else:
            take_entries(part, state, now)
            learn_older_keys(part, state)
    except Dishonest as proof:
        put_aside(state.name, proof, now)
        raise NotUnpacked(proof.code, proof.detail, state.name) from proof
    except actions.Overtaken as overtaken:
        raise NotUnpacked("peer-busy", state.name, state.name) from overtaken
    except WireError as error:
        if error.code in NOT_SIGNED:
            raise NotUnpacked(error.code, error.detail, state.name) from error
        taken.trouble, taken.trouble_detail = error.code, error.detail
    except PeerTrouble as error:
        code = "bundle-cut" if error.code == "peer-lacks" else error.code
        taken.trouble, taken.trouble_detail = code, error.detail


def _by_its_key(
    part: CarriedPart, state: PullState, note: bytes, now: datetime
) -> tuple[Checkpoint, PullState]:
    """The part's checkpoint, and the peer as of the key that signed it.

    A file may be older than the peer's key, or bring the successions that lead to a newer one.
    """
    try:
        return open_checkpoint(note, state.key), state
    except WireError as error:
        if error.code != "wrong-key":
            raise
    if old := check_old_key(state, note):
        return old
    state = follow(part, state, now)
    return open_checkpoint(note, state.key), state


def _check_past(state: PullState, offered: Checkpoint, note: bytes) -> None:
    """An old checkpoint must be of the past this node has proven."""
    if offered.size > state.edge.size:
        return
    if proofs.root_at(state.name, offered.size) != offered.root:
        if any(one.revoked for one in state.successions if one.old == state.key):
            # A thief can sign an old size.
            raise WireError("old-key", f"{offered.size} entries, by a key that was revoked")
        raise Dishonest("rewritten", f"at {offered.size}", state.note, note)


def _take_contents(part: CarriedPart, origin: str, now: datetime, progress: Progress) -> None:
    """Take in every entry whose content is here or in the part, until nothing moves."""
    while True:
        actions.supersede(peer_name=origin)
        moved, after = 0, -1
        while entries := cargo.unsettled(origin, after=after):
            for entry in entries:
                after = entry.index
                if entry.state == queries.State.STORED:
                    if not _can_settle(part, entry) or not fetch(part, entry, now):
                        continue
                    progress(part.read_bytes, part.length)
                ingest(peer_name=origin, index=entry.index, now=now)
                moved += 1
        # A refusal may have given its turn to an earlier entry.
        if not moved:
            return


def _can_settle(part: CarriedPart, entry: EntryView) -> bool:
    """Whether there is no need to wait for the content of an entry any longer."""
    if not entry.blob or entry.action == WITHDRAW or not knows_kind(entry.kind):
        return True
    if entry.size > MAX_RECORD_BYTES:
        return True
    return part.has(entry.blob, entry.size) or bool(blobs.at_hand([entry.blob], entry.peer))


def _take_files(part: CarriedPart, origin: str, now: datetime, progress: Progress) -> int:
    before, after = cargo.standing(origin).wanted_files, 0
    while found := cargo.unfetched(origin, after=after):
        for place, file in found:
            after = place
            if part.has(file.sha256, file.size) or blobs.at_hand([file.sha256], origin):
                take_file(part, origin, file, now)
                progress(part.read_bytes, part.length)
    return before - cargo.standing(origin).wanted_files


def _take_words(part: CarriedPart, origin: str, taken: Unpacked, now: datetime) -> None:
    """What the log's node erased, and what it answers to this one's erasures."""
    state = queries.pull_state(origin)
    if state is None:
        return
    try:
        taken.requests, taken.answers = heed_carried(part, state, now)
    except WireError as error:
        taken.trouble = taken.trouble or error.code
        taken.trouble_detail = taken.trouble_detail or error.detail


def _take_seen(part: CarriedPart, origin: str, taken: Unpacked, now: datetime) -> None:
    """Who has seen how much of this node's log, and what the log's node has seen of others'."""
    taken.witnesses = take_carried_witnesses(part, now)
    state = queries.pull_state(origin)
    found = compare_carried(part, state, now) if state else {}
    for name, proof in found.items():
        put_aside(name, proof, now)


def _parts_with(manifest: Manifest, missing: list[Lack]) -> list[str]:
    """Names of the other parts that should hold what is missing."""
    wanted = {one.index for one in missing}
    return [
        line.name
        for number, line in enumerate(manifest.parts, 1)
        if number != manifest.part and any(line.start <= one < line.end for one in wanted)
    ]


@contextmanager
def _patiently(what: str) -> Iterator[None]:
    """The lock of whoever reads a peer's log; waits a while for one that does so now."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with only_one(what) as mine:
            if mine:
                yield
                return
        if time.monotonic() > until:
            raise NotUnpacked("peer-busy", what)
        time.sleep(0.5)
