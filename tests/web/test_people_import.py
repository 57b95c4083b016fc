"""A list of people over HTTP: chosen, looked at in the reader's language, taken in, undone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.institutions.models import Institution, Person
from tests.practices.conftest import person
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(academy: Institution) -> Client:
    return as_person(person(academy, "admin@hub.example", "Admin Two", "administrator"))


def chosen(text: str) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("people.csv", text.encode())}


def test_a_list_is_looked_at_taken_in_and_undone(office: Client) -> None:
    start = url("people-import", "hub-astana")
    assert start in office.get(url("people", "hub-astana")).content.decode()
    text = "email,name,roles\nnew@hub.example,New Person,editor\n"
    look = office.post(start, chosen(text))["Location"]
    page = office.get(look).content.decode()
    assert "1 person would get an account or roles here." in page
    assert not Person.objects.filter(email="new@hub.example").exists()
    page = office.post(look, follow=True).content.decode()
    assert "1 person taken in." in page
    assert "New Person" in page
    listed = office.get(start).content.decode()
    undo = look + "undo/"
    assert undo in listed
    page = office.post(undo, follow=True).content.decode()
    assert "Taken back: 1 person." in page
    assert not Person.objects.filter(email="new@hub.example").exists()


def test_what_is_wrong_is_told_by_row_in_the_readers_language(office: Client) -> None:
    start = url("people-import", "hub-astana", language="ru")
    look = office.post(start, chosen("email,name,roles\nx@hub.example,X,wizard\n"))["Location"]
    page = office.get(look).content.decode()
    assert "wizard" in page
    assert 'class="row--wrong"' in page
    assert "Строка" in page
    answer = office.post(look)
    assert answer.status_code == 200
    assert not Person.objects.filter(email="x@hub.example").exists()


def test_a_file_that_names_no_people_says_which_columns_it_lacks(office: Client) -> None:
    answer = office.post(url("people-import", "hub-astana"), chosen("name\nX\n"))
    assert answer.status_code == 400
    assert "The first row must name these columns: E-mail address" in answer.content.decode()
    template = office.get(url("people-import-template", "hub-astana", language="zh-hans"))
    assert template.content.decode().startswith("\ufeff电子邮件地址,")


def test_it_is_for_administrators_of_the_institution(
    office: Client, academy: Institution, editor: Person
) -> None:
    for name in ("people-import", "people-import-template"):
        assert as_person(editor).get(url(name, "hub-astana")).status_code == 403
        assert office.get(url(name, "no-such-place")).status_code == 403
    text = "email,name\nnew@hub.example,New\n"
    look = office.post(url("people-import", "hub-astana"), chosen(text))["Location"]
    assert as_person(editor).get(look).status_code == 403
    assert as_person(editor).post(look + "undo/").status_code == 403


def test_one_says_the_category_of_ones_own_position(editor: Person) -> None:
    browser = as_person(editor)
    browser.post(url("account"), {"name": "Editor One", "position": "leading"})
    editor.refresh_from_db()
    assert editor.position == "leading"
    wrong = browser.post(url("account"), {"name": "Editor One", "position": "wizard"})
    assert wrong.status_code == 400
