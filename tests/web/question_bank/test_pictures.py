"""Pictures of questions in pages: put in by a form, seen by who is asked and by nobody else."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.training.models import BankItem, BankPicture
from chorsu.web.question_pictures import picture_url
from tests.practices.conftest import reader
from tests.training.formats.questions.test_pictures import body, package
from tests.training.pictures_kit import SVG, picture
from tests.training.test_bank import KYRGYZ, WORDS, save
from tests.training.test_bank_pictures import put_in
from tests.web.question_bank.test_pages import BASE, OPTIONS, at, course, only, writer

__all__ = ["course", "reader", "writer"]
pytestmark = pytest.mark.django_db


def content_at(client: Client, address: str) -> bytes:
    """What is there, read to its end."""
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def upload(content: bytes = b"", name: str = "map.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or picture(), content_type="image/png")


def test_a_picture_is_put_in_and_nothing_that_was_typed_is_lost(
    writer: Client, course: str
) -> None:
    typed = {**BASE, **OPTIONS, "stem": "Where is it?", "do": "picture"}

    page = writer.post(
        at(course, "new/single/"), {**typed, "picture": upload(), "picture_words": "A [map]"}
    )

    html = page.content.decode()
    name = BankPicture.objects.get().name
    line = rf"![A \[map\]]({name})"
    assert page.status_code == 200
    assert f"Where is it?\n\n{line}</textarea>" in html
    assert 'value="Bishkek"' in html or ">Bishkek</textarea>" in html
    assert not BankItem.objects.exists()

    stem = f"Where is it?\n\n{line}"
    saved = writer.post(at(course, "new/single/"), {**BASE, **OPTIONS, "stem": stem})
    assert saved.status_code == 302
    assert [one["name"] for one in only(course).facts["pictures"]] == [name]
    shown = writer.get(saved["Location"]).content.decode()
    (address,) = set(re.findall(r'<img src="(/pictures/[^"]+)" alt="A \[map\]"', shown))
    assert content_at(writer, address).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"picture_words": "A map"}, "Choose a picture."),
        ({"picture": upload(), "picture_words": " "}, "Say what it shows"),
        (
            {"picture": upload(SVG, "map.svg"), "picture_words": "A map"},
            "</code> is an SVG file",
        ),
        ({"picture": upload(b"words", "map.png"), "picture_words": "A map"}, "is not a picture"),
    ],
)
def test_what_cannot_be_put_in_is_said_beside_its_field(
    writer: Client, course: str, sent: dict[str, object], says: str
) -> None:
    page = writer.post(
        at(course, "new/single/"), {**BASE, "stem": "Where?", "do": "picture", **sent}
    )

    html = page.content.decode()
    assert (page.status_code, says in html, ">Where?</textarea>" in html) == (422, True, True)
    assert not BankPicture.objects.exists()


def test_a_translation_gets_a_picture_of_its_own(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    item = save(course, editor, now, ky=KYRGYZ, en=WORDS)

    page = writer.post(
        at(course, f"{item.id}/"),
        {**BASE, "version": "1", "beside": "ky", "t-stem": "Кайсы?", "do": "picture",
         "stem": WORDS["stem"], "picture": upload(), "picture_words": "Карта"},
    )  # fmt: skip

    name = BankPicture.objects.get().name
    assert f"Кайсы?\n\n![Карта]({name})</textarea>" in page.content.decode()


def test_nobody_gets_a_picture_by_its_hash_or_by_the_address_of_another(
    client: Client, course: str, editor: Person, reader: Person, now: datetime
) -> None:
    put_in(course, editor, now)
    sha256 = BankPicture.objects.get().sha256
    theirs = picture_url(sha256, editor.pk)

    assert client.get(theirs).status_code == 302
    client.force_login(reader)
    assert client.get(theirs).status_code == 404
    assert client.get(f"/pictures/{sha256}/").status_code == 404
    assert client.get(f"/exchange/blob/{sha256}").status_code == 404
    client.force_login(editor)
    assert content_at(client, theirs).startswith(b"\x89PNG")
    assert client.get(theirs.replace(sha256[:4], "0000")).status_code == 404


def test_a_file_is_looked_at_with_its_pictures_and_what_to_mend_is_said(
    writer: Client, course: str
) -> None:
    content = package(
        body('<img src="../images/map.png"/>', '<img src="../images/b.png" alt="The bazaar"/>'),
        map_png=picture(),
        b_png=picture(shade=9),
    )
    posted = writer.post(
        at(course, "import/"),
        {"file": SimpleUploadedFile("p.zip", content), "language": "en", "competence": ""},
    )

    html = writer.get(posted["Location"]).content.decode()
    assert html.count('<img src="/pictures/') == 2
    assert 'alt="The bazaar"' in html
    assert "Nothing says what a picture in this question shows." in html

    writer.post(posted["Location"], {"do": "keep", "keep": "0"})
    item = only(course)
    assert not BankItem.objects.get().current
    refused = writer.post(at(course, f"{item.id}/retire/"), {"do": "take-back"}, follow=True)
    assert "The question cannot be asked as it is." in refused.content.decode()


def test_lists_of_a_bank_tell_a_picture_by_its_words(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    name = put_in(course, editor, now)
    words = {**WORDS, "title": "", "stem": f"![The old map]({name}) Where?"}
    save(course, editor, now, en=words)

    html = writer.get(at(course)).content.decode()
    assert "The old map Where?" in html
    assert name not in html
