"""Films lose what is told in them, and nothing else moves."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from chorsu.records.films import DamagedFilm, cleaned_film
from tests.records.test_files import prepared, refusal


def box(kind: bytes, content: bytes = b"", *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">I", 1) + kind + struct.pack(">Q", 16 + len(content)) + content
    return struct.pack(">I", 8 + len(content)) + kind + content


PLACE = box(b"\xa9xyz", b"\x00\x12\x15\xc7+51.1801+071.4460/")
FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41")
PIXELS = b"\x00\x00\x00\x01pixels"


def film(told: bytes = PLACE) -> bytes:
    track = box(b"trak", box(b"tkhd", bytes(20)) + box(b"udta", told))
    moov = box(b"moov", box(b"mvhd", bytes(20)) + track + box(b"udta", told) + box(b"meta", told))
    return FTYP + moov + box(b"mdat", PIXELS)


def test_where_a_film_was_taken_is_gone_and_everything_else_stands_where_it_stood() -> None:
    data = film()
    clean = cleaned_film(BytesIO(data)).read()
    assert len(clean) == len(data)
    assert b"+51.1801" not in clean
    assert (clean.count(b"free"), clean.count(b"udta"), clean.count(b"meta")) == (3, 0, 0)
    assert clean.index(PIXELS) == data.index(PIXELS)
    assert clean[: len(FTYP)] == FTYP
    assert cleaned_film(BytesIO(clean)).read() == clean


def test_a_box_with_a_long_size_is_emptied_too() -> None:
    data = FTYP + box(b"moov", box(b"udta", PLACE, long=True)) + box(b"uuid", PLACE, long=True)
    clean = cleaned_film(BytesIO(data)).read()
    assert b"+51.1801" not in clean
    assert len(clean) == len(data)


@pytest.mark.parametrize(
    "data",
    [
        FTYP,
        FTYP + box(b"mdat", PIXELS),
        film()[:-3],
        film() + b"\x00\x00\x00\x04free",
        FTYP + box(b"moov", struct.pack(">I", 900) + b"trak"),
        FTYP + box(b"moov", struct.pack(">I", 1) + b"trak" + struct.pack(">Q", 2**63)),
        FTYP + box(b"moov", box(b"trak") * 100_001),
    ],
)
def test_what_is_no_whole_film_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedFilm):
        cleaned_film(BytesIO(data))
    assert refusal(data) == "film_damaged"


def test_films_and_captions_are_told_by_their_bytes() -> None:
    found = prepared(film(), "The hall.mov")
    assert (found.media_type, found.name) == ("video/mp4", "The hall.mp4")
    captions = "WEBVTT - in Kazakh\n\n00:00.000 --> 00:02.000\n<v Teacher>Сәлем!\n"
    kept = prepared(captions.encode(), "captions.txt")
    assert (kept.media_type, kept.name) == ("text/vtt", "captions.vtt")
    assert kept.file.read() == captions.encode()
    assert prepared(b"WEBVTTS are captions", "a.vtt").media_type == "text/plain"


def test_a_photograph_that_begins_like_a_film_is_not_taken_for_one() -> None:
    assert refusal(film().replace(b"isom", b"heic", 1)) == "file_type"
