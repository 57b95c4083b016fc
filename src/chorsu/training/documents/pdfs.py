"""`python -m chorsu.training.documents.pdfs ATTACHMENT`: the certificate in a PDF.

Reads the PDF from its input and writes the certificate, or nothing, to its output. Opening a PDF
unfolds its tables of objects whole, however large they become: memory and time are limited before.
"""

from __future__ import annotations

import io
import sys

import pikepdf

from chorsu.kernel import apart
from chorsu.training.documents.scans import DAMAGED, code_on, pictures, unpacked
from chorsu.wire.credential_file import MAX_FILE_BYTES

MAX_MEMORY = 1_000_000_000
MAX_CPU_SECONDS = 20


def in_pdf(data: bytes, name: str) -> bytes:
    """The attachment of that name, or what a code on the pages says; raises one of `DAMAGED`."""
    with pikepdf.open(io.BytesIO(data)) as document:
        for one, attached in document.attachments.items():
            if one == name:
                return _attached(attached.obj.EF.F)
        return next(filter(None, map(code_on, pictures(document))), b"")


def _attached(stream: pikepdf.Object) -> bytes:
    """An attachment, as far as a certificate may be large."""
    raw = bytes(stream.read_raw_bytes())
    filters = stream.get("/Filter")
    if filters is None:
        return raw[: MAX_FILE_BYTES + 1]
    if filters not in (pikepdf.Name.FlateDecode, [pikepdf.Name.FlateDecode]):
        raise ValueError("packed in another way")
    return unpacked(raw, MAX_FILE_BYTES)


def main(name: str) -> int:
    apart.limit(memory=MAX_MEMORY, seconds=MAX_CPU_SECONDS, written=0)
    try:
        found = in_pdf(sys.stdin.buffer.read(), name)
    except DAMAGED:
        return 1
    sys.stdout.buffer.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
