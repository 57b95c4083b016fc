"""Uploads are told by their bytes; images are made anew; what could do harm is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from chorsu.practices.rules import InvalidPractice
from chorsu.records.files import PreparedFile, clean_name, prepare
from tests.records.pdfs import small_pdf


def prepared(data: bytes, name: str = "a", max_bytes: int = 10_000_000) -> PreparedFile:
    return prepare(BytesIO(data), name, max_bytes=max_bytes, image_max_px=400)


def refusal(data: bytes, name: str = "a", max_bytes: int = 10_000_000) -> str:
    with pytest.raises(InvalidPractice) as caught:
        prepared(data, name, max_bytes)
    (error,) = caught.value.errors
    assert error.field == "file"
    return error.code


def archive(**parts: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as zipped:
        for name, text in parts.items():
            zipped.writestr(name, text)
    return target.getvalue()


def picture(
    kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object
) -> bytes:
    target = BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else None).save(target, kind, **options)
    return target.getvalue()


@pytest.mark.parametrize(
    ("part", "media_type", "extension"),
    [
        ("word/document.xml", "wordprocessingml.document", "docx"),
        ("xl/workbook.xml", "spreadsheetml.sheet", "xlsx"),
        ("ppt/presentation.xml", "presentationml.presentation", "pptx"),
    ],
)
def test_office_documents_are_told_by_their_parts(
    part: str, media_type: str, extension: str
) -> None:
    data = archive(**{"[Content_Types].xml": "<Types/>", part: "<x/>"})
    found = prepared(data, "plan.exe")
    assert found.media_type == f"application/vnd.openxmlformats-officedocument.{media_type}"
    assert found.name == f"plan.{extension}"
    assert sorted(zipfile.ZipFile(found.file).namelist()) == sorted(["[Content_Types].xml", part])


@pytest.mark.parametrize("kind", ["text", "spreadsheet", "presentation"])
def test_open_documents_are_told_by_their_mimetype(kind: str) -> None:
    data = archive(mimetype=f"application/vnd.oasis.opendocument.{kind}")
    assert prepared(data).media_type == f"application/vnd.oasis.opendocument.{kind}"


def test_a_pdf_is_told_by_its_bytes_and_keeps_its_name() -> None:
    found = prepared(small_pdf(Author="Aigerim"), "Отчёт 2024.PDF")
    assert (found.media_type, found.name) == ("application/pdf", "Отчёт 2024.pdf")
    assert found.file.read() == small_pdf()


def test_a_new_document_locked_in_an_old_container_is_told_as_such() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refusal(data + "EncryptedPackage".encode("utf-16-le"), "plan.docx") == "file_locked"


def test_a_document_of_an_older_office_program_is_told_as_such() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "plan.doc") == "file_old"


def test_plain_text_and_csv_are_taken() -> None:
    assert prepared("区,天\n甲,2\n".encode(), "t.csv").media_type == "text/csv"
    assert prepared("Просто текст".encode(), "t.html").name == "t.txt"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><p>x",
        b"\n\n <svg xmlns='http://www.w3.org/2000/svg'/>",
        b"hello <script>alert(1)</script>",
        b"#!/bin/sh\nrm",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"Rar!\x1a\x07\x01\x00\x00",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        bytes(range(256)),
        archive(**{"a.txt": "x"}),
        archive(mimetype="application/epub+zip"),
        b"PK\x03\x04 not an archive at all",
    ],
)
def test_what_could_run_or_hide_something_is_refused(data: bytes) -> None:
    assert refusal(data, "report.pdf") == "file_type"


def test_an_empty_or_too_large_file_is_refused() -> None:
    assert refusal(b"") == "file_empty"
    assert refusal(b"x" * 2_000_001, max_bytes=2_000_000) == "file_size"


def test_a_photograph_loses_its_place_and_owner() -> None:
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif[0x9C9D] = "Aigerim".encode("utf-16-le")
    exif.get_ifd(0x8825)[1] = "N"
    source = picture("JPEG", exif=exif, comment=b"made by Aigerim")
    assert b"CameraMaker" in source
    data = prepared(source, "photo.jpg").file.read()
    result = Image.open(BytesIO(data))
    assert dict(result.getexif()) == {}
    assert b"CameraMaker" not in data
    assert b"Aigerim" not in data


def test_a_photograph_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = prepared(picture("JPEG", (300, 200), exif=exif))
    assert (found.width, found.height) == (200, 300)


def test_a_large_image_is_made_smaller() -> None:
    found = prepared(picture("PNG", (1600, 800)))
    assert (found.width, found.height, found.media_type) == (400, 200, "image/png")


def test_a_gif_becomes_a_png_and_webp_stays() -> None:
    gif = prepared(picture("GIF", mode="P"), "x.gif")
    assert (gif.media_type, gif.name) == ("image/png", "x.png")
    assert prepared(picture("WEBP"), "x").media_type == "image/webp"


def test_transparency_is_kept() -> None:
    data = prepared(picture("PNG", mode="RGBA")).file.read()
    assert Image.open(BytesIO(data)).mode == "RGBA"


def test_what_is_hidden_behind_an_image_is_left_behind() -> None:
    data = picture("PNG") + b"<script>alert(1)</script>"
    assert b"script" not in prepared(data).file.read()


def test_a_broken_image_is_refused() -> None:
    assert refusal(picture("PNG")[:80]) == "file_damaged"


def test_an_image_that_would_fill_the_memory_is_refused() -> None:
    # A header that promises 60,000 x 60,000 pixels, and no pixels.
    data = bytearray(picture("PNG", (8, 8)))
    data[16:24] = (60_000).to_bytes(4) * 2
    assert refusal(bytes(data)) == "file_damaged"


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\reports\\plan.doc", "plan.pdf"),
        ('a"b\r\nc.pdf', "a b c.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("x" * 300, "x" * 150 + ".pdf"),
        ("总结.pdf", "总结.pdf"),
    ],
)
def test_names_are_safe_in_headers_and_on_disks(name: str, clean: str) -> None:
    assert clean_name(name, "pdf") == clean


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("extra_bytes", [0x55, 0x80, 0xFF])
def test_an_archive_whose_packing_is_broken_is_refused(method: int, extra_bytes: int) -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as zipped:
        zipped.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    # The local header says that the packed bytes begin later than they do.
    broken = bytearray(target.getvalue())
    broken[28] ^= extra_bytes
    assert refusal(bytes(broken)) == "file_type"
