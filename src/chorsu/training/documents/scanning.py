"""Finding a certificate in what people have: a photo, a scan, a PDF.

A PDF that a node made carries the certificate as an attachment; of a scanned one the pictures on
its pages are looked at (`scans`). What a stranger sends is bounded before it is unpacked; only of a
PDF the libraries unpack things unasked, so that is read by a process of its own (`pdfs`).
"""

from __future__ import annotations

from chorsu.kernel import apart
from chorsu.training.documents.scans import DAMAGED, code_on, opened

ATTACHMENT = "certificate.chorsu"
MAX_SECONDS = 30
_PDFS = "chorsu.training.documents.pdfs"
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
        if data.startswith(b"%PDF-"):
            found = apart.run(_PDFS, ATTACHMENT, data=data, seconds=MAX_SECONDS)
        else:
            found = code_on(opened(data))
    except (*DAMAGED, apart.NotDone) as error:
        raise NoCodeFound(str(error)[:200]) from error
    if not found:
        raise NoCodeFound
    return found


def _other_form(data: bytes) -> str:
    """What a picture that is not read here is called; empty for all else."""
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "")
    return next((form for start, form in _OTHERS if data.startswith(start)), "")
