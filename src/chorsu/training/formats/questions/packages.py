"""Zip packages by strangers: names, count and sizes are checked before and while unpacking."""

from __future__ import annotations

import io
import posixpath
import shutil
import zipfile
import zlib
from typing import BinaryIO, Self

from chorsu.training.formats.questions.report import NotReadable
from chorsu.training.formats.questions.troubles import Code

MANIFEST = "imsmanifest.xml"
MAX_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 5000
MAX_MEMBER_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 128 * 1024 * 1024
"""Of all members that are read, so that a small file can't become a large one."""
# The earliest time a zip can say: the same questions give the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


class Package:
    """A zip file whose members are read one by one, each within the caps."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise NotReadable("file_size", size=len(content))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise NotReadable("zip_damaged") from error
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise NotReadable("members", count=MAX_MEMBERS)
        self._members = {one.filename: one for one in members if not one.is_dir()}
        self._left = MAX_TOTAL_BYTES

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The bytes of a member; raises `NotReadable`. A name that leads out of it is not one."""
        member = self._members.get(posixpath.normpath(name))
        if member is None:
            raise NotReadable("no_member", name=name[:100])
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Of these alone a read stops at a number of bytes; bzip2 and LZMA give a whole block.
            raise NotReadable("compression", name=name[:100], method=member.compress_type)
        most = min(MAX_MEMBER_BYTES, self._left)
        try:
            with self._zip.open(member) as stream:
                # What the directory says of sizes is the sender's word: the stream is cut.
                content = stream.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
            raise NotReadable("member_damaged", name=name[:100]) from error
        if len(content) > most:
            code: Code = "member_size" if most == MAX_MEMBER_BYTES else "package_size"
            raise NotReadable(code, name=name[:100])
        self._left -= len(content)
        return content


def is_zip(content: bytes) -> bool:
    """Whether a file begins as zip files do."""
    return content[:4] == b"PK\x03\x04"


class Writer:
    """A zip file written member by member; the same members in their order give the same bytes.
    What is added is not kept in memory.
    """

    def __init__(self, target: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, content: bytes) -> None:
        """A member of these bytes."""
        self._zip.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)

    def add_file(self, name: str, file: BinaryIO) -> None:
        """A member of what can be read from here on; as it is, for pictures get no smaller."""
        with self._zip.open(zipfile.ZipInfo(name, _TIME), "w") as member:
            shutil.copyfileobj(file, member)
