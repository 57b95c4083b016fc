"""Opening: a file that somebody carried here, as a source of a log and its blobs.

It is decrypted to a scratch file if need be, and never trusted: its members are found, capped and
checked against their checksums here, and proven by whoever asks for them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chorsu.exchange import keys, queries, sealing
from chorsu.exchange.client import PeerTrouble
from chorsu.flows.looking import PREFIX
from chorsu.wire import zips
from chorsu.wire.bundle import (
    BLOB_FOLDER,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    member_cap,
    parse_manifest,
)
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES

CHUNK_BYTES = 1 << 16


class NotUnpacked(Exception):  # noqa: N818 - says what is wrong
    """Nothing was taken from the file; `code` is of `troubles.TROUBLES`, `about` a node's name."""

    def __init__(self, code: str, detail: str, about: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.about = about


class CarriedPart:
    """The members of one part, as a source of a log and its blobs."""

    def __init__(self, file: BinaryIO, *, sealed: bool) -> None:
        self._file = file
        self.sealed = sealed
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

    def holds(self, name: str) -> bool:
        """Whether there is a member of that name."""
        return name in self._members

    def words(self, name: str) -> bytes:
        """A small member that is no part of the log; raises `PeerTrouble`."""
        return self._member(name, MAX_NOTE_BYTES)

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


@contextmanager
def opened(path: Path, scratch: Path) -> Iterator[CarriedPart]:
    """A part to read from; `scratch` is where it is decrypted to, and gone at the end.

    Raises `NotUnpacked`, `OSError`.
    """
    sealed = _is_sealed(path)
    try:
        if sealed:
            _unseal(path, scratch)
        with (scratch if sealed else path).open("rb") as file:
            yield CarriedPart(file, sealed=sealed)
    finally:
        scratch.unlink(missing_ok=True)


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
