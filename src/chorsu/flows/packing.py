"""Packing: a log and its blobs (`flows.loading`), written as the parts of a bundle for one peer.

A plan is made first, so that every part can name the others; then each part is written in one
stream, never whole in memory, to a file that has its name only when it is finished.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from chorsu.exchange import blobs, sealing
from chorsu.exchange.cargo import Load, Piece
from chorsu.flows.loading import (
    Log,
    NotPacked,
    Order,
    beside_sealed,
    mirrored_log,
    own_log,
)
from chorsu.wire import zips
from chorsu.wire.bundle import (
    BLOB_FOLDER,
    MANIFEST,
    MAX_PARTS,
    Manifest,
    PartLine,
    tiles_carried,
)
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import HASH_BYTES
from chorsu.wire.tiles import ENTRIES

SUFFIX = ".zip"
BESIDE_SUFFIX = ".keys.zip"
# Of one part, so that whoever reads it needs little memory.
MAX_PART_MEMBERS = 100_000
MOST_ANSWERS = 10_000
_PART_LINE_BYTES = 300
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Packed:
    """What was made. `left_out`: blobs too large for a part; `lost`: not whole on this disk.

    `beside`: the file that tells a recipient with an old key why it can't open the others.
    """

    files: list[Path] = field(default_factory=list)
    beside: Path | None = None
    since: int = 0
    size: int = 0
    sealed: bool = False
    carried_bytes: int = 0
    left_out: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a part begins: at a load, and in it behind so many of its files."""

    index: int
    files: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """`stops[n]` is where part n begins; `ends[n]` the entry behind its last."""

    stops: list[_Stop]
    ends: list[int]
    left_out: list[str]
    total_bytes: int


def pack(order: Order, path: Path, progress: Progress) -> Packed:
    """Write the bundle as `path`, or as `path` with `.1of3` and so on before its ending.

    An encrypted one for a peer that has changed its key has a small file more, which is not.
    `progress(done, total)` counts bytes. Raises `NotPacked`, `OSError`.
    """
    log = mirrored_log(order) if order.mirror else own_log(order)
    size, sealed = log.size, log.sealed
    if order.since > size:
        raise NotPacked("bundle-since", f"{order.since} of {size}")
    plan = _plan(order, log)
    lines = _lines(plan, path, sealed=sealed)
    packed = Packed(since=order.since, size=size, sealed=sealed, left_out=plan.left_out)
    for number, line in enumerate(lines, 1):
        manifest = Manifest(
            origin=log.origin,
            recipient=order.recipient,
            made_at=order.now,
            since=order.since,
            size=size,
            part=number,
            parts=tuple(lines),
        )
        part = _Part(manifest, log, plan, packed, progress)
        target = path.with_name(line.name)
        _write(target, part.chunks(), order.key if sealed else None)
        packed.files.append(target)
    beside = beside_sealed(order) if sealed else None
    if beside:
        packed.beside = _write_beside(order, beside, path, packed)
        packed.files.append(packed.beside)
    progress(plan.total_bytes, plan.total_bytes)
    return packed


def _write_beside(order: Order, log: Log, path: Path, packed: Packed) -> Path:
    """A bundle of no entries in one part."""
    target = path.with_name(_stem(path) + BESIDE_SUFFIX)
    line = PartLine(target.name, log.size, log.size)
    manifest = Manifest(
        origin=log.origin,
        recipient=order.recipient,
        made_at=order.now,
        since=log.size,
        size=log.size,
        part=1,
        parts=(line,),
    )
    nothing = _Plan([_Stop(log.size)], [log.size], [], 0)
    _write(target, _Part(manifest, log, nothing, packed, lambda done, total: None).chunks(), None)
    return target


def _plan(order: Order, log: Log) -> _Plan:
    room = sealing.plain_bytes(order.max_bytes) if log.sealed else order.max_bytes
    signed = sum(_cost(name, len(data)) for name, data in log.signed.items())
    fixed_bytes = _log_bytes(order.since, log) + signed + 1024
    parts = 8
    while True:
        fixed = fixed_bytes + _cost(MANIFEST, 1024 + parts * _PART_LINE_BYTES)
        if room <= fixed:
            raise NotPacked("bundle-size", f"the log alone takes {fixed} bytes")
        plan = _divide(log.loads(order.since, log.size), room - fixed, log.size)
        if len(plan.stops) <= parts:
            return replace(plan, total_bytes=plan.total_bytes + fixed_bytes * len(plan.stops))
        parts *= 4
        if parts > MAX_PARTS:
            raise NotPacked("bundle-size", f"over {MAX_PARTS} parts")


def _divide(found: Iterator[Load], room: int, size: int) -> _Plan:
    """Fill part after part; the words of a record stand again wherever files of it do."""
    stops: list[_Stop] = []
    ends: list[int] = []
    left_out: list[str] = []
    used = total = members = 0
    for load in found:
        words = _cost_of(load.words)
        if words > room:
            left_out += [load.words.sha256, *(one.sha256 for one in load.files)]
            continue
        for number, piece in enumerate((load.words, *load.files)):
            cost = _cost_of(piece)
            if number and words + cost > room:
                left_out.append(piece.sha256)
                continue
            if not stops or used + cost > room or members >= MAX_PART_MEMBERS:
                stops.append(_Stop(load.index, max(0, number - 1)))
                ends.append(load.index)
                used, members = (words if number else 0), 1
                total += used
            used, total, members = used + cost, total + cost, members + 1
            ends[-1] = load.index + 1
    if not stops:
        return _Plan([_Stop(size)], [size], left_out, 0)
    return _Plan(stops, ends, left_out, total)


def _lines(plan: _Plan, path: Path, *, sealed: bool) -> list[PartLine]:
    stem = _stem(path)
    ending = SUFFIX + (sealing.SUFFIX if sealed else "")
    count = len(plan.stops)
    names = [f"{stem}.{n}of{count}{ending}" for n in range(1, count + 1)]
    if count == 1:
        names = [stem + ending]
    return [
        PartLine(name, stop.index, end)
        for name, stop, end in zip(names, plan.stops, plan.ends, strict=True)
    ]


def _stem(path: Path) -> str:
    return path.name.removesuffix(sealing.SUFFIX).removesuffix(SUFFIX)


class _Part:
    """One part as a stream of bytes."""

    def __init__(
        self,
        manifest: Manifest,
        log: Log,
        plan: _Plan,
        packed: Packed,
        progress: Progress,
    ) -> None:
        self._manifest = manifest
        self._log = log
        self._plan = plan
        self._packed = packed
        self._progress = progress
        self._members: list[zips.Member] = []
        self._written: set[str] = set()
        self._at = 0

    def chunks(self) -> Iterator[bytes]:
        """All of the file, in order: manifest, what is signed, tiles, words, files, directory."""
        manifest = self._manifest
        yield from self._bytes(MANIFEST, manifest.to_bytes())
        for name, data in self._log.signed.items():
            yield from self._bytes(name, data)
        for place in tiles_carried(manifest.since, manifest.size):
            yield from self._bytes(place.path, self._log.tile(place))
        for load, _ in self._loads():
            yield from self._blob(load.words)
        for _, files in self._loads():
            for piece in files:
                yield from self._blob(piece)
        yield zips.directory(self._members, self._at)

    def _loads(self) -> Iterator[tuple[Load, tuple[Piece, ...]]]:
        """The loads of this part, each with those of its files that belong into it."""
        number, stops = self._manifest.part - 1, self._plan.stops
        begin, end = stops[number], self._plan.ends[number]
        following = stops[number + 1] if number + 1 < len(stops) else None
        left_out = set(self._plan.left_out)
        for load in self._log.loads(begin.index, end):
            if load.words.sha256 in left_out:
                continue
            first = begin.files if load.index == begin.index else 0
            last = following.files if following and load.index == following.index else None
            files = load.files[first:last]
            yield load, tuple(one for one in files if one.sha256 not in left_out)

    def _bytes(self, name: str, data: bytes) -> Iterator[bytes]:
        yield self._begin(name, len(data), zlib.crc32(data))
        yield self._count(data)

    def _blob(self, piece: Piece) -> Iterator[bytes]:
        if piece.sha256 in self._written:
            return
        self._written.add(piece.sha256)
        crc = _checked_crc(piece)
        file = blobs.open_blob(piece.sha256) if crc is not None else None
        if file is None or crc is None:
            self._packed.lost.append(piece.sha256)
            return
        with file:
            yield self._begin(BLOB_FOLDER + piece.sha256, piece.size, crc)
            while chunk := file.read(blobs.CHUNK_BYTES):
                yield self._count(chunk)

    def _begin(self, name: str, size: int, crc: int) -> bytes:
        one = zips.member(name, size, crc, self._at)
        self._members.append(one)
        self._at = one.start
        return zips.local_header(one)

    def _count(self, chunk: bytes) -> bytes:
        self._at += len(chunk)
        self._packed.carried_bytes += len(chunk)
        self._progress(
            min(self._packed.carried_bytes, self._plan.total_bytes), self._plan.total_bytes
        )
        return chunk


def _checked_crc(piece: Piece) -> int | None:
    """The checksum that stands before a blob in a zip; None if it is not whole on this disk."""
    file = blobs.open_blob(piece.sha256)
    if file is None:
        return None
    digest, crc = hashlib.sha256(), 0
    with file:
        while chunk := file.read(blobs.CHUNK_BYTES):
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
    return crc if digest.hexdigest() == piece.sha256 else None


def _log_bytes(since: int, log: Log) -> int:
    total = log.leaf_bytes(since, log.size)
    for place in tiles_carried(since, log.size):
        total += _cost(place.path, 0 if place.level == ENTRIES else place.width * HASH_BYTES)
    return total


def _cost_of(piece: Piece) -> int:
    return _cost(BLOB_FOLDER + piece.sha256, piece.size)


def _cost(name: str, size: int) -> int:
    return size + zips.overhead(name)


def _write(target: Path, chunks: Iterator[bytes], key: VerifyKey | None) -> None:
    """A file that has its name only when it is whole and on the disk."""
    draft = target.with_name(f".{target.name}.making")
    try:
        with draft.open("wb") as file:
            _pour(chunks, file, key)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _pour(chunks: Iterator[bytes], file: BinaryIO, key: VerifyKey | None) -> None:
    if key is not None:
        sealing.seal(chunks, file, key)
        return
    for chunk in chunks:
        file.write(chunk)
