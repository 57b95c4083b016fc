"""Unpacking: a part of a bundle read by the same rules as a peer's answers.

A file is only another way by which a log's checkpoint, tiles and blobs come: `flows.looking`
proves the entries, `flows.pulling` checks each blob, `flows.ingesting` takes the record in.
What is here already is not read again, so parts may come in any order, and twice.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from chorsu.exchange import actions, blobs, cargo, keys, proofs, queries, sealing
from chorsu.exchange.cargo import Lack
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.locks import only_one
from chorsu.exchange.queries import EntryView, PullState
from chorsu.flows.fetching import take_file
from chorsu.flows.following import check_old_key, follow, learn_older_keys
from chorsu.flows.ingesting import ingest, knows_kind
from chorsu.flows.looking import PREFIX, Dishonest, take_entries
from chorsu.flows.pulling import MAX_RECORD_BYTES, fetch, put_aside
from chorsu.flows.software import SOFTWARE
from chorsu.wire import zips
from chorsu.wire.bundle import (
    BLOB_FOLDER,
    CHECKPOINT,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    Manifest,
    member_cap,
    parse_manifest,
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


class NotUnpacked(Exception):  # noqa: N818 - says what is wrong
    """Nothing was taken from the file; `code` is of `troubles.TROUBLES`, `about` a node's name."""

    def __init__(self, code: str, detail: str, about: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.about = about


@dataclass(slots=True)
class Unpacked:
    """What came of one part.

    `trouble` is a code if the log's entries in it could not be used, blobs may have been.
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
    sealed = _is_sealed(path)
    try:
        if sealed:
            _unseal(path, scratch)
        with (scratch if sealed else path).open("rb") as file:
            part = _CarriedPart(file)
            taken = Unpacked(part.manifest, sealed, part.cut)
            _take_in(part, taken, now, progress)
    finally:
        scratch.unlink(missing_ok=True)
    return taken


def _take_in(part: _CarriedPart, taken: Unpacked, now: datetime, progress: Progress) -> None:
    origin = taken.manifest.origin
    with _patiently(f"pull {origin}"):
        state = queries.pull_state(origin)
        if state is None:
            raise NotUnpacked("bundle-of-stranger", origin, origin)
        before = cargo.standing(origin)
        actions.reconsider(peer_name=origin, software=SOFTWARE)
        _take_log(part, state, taken, now)
        _take_contents(part, origin, now, progress)
        taken.files = _take_files(part, origin, now, progress)
        actions.record_carried(name=origin, now=now)
        after = cargo.standing(origin)
    taken.entries = after.stored - before.stored
    taken.accepted = after.accepted - before.accepted
    taken.refused = after.refused - before.refused
    taken.damaged = sorted(part.damaged)
    taken.missing_records, taken.missing_files = after.waiting, after.wanted_files
    taken.missing = cargo.lacks(origin, MAX_LACKS)
    taken.missing_parts = _parts_with(taken.manifest, taken.missing)
    progress(part.length, part.length)


def _take_log(part: _CarriedPart, state: PullState, taken: Unpacked, now: datetime) -> None:
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
    part: _CarriedPart, state: PullState, note: bytes, now: datetime
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


def _take_contents(part: _CarriedPart, origin: str, now: datetime, progress: Progress) -> None:
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


def _can_settle(part: _CarriedPart, entry: EntryView) -> bool:
    """Whether there is no need to wait for the content of an entry any longer."""
    if not entry.blob or entry.action == WITHDRAW or not knows_kind(entry.kind):
        return True
    if entry.size > MAX_RECORD_BYTES:
        return True
    return part.has(entry.blob, entry.size) or bool(blobs.at_hand([entry.blob], entry.peer))


def _take_files(part: _CarriedPart, origin: str, now: datetime, progress: Progress) -> int:
    before, after = cargo.standing(origin).wanted_files, 0
    while found := cargo.unfetched(origin, after=after):
        for place, file in found:
            after = place
            if part.has(file.sha256, file.size) or blobs.at_hand([file.sha256], origin):
                take_file(part, origin, file, now)
                progress(part.read_bytes, part.length)
    return before - cargo.standing(origin).wanted_files


def _parts_with(manifest: Manifest, missing: list[Lack]) -> list[str]:
    """Names of the other parts that should hold what is missing."""
    wanted = {one.index for one in missing}
    return [
        line.name
        for number, line in enumerate(manifest.parts, 1)
        if number != manifest.part and any(line.start <= one < line.end for one in wanted)
    ]


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(sealing.MAGIC)) == sealing.MAGIC


def _unseal(path: Path, scratch: Path) -> None:
    try:
        with path.open("rb") as sealed, scratch.open("wb") as target:
            sealing.unseal(sealed, target, *keys.unsealing_keys())
    except sealing.NotForUs as error:
        meant = sealing.sealed_for(path, [one.key for one in queries.peers()])
        name = meant.name if meant else ""
        raise NotUnpacked("bundle-not-ours", name or "not a node known here", name) from error
    except sealing.Unreadable as error:
        raise NotUnpacked("bundle-cut", str(error)) from error


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


class _CarriedPart:
    """The members of one part, as a source of a log and its blobs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.length = file.seek(0, 2)
        self.read_bytes = 0
        self.damaged: set[str] = set()
        try:
            contents = zips.scan(self._read_at, self.length)
            if MANIFEST not in contents.members:
                raise NotUnpacked("bundle-cut", "no manifest")
            self._members = contents.members
            self.cut = contents.cut
            data = self._member(MANIFEST, MAX_MANIFEST_BYTES)
            self.manifest = parse_manifest(data)
        except WireError as error:
            code = "carried-format" if error.code == "carried-format" else "carried-malformed"
            raise NotUnpacked(code, f"{error.code}: {error.detail}") from error
        except PeerTrouble as error:
            raise NotUnpacked("bundle-cut", error.detail) from error
        self._drop_strangers()

    def has(self, sha256: str, size: int) -> bool:
        """Whether the part holds a blob of that name and length."""
        one = self._members.get(BLOB_FOLDER + sha256)
        return one is not None and one.size == size and one.name not in self.damaged

    def get(self, path: str, *, max_bytes: int) -> bytes:
        """A small member as a peer would answer with it; raises `PeerTrouble`."""
        return self._member(path.removeprefix(PREFIX), max_bytes)

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        """A blob as a file; what had come of it another way gives way."""
        one = self._find(path.removeprefix(PREFIX), size)
        crc = left = 0
        self._file.seek(one.start)
        with target.open("wb") as copy:
            left = one.size
            while left and (chunk := self._file.read(min(CHUNK_BYTES, left))):
                copy.write(chunk)
                crc = zlib.crc32(chunk, crc)
                left -= len(chunk)
        self.read_bytes += one.size
        if left or crc != one.crc:
            self.damaged.add(one.name)
            raise PeerTrouble("bundle-damaged", one.name)

    def _drop_strangers(self) -> None:
        """What has no place in a bundle is named and never read."""
        for name, one in list(self._members.items()):
            cap = member_cap(name)
            if cap is None or one.size > cap:
                self.damaged.add(name)
                del self._members[name]

    def _member(self, name: str, max_bytes: int) -> bytes:
        one = self._find(name, max_bytes)
        data = self._read_at(one.start, one.size)
        self.read_bytes += len(data)
        if len(data) != one.size or zlib.crc32(data) != one.crc:
            self.damaged.add(name)
            raise PeerTrouble("bundle-damaged", name)
        return data

    def _find(self, name: str, max_bytes: int) -> zips.Member:
        one = self._members.get(name)
        if one is None:
            raise PeerTrouble("peer-lacks", name)
        if one.size > max_bytes:
            self.damaged.add(name)
            raise PeerTrouble("bundle-damaged", f"{name}: {one.size} bytes, cap {max_bytes}")
        return one

    def _read_at(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        return self._file.read(count)
