"""Finding a certificate in what people have: a photo, a scan, a PDF.

A PDF that a node made carries the certificate as an attachment; of a scanned one the pictures on
its pages are looked at (`scans`). What a stranger sends is bounded before it is unpacked.
"""

from __future__ import annotations

import io

import pikepdf
import zxingcpp
from PIL import Image

from chorsu.training.documents.scans import DAMAGED, opened, pictures, unpacked
from chorsu.wire.credential_code import PREFIX
from chorsu.wire.credential_file import MAX_FILE_BYTES

ATTACHMENT = "certificate.chorsu"
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"%PDF-")
# Pictures that are told by their beginning and not read here.
_OTHERS = ((b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"), (b"GIF8", "GIF"))
# The brand tells what is in such a file: ISO/IEC 14496-12, 4.3; 23008-12, annex B; AVIF, 6.
_BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC",
    b"hevx": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC", b"avif": "AVIF", b"avis": "AVIF",
}  # fmt: skip


class NoCodeFound(LookupError):  # noqa: N818 - says what is wrong
    """The picture or PDF holds no code of a certificate that could be read."""


class OtherPicture(NoCodeFound):
    """The picture is of a form that is not read here; `form` is what people call it."""

    def __init__(self, form: str) -> None:
        self.form = form
        super().__init__(form)


def is_picture(data: bytes) -> bool:
    """Whether bytes are a PDF or a picture, read here or not: where a certificate may be in."""
    return data.startswith(_STARTS) or bool(_other_form(data))


def certificate_in(data: bytes) -> bytes:
    """The certificate that a picture or PDF carries; raises `NoCodeFound`, `OtherPicture`."""
    if form := _other_form(data):
        raise OtherPicture(form)
    try:
        found = _in_pdf(data) if data.startswith(b"%PDF-") else _in_picture(opened(data))
    except DAMAGED as error:
        raise NoCodeFound(str(error)[:200]) from error
    if not found:
        raise NoCodeFound
    return found


def _other_form(data: bytes) -> str:
    """What a picture that is not read here is called; empty for all else."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "")
    return next((form for start, form in _OTHERS if data.startswith(start)), "")


def _in_picture(grey: Image.Image) -> bytes:
    for code in zxingcpp.read_barcodes(grey, formats=_QR):
        if code.text.startswith(PREFIX):
            return str(code.text).encode()
    return b""


def _in_pdf(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        for name, attached in document.attachments.items():
            if name == ATTACHMENT:
                return _attached(attached.obj.EF.F)
        return next(filter(None, map(_in_picture, pictures(document))), b"")


def _attached(stream: pikepdf.Object) -> bytes:
    """An attachment, as far as a certificate may be large."""
    raw = bytes(stream.read_raw_bytes())
    filters = stream.get("/Filter")
    if filters is None:
        return raw[: MAX_FILE_BYTES + 1]
    if filters not in (pikepdf.Name.FlateDecode, [pikepdf.Name.FlateDecode]):
        raise NoCodeFound("packed in another way")
    return unpacked(raw, MAX_FILE_BYTES)
