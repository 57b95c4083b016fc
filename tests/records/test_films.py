"""Films and captions: told by their bytes, without what a camera wrote into them."""

from __future__ import annotations

from io import BytesIO

import pytest

from chorsu.records.fields import InvalidRecord
from chorsu.records.films import prepare_film

PLACE = b"+43.2389+076.8897/"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def film(*more: bytes) -> bytes:
    moov = box(b"moov", box(b"mvhd", bytes(20)), box(b"udta", box(b"\xa9xyz", PLACE)))
    return (
        box(b"ftyp", b"isom", bytes(4), b"mp42") + moov + box(b"mdat", b"pictures") + b"".join(more)
    )


def element(kind: int, body: bytes) -> bytes:
    width = (kind.bit_length() + 7) // 8
    return kind.to_bytes(width, "big") + ((1 << 56) | len(body)).to_bytes(8, "big") + body


def webm(segment: bytes) -> bytes:
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, segment)


def prepared(data: bytes, name: str = "Film of the village.MOV") -> tuple[bytes, str, str]:
    found = prepare_film(BytesIO(data), name, max_bytes=1_000_000)
    assert found is not None
    with found.file as file:
        return file.read(), found.media_type, found.name


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidRecord) as caught:
        prepare_film(BytesIO(data), "a", max_bytes=1_000_000)
    [error] = caught.value.errors
    return error.code


def test_a_film_loses_the_place_where_it_was_taken_and_nothing_moves() -> None:
    made = film(box(b"uuid", PLACE), box(b"meta", PLACE))
    data, media_type, name = prepared(made)

    assert (media_type, name) == ("video/mp4", "Film of the village.mp4")
    assert PLACE not in data
    assert (len(data), data.index(b"pictures")) == (len(made), made.index(b"pictures"))
    assert prepared(data)[0] == data, "what is clean stays as it is"


def test_a_webm_loses_tags_title_and_attachments() -> None:
    info = element(0x1549A966, element(0x7BA9, b"Home of " + PLACE) + element(0x2AD7B1, b"\x0f"))
    cluster = element(0x1F43B675, b"pictures")
    made = webm(info + cluster + element(0x1254C367, PLACE) + element(0x1941A469, PLACE * 40))
    data, media_type, _name = prepared(made)

    assert media_type == "video/webm"
    assert PLACE not in data
    assert (len(data), data.index(b"pictures")) == (len(made), made.index(b"pictures"))
    assert prepared(data)[0] == data


@pytest.mark.parametrize("kind", [0x1254C367, 0x7BA9])
@pytest.mark.parametrize("length", [0, 1, 120, 124, 126, 127, 128, 16_380, 16_384])
def test_a_part_of_any_length_becomes_one_of_the_same(kind: int, length: int) -> None:
    made = webm(element(kind, b"x" * length) + element(0x1F43B675, b"pictures"))
    data, _type, _name = prepared(made)

    assert (len(data), data.count(b"x")) == (len(made), 0)
    assert data.index(b"pictures") == made.index(b"pictures")


def test_captions_are_told_by_their_first_word_and_give_their_words() -> None:
    found = prepare_film(
        BytesIO(b"WEBVTT\n\n00:01.000 --> 00:02.000\nOne window\n"), "ru.txt", max_bytes=10_000
    )

    assert found is not None
    assert (found.media_type, found.name, "One window" in found.told) == (
        "text/vtt",
        "ru.vtt",
        True,
    )


@pytest.mark.parametrize(
    "data",
    [
        b"WEBVTT\n\nno time in it",
        b"WEBVTT\n\xff\xfe --> ",
        film()[:-3],
        film(b"\0\0\0\x04free"),
        webm(b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff" + b"pictures"),
        webm(b"\0" * 8),
    ],
    ids=["no-cue", "no-text", "cut", "a-box-shorter-than-itself", "endless", "no-element"],
)
def test_what_claims_to_be_a_film_and_is_not_whole_is_refused(data: bytes) -> None:
    assert refusal(data) == "file_unreadable"


def test_a_film_that_is_too_large_is_refused_before_it_is_copied() -> None:
    assert refusal(film(box(b"free", bytes(1_000_000)))) == "file_size"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"WEBVTTX", b"\x1a\x45\xdf\xa3matroska"])
def test_anything_else_is_for_others_to_judge(data: bytes) -> None:
    assert prepare_film(BytesIO(data), "a", max_bytes=10) is None
