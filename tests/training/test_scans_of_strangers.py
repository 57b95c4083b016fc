"""Pictures and PDFs that were made to break what reads them are told as holding no certificate."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pytest
import zxingcpp
from pikepdf import Array, Dictionary, Name
from PIL import Image

from chorsu.training.documents import scans
from chorsu.training.documents.scanning import NoCodeFound, certificate_in
from chorsu.wire.credential_code import PREFIX

SIDE = 300
Space = Callable[[pikepdf.Pdf], pikepdf.Object]


def png(width: int, height: int) -> bytes:
    """The head of a picture of that size, and nearly nothing in it."""

    def piece(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = piece(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + head + body + piece(b"IEND", b"")


def code() -> bytes:
    """Grey samples of a picture with a code that is a certificate's."""
    made = zxingcpp.create_barcode(f"{PREFIX}X", zxingcpp.BarcodeFormat.QRCode)
    grey = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=5)).convert("L")
    out = Image.new("L", (SIDE, SIDE), 255)
    out.paste(grey, (20, 20))
    return out.tobytes()


def picture(pdf: pikepdf.Pdf, samples: bytes, **facts: object) -> pikepdf.Object:
    return pdf.make_indirect(
        pikepdf.Stream(
            pdf, samples, Type=Name.XObject, Subtype=Name.Image, BitsPerComponent=8,
            **{"Width": SIDE, "Height": SIDE, "ColorSpace": Name.DeviceGray, **facts},
        )
    )  # fmt: skip


def page_of(pdf: pikepdf.Pdf, *drawn: pikepdf.Object) -> bytes:
    names = {f"/P{at}": one for at, one in enumerate(drawn)}
    pdf.add_blank_page().obj.Resources = Dictionary(XObject=Dictionary(names))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def two_channels(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return Array([Name.ICCBased, pdf.make_indirect(pikepdf.Stream(pdf, b"x", N=2))])


def endless(pdf: pikepdf.Pdf) -> pikepdf.Object:
    space = [Name.Indexed, Name.DeviceRGB, 255, pikepdf.String(bytes(768))]
    made = pdf.make_indirect(Array(space))
    made[1] = made
    return made


def test_a_picture_that_says_it_is_huge_is_none() -> None:
    with pytest.raises(NoCodeFound):
        certificate_in(png(20_000, 20_000))


@pytest.mark.parametrize(
    "space",
    [two_channels, endless, lambda _pdf: Array([]), lambda _pdf: Name.Pattern],
    ids=["two channels", "endless", "empty", "pattern"],
)
def test_a_picture_that_cannot_be_read_does_not_hide_the_next(space: Space) -> None:
    pdf = pikepdf.new()
    broken = picture(pdf, bytes(SIDE * SIDE))
    broken.ColorSpace = space(pdf)
    nameless = picture(pdf, bytes(SIDE * SIDE), Width=Name.X)
    pages = page_of(pdf, nameless, broken, picture(pdf, code()))
    assert certificate_in(pages) == f"{PREFIX}X".encode()


def test_a_picture_is_looked_at_once_by_however_many_names() -> None:
    pdf = pikepdf.new()
    empty = picture(pdf, bytes(SIDE * SIDE))
    names = [empty] * scans.MAX_PICTURES
    assert certificate_in(page_of(pdf, *names, picture(pdf, code()))) == f"{PREFIX}X".encode()


def test_a_document_has_one_budget_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "MAX_ALL_PIXELS", 2 * SIDE * SIDE)
    pdf = pikepdf.new()
    pages = page_of(pdf, *(picture(pdf, bytes(SIDE * SIDE)) for _ in range(3)))
    assert len(list(scans.pictures(pikepdf.open(io.BytesIO(pages))))) == 2


def test_a_pdf_whose_tables_unfold_without_end_is_none_and_takes_no_memory_here() -> None:
    """Its objects are in a stream, deflated twice, of a gigabyte: no page has to be opened."""
    head = b"1 0 2 40 3 90 ".ljust(20)
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>".ljust(40)
    kids = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".ljust(50)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    packer, blank = zlib.compressobj(), b" " * (1 << 20)
    once = packer.compress(head + catalog + kids + page)
    once += b"".join(packer.compress(blank) for _ in range(1024)) + packer.flush()
    packed = zlib.compress(once, 9)
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    objects = out.tell()
    out.write(
        b"4 0 obj\n<< /Type /ObjStm /N 3 /First 20 /Filter [/FlateDecode /FlateDecode]"
        b" /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    )
    table = out.tell()
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, objects, 0), (1, table, 0)]
    listed = b"".join(bytes([kind]) + at.to_bytes(3, "big") + bytes([n]) for kind, at, n in rows)
    out.write(
        b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 3 1] /Root 1 0 R /Length %d >>\nstream\n%s"
        b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(listed), listed, table)
    )
    assert len(out.getvalue()) < 50_000
    with pytest.raises(NoCodeFound) as refused:
        certificate_in(out.getvalue())
    # The process of its own was ended; nothing was unfolded here.
    assert "documents.pdfs" in str(refused.value)
