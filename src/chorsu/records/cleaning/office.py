"""Office documents: every place where ECMA-376 and ODF 1.3 programs write whose work it is.

Names give way to a word that is nobody's, as Office's own inspection does it; nothing that a
reader sees on the page is touched. Parts that hold no name are copied as they are.
"""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import IO

from lxml import etree

from chorsu.records.cleaning.answers import Answer, Refused, answer
from chorsu.records.cleaning.people import People, without_people

MAX_PARTS = 10_000
MAX_UNPACKED = 1_000_000_000
# Tables of figures pack well, nothing packs a thousand times as well but a trap.
MAX_RATIO = 300
MAX_XML = 60_000_000
MAX_DEPTH = 2
_FREE = 10_000_000
_MACROS = ("vbaproject.bin", "vbadata.xml", ".exe", ".dll")
_MACRO_FOLDERS = ("basic/", "scripts/", "xl/macrosheets/")
_SIGNATURES = ("_xmlsignatures/", "meta-inf/documentsignatures.xml")
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"
_BROKEN = (zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError)


def clean(source: Path, target: Path) -> Answer:
    """Write `source` again without names; a signed one only tells them. Raises `Refused`."""
    people = People()
    try:
        with source.open("rb") as whole:
            signed = _copied(whole, target, people, depth=0)
    except (*_BROKEN, OSError, etree.XMLSyntaxError):
        raise Refused("file_unreadable") from None
    return answer(signed=signed, told=[*people.titles, *(people.names if signed else ())])


def _copied(whole: IO[bytes], target: Path | IO[bytes], people: People, *, depth: int) -> bool:
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(target, "w") as copy:
        parts = archive.infolist()
        _check(archive, parts, whole.seek(0, 2))
        for part in parts:
            with archive.open(part) as inside:
                _copy(part, inside, copy, people, depth)
        return any(part.filename.lower().startswith(_SIGNATURES) for part in parts)


def _check(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], size: int) -> None:
    names = [part.filename.lower() for part in parts]
    unpacked = sum(part.file_size for part in parts)
    if len(set(names)) < len(names) or len(names) > MAX_PARTS:
        raise Refused("file_unreadable")
    if unpacked > min(MAX_UNPACKED, _FREE + MAX_RATIO * size):
        raise Refused("file_unreadable")
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("file_locked")
    if any(name.endswith(_MACROS) or name.startswith(_MACRO_FOLDERS) for name in names):
        raise Refused("file_macro")
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = archive.getinfo("META-INF/manifest.xml")
        if manifest.file_size < MAX_XML and b"encryption-data" in archive.read(manifest):
            raise Refused("file_locked")


def _copy(
    part: zipfile.ZipInfo, inside: IO[bytes], copy: zipfile.ZipFile, people: People, depth: int
) -> None:
    head = inside.read(8)
    kept = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
    kept.compress_type = part.compress_type and zipfile.ZIP_DEFLATED
    if head.startswith((_OLE, _PDF)):
        raise Refused("file_inside")
    if head.startswith(_ZIP):
        # A chart keeps its figures in a workbook of its own, with a writer of its own.
        if depth >= MAX_DEPTH:
            raise Refused("file_inside")
        inner, cleaned = io.BytesIO(head + inside.read()), io.BytesIO()
        if not _is_document(inner) or _copied(inner, cleaned, people, depth=depth + 1):
            raise Refused("file_inside")
        copy.writestr(kept, cleaned.getvalue())
    elif part.filename.lower().endswith((".xml", ".rels")) and part.file_size <= MAX_XML:
        copy.writestr(kept, without_people(part.filename, head + inside.read(), people))
    elif part.filename.lower().endswith((".xml", ".rels")):
        _copy_large(kept, head, inside, copy)
    else:
        with copy.open(kept, "w") as written:
            written.write(head)
            shutil.copyfileobj(inside, written)


def _copy_large(
    kept: zipfile.ZipInfo, head: bytes, inside: IO[bytes], copy: zipfile.ZipFile
) -> None:
    """Sheets of figures are that large, and no name is in a sheet; other parts are refused."""
    if not kept.filename.startswith("xl/worksheets/"):
        raise Refused("file_unreadable")
    with copy.open(kept, "w") as written:
        written.write(head)
        shutil.copyfileobj(inside, written)


def _is_document(inner: IO[bytes]) -> bool:
    with zipfile.ZipFile(inner) as archive:
        names = set(archive.namelist())
    return bool(names & {"[Content_Types].xml", "mimetype"})
