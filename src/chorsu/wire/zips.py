"""The few zip structures a bundle needs: stored members whose sizes stand before them.

A reader walks local headers from the beginning, so that of a file cut anywhere all that came
before the cut is read; the directory at the end is there for other programs. Nothing is
compressed, so no member is larger than the file it is in. APPNOTE 6.3, with zip64.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from chorsu.wire.errors import WireError

ReadAt: TypeAlias = Callable[[int, int], bytes]
"""`read_at(offset, count)`: at most `count` bytes; fewer only at the end."""

MAX_MEMBERS = 1 << 18
MAX_NAME_BYTES = 200
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_LOCAL_BYTES = 30
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_MAX_SIZE = (1 << 63) - 1
_UTF8 = 0x0800
# No control characters: names are reported to people, and kept where NUL can't be.
_NAME = re.compile(rb"[\x20-\x7e]+")
# 1 January 1980, the zero of the format: a bundle's time stands in its manifest.
_TIME, _DATE = 0, 0x21


@dataclass(frozen=True, slots=True)
class Member:
    """A stored member: `at` is where its header begins, `start` where its bytes do."""

    name: str
    size: int
    crc: int
    at: int
    start: int


@dataclass(frozen=True, slots=True)
class Contents:
    """The whole members of a file by name; `cut`: it ends, or is broken, before it should."""

    members: dict[str, Member]
    cut: bool


def member(name: str, size: int, crc: int, at: int) -> Member:
    """A member to be written at `at`; raises `carried-malformed` for an impossible one."""
    raw = name.encode("ascii", "replace")
    fits = 0 < len(raw) <= MAX_NAME_BYTES and b"?" not in raw and _NAME.fullmatch(raw)
    if not fits or not 0 <= size <= _MAX_SIZE:
        raise WireError("carried-malformed", f"a member {name[:80]!r} of {size} bytes")
    return Member(name, size, crc, at, at + _LOCAL_BYTES + len(raw) + len(_sizes64(size)))


def local_header(one: Member) -> bytes:
    """What stands before a member's bytes."""
    name, extra = one.name.encode("ascii"), _sizes64(one.size)
    size = min(one.size, _FULL32)
    return (
        struct.pack(
            "<4s5H3I2H",
            *(_LOCAL, 45 if extra else 20, 0, 0, _TIME, _DATE),
            *(one.crc, size, size, len(name), len(extra)),
        )
        + name
        + extra
    )


def directory(members: Sequence[Member], at: int) -> bytes:
    """The central directory of a file whose members end at `at`, and the end of the file."""
    entries = b"".join(_central(one) for one in members)
    count, size = len(members), len(entries)
    end64 = b""
    if count >= _FULL16 or size >= _FULL32 or at >= _FULL32:
        end64 = struct.pack(
            "<4sQ2H2I4Q", _END64, 44, 45, 45, 0, 0, count, count, size, at
        ) + struct.pack("<4sIQI", _LOCATOR64, 0, at + size, 1)
    count, size, at = min(count, _FULL16), min(size, _FULL32), min(at, _FULL32)
    return entries + end64 + struct.pack("<4s4H2IH", _END, 0, 0, count, count, size, at, 0)


def overhead(name: str) -> int:
    """The most bytes a member takes in a file besides its own."""
    return _LOCAL_BYTES + 20 + 46 + 28 + 2 * len(name)


def scan(read_at: ReadAt, length: int) -> Contents:
    """The whole members of a file of `length` bytes, in one walk over the headers.

    Where a header is not one, the walk ends: what came before stays readable. Raises
    `carried-malformed` for a name twice or too many members: nobody's cut does that.
    """
    found: dict[str, Member] = {}
    at = 0
    while True:
        one = _read_local(read_at, at)
        if one is None or one.start + one.size > length:
            return Contents(found, cut=not _ends_well(read_at, at, length, len(found)))
        if one.name in found or len(found) >= MAX_MEMBERS:
            raise WireError("carried-malformed", f"{one.name} twice, or too many members")
        found[one.name] = one
        at = one.start + one.size


def _read_local(read_at: ReadAt, at: int) -> Member | None:
    fixed = read_at(at, _LOCAL_BYTES)
    if len(fixed) < _LOCAL_BYTES or fixed[:4] != _LOCAL:
        return None
    _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = struct.unpack(
        "<5H3I2H", fixed[4:]
    )
    if flags & ~_UTF8 or method or packed != size or not 0 < name_bytes <= MAX_NAME_BYTES:
        return None
    if extra_bytes not in (0, 20):
        return None
    rest = read_at(at + _LOCAL_BYTES, name_bytes + extra_bytes)
    if len(rest) < name_bytes + extra_bytes or not _NAME.fullmatch(rest, 0, name_bytes):
        return None
    if extra_bytes:
        kind, count, size, packed = struct.unpack("<2H2Q", rest[name_bytes:])
        if (kind, count) != (1, 16) or size != packed or size > _MAX_SIZE:
            return None
    start = at + _LOCAL_BYTES + len(rest)
    return Member(rest[:name_bytes].decode("ascii"), size, crc, at, start)


def _ends_well(read_at: ReadAt, at: int, length: int, count: int) -> bool:
    """Whether a directory of so many members stands from `at` to the end."""
    end = read_at(length - 22, 22) if length - 22 >= at else b""
    if len(end) < 22 or end[:4] != _END:
        return False
    counted, size, start, comment = struct.unpack("<10xH2IH", end)
    first = read_at(at, 4)
    return (
        first in (_CENTRAL, _END)
        and counted == min(count, _FULL16)
        and start == min(at, _FULL32)
        and at + size <= length
        and comment == 0
    )


def _sizes64(size: int) -> bytes:
    return struct.pack("<2H2Q", 1, 16, size, size) if size >= _FULL32 else b""


def _central(one: Member) -> bytes:
    name = one.name.encode("ascii")
    wide = [one.size, one.size] if one.size >= _FULL32 else []
    wide += [one.at] if one.at >= _FULL32 else []
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size, version = min(one.size, _FULL32), 45 if wide else 20
    return (
        struct.pack(
            "<4s6H3I5H2I",
            *(_CENTRAL, version, version, 0, 0, _TIME, _DATE),
            *(one.crc, size, size, len(name), len(extra), 0, 0, 0, 0, min(one.at, _FULL32)),
        )
        + name
        + extra
    )
