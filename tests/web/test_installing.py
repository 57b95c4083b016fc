"""A node can be installed as an application: every page names what it takes, and it is there."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.languages import LANGUAGES

pytestmark = pytest.mark.django_db
PAGES = ("", "courses/", "help/", "verify/", "learning/offline/", "account/login/")


def _pixels(png: bytes) -> tuple[int, list[list[tuple[int, ...]]]]:
    """Size and rows of (red, green, blue, alpha) of a square PNG of eight bits a channel."""
    width, height, bits, colour = struct.unpack(">IIBB", png[16:26])
    assert (width, bits, colour) == (height, 8, 6)
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    raw, rows = zlib.decompress(packed), []
    above = bytearray(4 * width)
    for y in range(height):
        line = raw[y * (4 * width + 1) : (y + 1) * (4 * width + 1)]
        above = _unfiltered(line[0], bytearray(line[1:]), above)
        rows.append([tuple(above[4 * x : 4 * x + 4]) for x in range(width)])
    return width, rows


def _unfiltered(filtered: int, line: bytearray, above: bytearray) -> bytearray:
    """A line as it was before its filter (PNG, section 9)."""
    for at in range(len(line)):
        left = line[at - 4] if at >= 4 else 0
        corner = above[at - 4] if at >= 4 else 0
        up = above[at]
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda one: abs(guess - one))
        line[at] = (line[at] + (0, left, up, (left + up) // 2, nearest)[filtered]) % 256
    return line


def _manifest(client: Client, code: str = "en") -> Mapping[str, Any]:
    answer = client.get(f"/{code}/manifest.webmanifest")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/manifest+json")
    found: Mapping[str, Any] = answer.json()
    return found


def test_every_page_names_the_manifest_of_its_language_and_an_icon_that_answer(
    client: Client, academy: Institution
) -> None:
    for page in PAGES:
        html = client.get(f"/tk/{page}", follow=True).content.decode()
        named = dict(re.findall(r'<link rel="([a-z-]+)" href="([^"]+)"', html))
        assert named["manifest"] == "/tk/manifest.webmanifest", page
        assert client.get(named["manifest"]).status_code == 200
        icon = client.get(named["apple-touch-icon"])
        assert (icon["Content-Type"], _pixels(icon.content)[0]) == ("image/png", 180), page


def test_every_icon_of_the_manifest_is_there_in_the_type_and_size_it_says(
    client: Client, academy: Institution
) -> None:
    icons = _manifest(client)["icons"]
    said = {(one["sizes"], one["type"], one["purpose"]) for one in icons}
    png = "image/png"
    assert said == {
        ("192x192", png, "any"), ("512x512", png, "any"), ("192x192", png, "maskable"),
        ("512x512", png, "maskable"), ("any", "image/svg+xml", "any"),
    }  # fmt: skip
    for one in icons:
        if one["type"] != png:
            continue
        answer = client.get(one["src"])
        assert (answer.status_code, answer["Content-Type"]) == (200, png)
        size, _rows = _pixels(answer.content)
        assert f"{size}x{size}" == one["sizes"]


def test_an_icon_that_is_cut_is_filled_to_its_corners_and_the_plain_one_is_clear_there(
    client: Client,
) -> None:
    ground, clear = (0x17, 0x33, 0x5F, 255), 0
    for name in ("maskable-192", "apple-180"):
        size, rows = _pixels(client.get(f"/icons/{name}.png").content)
        assert {rows[0][0], rows[0][-1], rows[-1][0], rows[-1][-1]} == {ground}, name
        # The star in the middle of the mark is light.
        assert min(rows[size // 2][size // 2][:3]) > 0xC0, name
    _size, rows = _pixels(client.get("/icons/192.png").content)
    assert rows[0][0][3] == clear
    assert rows[96][4][:3] == ground[:3]


def test_what_is_light_of_a_maskable_icon_lies_where_no_system_cuts(client: Client) -> None:
    size, rows = _pixels(client.get("/icons/maskable-192.png").content)
    middle = (size - 1) / 2
    light = [
        (x - middle) ** 2 + (y - middle) ** 2
        for y, row in enumerate(rows)
        for x, one in enumerate(row)
        if min(one[:3]) > 0x80
    ]
    assert 0 < max(light) ** 0.5 <= 0.4 * size


def test_the_manifest_speaks_the_language_of_the_page_and_is_of_one_application(
    client: Client, academy: Institution
) -> None:
    found = {one.tag: _manifest(client, one.django_code) for one in LANGUAGES}
    assert {one["id"] for one in found.values()} == {"/learning/"}
    assert {tag: one["start_url"] for tag, one in found.items()} == {
        one.tag: f"/{one.django_code}/learning/" for one in LANGUAGES
    }
    assert [one["lang"] for one in found.values()] == [one.html_lang for one in LANGUAGES]
    assert len({one["description"] for one in found.values()}) == len(LANGUAGES)
    assert found["ru"]["name"] == "Chorsu · Астанинский хаб"


def test_the_application_opens_where_the_person_learns(
    client: Client, academy: Institution
) -> None:
    start = _manifest(client)["start_url"]
    asked = client.get(start)
    assert (asked.status_code, asked["Location"]) == (302, f"/en/account/login/?next={start}")
    client.force_login(Person.objects.create_user("learner@hub.example", "correct horse"))
    assert client.get(start).status_code == 200


def test_an_address_without_a_language_leads_to_the_manifest_of_the_browser_s(
    client: Client, academy: Institution
) -> None:
    asked = client.get("/manifest.webmanifest", headers={"Accept-Language": "ky"})
    assert (asked.status_code, asked["Location"]) == (302, "/ky/manifest.webmanifest")


def test_there_is_no_icon_of_another_name(client: Client, academy: Institution) -> None:
    assert client.get("/icons/640.png").status_code == 404
