"""Finding a certificate in what people have: a photo, a scan, a PDF.

A PDF that a node made carries the certificate as an attachment; of a scanned one the pictures on
its pages are looked at. What a stranger sends is bounded before it is unpacked.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator

import pikepdf
import zxingcpp
from PIL import Image, UnidentifiedImageError

from chorsu.wire.credential_code import PREFIX
from chorsu.wire.credential_file import MAX_FILE_BYTES

ATTACHMENT = "certificate.chorsu"
MAX_PIXELS = 50_000_000
MAX_PAGES = 4
MAX_PICTURES = 8
PICTURES = ("JPEG", "PNG", "WEBP")
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"%PDF-")


class NoCodeFound(LookupError):  # noqa: N818 - says what is wrong
    """The picture or PDF holds no code of a certificate that could be read."""


def is_picture(data: bytes) -> bool:
    """Whether bytes are a picture or a PDF, in which a certificate is to be looked for."""
    return data.startswith(_STARTS)


def certificate_in(data: bytes) -> bytes:
    """The certificate that a picture or PDF carries; raises `NoCodeFound`."""
    try:
        found = _in_pdf(data) if data.startswith(b"%PDF-") else _in_picture(data)
    except (pikepdf.PdfError, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NoCodeFound(str(error)[:200]) from error
    if not found:
        raise NoCodeFound
    return found


def _in_picture(data: bytes) -> bytes:
    with warnings.catch_warnings():
        # The size is judged here, before anything is unpacked.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=PICTURES) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise NoCodeFound("too many pixels")
            grey = picture.convert("L")
    for code in zxingcpp.read_barcodes(grey, formats=_QR):
        if code.text.startswith(PREFIX):
            return str(code.text).encode()
    return b""


def _in_pdf(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        for name, attached in document.attachments.items():
            if name == ATTACHMENT:
                return _bounded(attached.obj.EF.F)
        for picture in _pictures(document):
            if found := _in_picture(picture):
                return found
    return b""


def _bounded(stream: pikepdf.Object) -> bytes:
    """A stream unpacked as far as a certificate may be large."""
    raw = stream.read_raw_bytes()
    filters = stream.get("/Filter")
    if filters is None:
        return bytes(raw[: MAX_FILE_BYTES + 1])
    if filters not in (pikepdf.Name.FlateDecode, [pikepdf.Name.FlateDecode]):
        raise NoCodeFound("packed in another way")
    try:
        return zlib.decompressobj().decompress(bytes(raw), MAX_FILE_BYTES + 1)
    except zlib.error as error:
        raise NoCodeFound(str(error)) from error


def _pictures(document: pikepdf.Pdf) -> Iterator[bytes]:
    """The photographs on the first pages: what scanners put there."""
    seen = 0
    for page in document.pages[:MAX_PAGES]:
        for picture in page.get_images().values():
            if picture.get("/Filter") in (pikepdf.Name.DCTDecode, [pikepdf.Name.DCTDecode]):
                seen += 1
                if seen > MAX_PICTURES:
                    return
                yield bytes(picture.read_raw_bytes())
