"""Films (MP4, ISO/IEC 14496-12) without what cameras and programs write into them.

A film is a row of boxes: size, type, content. Where it was taken, by whom and with what stands in
boxes of its own, `udta`, `meta` and `uuid`. Each becomes a `free` box of the same size, filled with
zeros: nothing else moves, so all places that the film names by number stay right.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

_TOLD = (b"udta", b"meta", b"uuid")
# Boxes that hold boxes, as far as something is told in them.
_HOLDERS = (b"moov", b"trak", b"mdia", b"moof", b"traf")
# Major brands of films that browsers play, https://mp4ra.org/registered-types/brands.
_BRANDS = (
    *(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42"),
    *(b"avc1", b"dash", b"M4V ", b"MSNV", b"cmfc"),
)
_CHUNK = 1 << 16
_MAX_BOXES = 100_000


class DamagedFilm(Exception):  # noqa: N818 - says what is wrong
    """The boxes of the file are not those of a whole film."""


def is_film(head: bytes) -> bool:
    """Whether a file that begins so says that it is an MP4: photographs begin alike (HEIC)."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def cleaned_film(upload: BinaryIO) -> BytesIO:
    """A copy of the film with nothing told in it; raises `DamagedFilm`."""
    upload.seek(0)
    copy = BytesIO(upload.read())
    found = list(_boxes(copy, 0, copy.getbuffer().nbytes, [0]))
    if not found or found[0][0] != b"ftyp" or all(kind != b"moov" for kind, _at, _end in found):
        raise DamagedFilm
    for kind, start, end in found:
        if kind in _TOLD:
            _empty(copy, start, end)
    copy.seek(0)
    return copy


def _boxes(
    film: BytesIO, start: int, end: int, count: list[int]
) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of each box and of those inside it, in order."""
    while start < end:
        count[0] += 1
        film.seek(start)
        header = film.read(16)
        if len(header) < 8 or count[0] > _MAX_BOXES:
            raise DamagedFilm
        size, kind, content = struct.unpack(">I", header[:4])[0], header[4:8], 8
        if size == 1 and len(header) == 16:
            size, content = struct.unpack(">Q", header[8:])[0], 16
        elif size == 0:
            size = end - start
        if size < content or start + size > end:
            raise DamagedFilm
        yield kind, start, start + size
        if kind in _HOLDERS:
            yield from _boxes(film, start + content, start + size, count)
        start += size


def _empty(film: BytesIO, start: int, end: int) -> None:
    film.seek(start)
    content = 16 if struct.unpack(">I", film.read(4))[0] == 1 else 8
    film.write(b"free")
    film.seek(start + content)
    for place in range(start + content, end, _CHUNK):
        film.write(bytes(min(_CHUNK, end - place)))
