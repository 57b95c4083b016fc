"""Good and bad inputs that fuzzing begins with: the vectors, the documentation's, and our own."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from PIL import Image

from tests.foreign_repository import Foreign, dublin_core, envelope, error
from tests.records import test_films
from tests.vectors import make


@cache
def vectors(format_: str, verdict: str = "") -> tuple[bytes, ...]:
    """All vectors of a format, or those that are `accepted`; the accepted ones first."""
    found = [(name, data) for name, data in make.vectors() if name.startswith(f"{format_}/")]
    ordered = sorted(found, key=lambda one: "/accepted/" not in one[0])
    return tuple(data for name, data in ordered if f"/{verdict}" in name and len(data) < 100_000)


def repository_answers() -> list[bytes]:
    """Lists of a foreign repository."""
    record = Foreign("oai:osh:1", "2026-11-01T00:00:00Z", dublin_core("Опыт")).xml()
    gone = Foreign("oai:osh:2", "2026-11-02", None).xml()
    more = "<dc:description>Строка\nи ещё</dc:description><dc:identifier>https://a.example/1</dc:identifier>"
    rich = Foreign(
        "oai:osh:3", "2026-11-03", dublin_core("Таҷриба", language="tg", more=more)
    ).xml()
    token = "<resumptionToken cursor='0'>t/1</resumptionToken>"
    codes = ("badResumptionToken", "noRecordsMatch", "badArgument")
    return [
        envelope(f"<ListRecords>{record}{gone}{rich}{token}</ListRecords>"),
        envelope(f"<ListRecords>{rich * 40}</ListRecords>"),
        *map(error, codes),
    ]


def repository_identities() -> list[bytes]:
    """What a foreign repository says of itself."""
    return [
        envelope(
            "<Identify><repositoryName>Архив</repositoryName><baseURL>https://a.example/oai</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>a@a.example</adminEmail>"
            "<earliestDatestamp>2001-01-01</earliestDatestamp><deletedRecord>no</deletedRecord>"
            "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
        )
    ]


def uploads() -> list[bytes]:
    """Small files of every type that is taken, and some that are not."""
    return [*_images(), *_archives(), "a;b\n1;ә\n".encode(), b"<svg onload=x>", b"#!/bin/sh\n"]


def _images() -> list[bytes]:
    picture = Image.new("RGBA", (9, 7), (200, 30, 30, 120))
    exif = picture.getexif()
    exif[0x0112], exif[0x010E] = 6, "who"
    found = []
    for kind, mode in (
        ("PNG", "RGBA"),
        ("PNG", "L"),
        ("JPEG", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
    ):
        target = io.BytesIO()
        picture.convert(mode).save(target, kind, exif=exif)
        found.append(target.getvalue())
    return found


def _archives() -> list[bytes]:
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        for name, content in (
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("[Content_Types].xml", "<Types/>"),
        ):
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w", method) as archive:
                archive.writestr(name, content)
                archive.writestr("word/document.xml", "<w/>")
            found.append(target.getvalue())
    return found


def films() -> list[bytes]:
    """A film of each sort with what is to be taken out, and captions."""
    return [
        test_films.film(test_films.box(b"meta", b"where")),
        test_films.webm(
            test_films.element(0x1549A966, test_films.element(0x7BA9, b"title"))
            + test_films.element(0x1254C367, b"tags")
        ),
        b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne window\n",
    ]
