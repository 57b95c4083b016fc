"""Films and captions that are uploaded: MP4, WebM and WebVTT, without what names a person in them.

A camera writes into a film where and by whom it was taken. Those parts are written over in place,
so that nothing else moves: in MP4 (ISO/IEC 14496-12) boxes of user data, metadata and `uuid`
become `free`, in WebM (RFC 9559) tags, attachments and the title become `Void`. The pictures and
sounds are not looked into.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.records.files import PreparedFile, clean_name

MP4, WEBM, CAPTIONS = "video/mp4", "video/webm", "text/vtt"
_HEAD_BYTES = 64
_MAX_CAPTION_BYTES = 4_000_000
_MAX_PARTS = 100_000
_CHUNK = 1 << 16
_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash")
_BOXES_INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"edts", b"moof", b"traf", b"mvex")
_BOXES_TOLD = (b"udta", b"meta", b"uuid")
_EBML, _SEGMENT, _INFO, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1F43B675
_TAGS, _ATTACHMENTS, _TITLE = 0x1254C367, 0x1941A469, 0x7BA9
_FILE_NAMES = (0x7384, 0x3C83AB, 0x3E83BB)  # of this segment, of the one before, of the next
_ELEMENTS_TOLD = (_TAGS, _ATTACHMENTS, _TITLE, *_FILE_NAMES)


@dataclass(frozen=True, slots=True)
class _Part:
    """A box or element: where it begins, where what it holds begins, and where it ends."""

    kind: bytes | int
    start: int
    body: int
    end: int


class _Unreadable(ValueError):  # noqa: N818 - says what is wrong
    """The parts do not fit into each other."""


def prepare_film(upload: BinaryIO, name: str, *, max_bytes: int) -> PreparedFile | None:
    """A film or captions made fit to be published; None for anything else.

    Raises `InvalidRecord` on the field `file`: `file_size`, or `file_unreadable` for what claims
    to be one and can't be read.
    """
    size = upload.seek(0, 2)
    upload.seek(0)
    head = upload.read(_HEAD_BYTES)
    kind = _sniffed(head)
    if not kind:
        return None
    if size > max_bytes:
        raise _refused("file_size", max=max_bytes // 1_000_000)
    upload.seek(0)
    if kind == CAPTIONS:
        return _captions(upload, name, size)
    copy = TemporaryFile()  # noqa: SIM115 - whoever keeps the file closes it
    shutil.copyfileobj(upload, copy)
    try:
        told = _boxes_told(copy, size) if kind == MP4 else _elements_told(copy, size)
        for part in told:
            _silence(copy, part, kind)
    except _Unreadable:
        copy.close()
        raise _refused("file_unreadable") from None
    copy.seek(0)
    extension = "mp4" if kind == MP4 else "webm"
    return PreparedFile(copy, kind, clean_name(name, extension), None, None)


def _sniffed(head: bytes) -> str:
    if head[4:8] == b"ftyp" and (head[8:12] in _BRANDS or any(b in head for b in _BRANDS)):
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return WEBM
    first = head.removeprefix(b"\xef\xbb\xbf")
    return (
        CAPTIONS
        if first[:6] == b"WEBVTT" and first[6:7] in (b"", b" ", b"\t", b"\n", b"\r")
        else ""
    )


def _captions(upload: BinaryIO, name: str, size: int) -> PreparedFile:
    try:
        text = upload.read(_MAX_CAPTION_BYTES + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("file_unreadable") from error
    if size > _MAX_CAPTION_BYTES or "-->" not in text or "\0" in text:
        raise _refused("file_unreadable")
    upload.seek(0)
    return PreparedFile(upload, CAPTIONS, clean_name(name, "vtt"), None, None, told=text)


def _boxes_told(file: BinaryIO, size: int) -> list[_Part]:
    """Boxes of an MP4 that say something of its making."""
    found: list[_Part] = []
    waiting = [(0, size)]
    while waiting:
        start, end = waiting.pop()
        for box in _boxes(file, start, end):
            if box.kind in _BOXES_TOLD:
                found.append(box)
            elif box.kind in _BOXES_INSIDE:
                waiting.append((box.body, box.end))
        if len(found) + len(waiting) > _MAX_PARTS:
            raise _Unreadable
    return found


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Part]:
    while start < end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            raise _Unreadable
        length, kind, body = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if length == 1:
            length, body = int.from_bytes(head[8:16], "big"), start + 16
        elif length == 0:  # to the end of the file
            length = end - start
        stop = start + length
        if stop < body or stop > end:
            raise _Unreadable
        yield _Part(kind, start, body, stop)
        start = stop


def _elements_told(file: BinaryIO, size: int) -> list[_Part]:
    """Elements of a WebM that say something of its making."""
    found: list[_Part] = []
    top = list(_elements(file, 0, size))
    for segment in [one for one in top if one.kind == _SEGMENT]:
        for one in _elements(file, segment.body, segment.end):
            if one.kind in _ELEMENTS_TOLD:
                found.append(one)
            elif one.kind == _INFO:
                inside = _elements(file, one.body, one.end)
                found += [part for part in inside if part.kind in _ELEMENTS_TOLD]
    if not top or top[0].kind != _EBML:
        raise _Unreadable
    return found


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[_Part]:
    count = 0
    while start < end:
        file.seek(start)
        head = file.read(12)
        kind, width = _number(head, keep=True)
        length, more = _number(head[width:], keep=False)
        body = start + width + more
        if length == (1 << (7 * more)) - 1:  # of unknown length: only the last can be
            length = end - body if kind == _SEGMENT else -1
        stop = body + length
        count += 1
        if length < 0 or stop > end or count > _MAX_PARTS:
            raise _Unreadable
        yield _Part(kind, start, body, stop)
        start = stop


def _number(data: bytes, *, keep: bool) -> tuple[int, int]:
    """A number of variable length and its width in bytes; `keep`: with its marker, as ids are."""
    if not data or not data[0]:
        raise _Unreadable
    width = 9 - data[0].bit_length()
    if len(data) < width:
        raise _Unreadable
    value = int.from_bytes(data[:width], "big")
    return (value if keep else value & ((1 << (7 * width)) - 1)), width


def _silence(file: BinaryIO, part: _Part, kind: str) -> None:
    """Make of a part one of the same length that says nothing."""
    body = part.body
    if kind == MP4:
        file.seek(part.start + 4)
        file.write(b"free")
    else:
        length = part.end - part.start
        width = next(w for w in range(1, 9) if length - 1 - w < (1 << (7 * w)) - 1)
        void = bytes([0xEC]) + ((1 << (7 * width)) | (length - 1 - width)).to_bytes(width, "big")
        file.seek(part.start)
        file.write(void)
        body = part.start + len(void)
    file.seek(body)
    left = part.end - body
    while left > 0:
        left -= file.write(bytes(min(left, _CHUNK)))


def _refused(code: str, **params: str | int) -> InvalidRecord:
    return InvalidRecord([FieldError("file", code, params)])
