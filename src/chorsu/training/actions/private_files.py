"""Files that people hand in and that stay here: cleaned, and kept in the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from chorsu.records.files import prepare

MAX_FILE = 5 * 1024 * 1024
"""Bytes of a file handed in."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    """What is kept of an upload; `sha256` of the content, in hexadecimal digits."""

    name: str
    content: bytes
    sha256: str


def clean_file(upload: BinaryIO, name: str) -> CleanFile:
    """Clean an upload as what is published is: whoever reads it finds no names that a program wrote
    into it. Raises `InvalidRecord` (field `file`), as `records.files.prepare`.

    That takes a while: nothing is locked meanwhile.
    """
    prepared = prepare(
        upload, name, max_bytes=MAX_FILE, image_max_px=settings.NODE.number("files.image_max_px")
    )
    prepared.file.seek(0)
    content = prepared.file.read()
    if prepared.file is not upload:
        prepared.file.close()
    return CleanFile(prepared.name, content, hashlib.sha256(content).hexdigest())
