"""The write page over HTTP: what is typed is saved or kept, and nobody overwrites another."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.institutions.models import Institution, Person
from chorsu.practices import actions, queries
from chorsu.practices.rules import ERROR_CODES, TEXT_FIELDS, FieldError
from chorsu.web.drafting.messages import message
from chorsu.web.writing.labels import SECTIONS, name_of
from chorsu.web.writing.rows import COLUMNS
from tests.practices.conftest import person
from tests.practices.content import ready_draft
from tests.web.writing_desk import (
    FORM,
    address,
    begun,
    draft_of,
    errors_of,
    inputs,
    posted,
    signed_in,
    writer,
)

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def desk(aigul: Person) -> Client:
    return signed_in(aigul)


@pytest.fixture
def draft_id(desk: Client) -> str:
    return begun(desk)


def test_a_draft_begins_in_the_chosen_language(desk: Client, aigul: Person) -> None:
    draft = draft_of(begun(desk, "zh-Hans"), aigul)
    page = desk.get(address("draft-edit", draft.id)).content.decode()
    assert (draft.language, draft.institution_id, draft.state) == (
        "zh-Hans",
        "hub-astana",
        "writing",
    )
    assert re.search(r'<textarea name="problem"[^>]* lang="zh-Hans" dir="auto"', page)
    assert 'name="year_from" value="" lang' not in page
    # A field that is cut while it is typed or pasted can't be named as wrong.
    assert "maxlength" not in page.partition("<main")[2].partition("</main>")[0]


def test_without_a_language_nothing_begins(desk: Client, aigul: Person) -> None:
    answer = desk.post(address("draft-new"), {"institution": "hub-astana", "language": "xx"})
    assert (answer.status_code, queries.drafts_for(aigul)) == (422, [])


def test_only_those_who_write_may(academy: Institution, draft_id: str) -> None:
    reader = signed_in(person(academy, "reader@hub.example", "Reader", "reader"))
    begin = {"institution": "hub-astana", "language": "en"}
    assert reader.post(address("draft-new"), begin).status_code == 403
    assert reader.get(address("draft-edit", draft_id)).status_code == 403
    assert reader.get(address("draft-new")).status_code == 200
    assert b"Write a practice</a>" not in reader.get(address("work")).content


def test_a_stranger_is_asked_to_sign_in(draft_id: str) -> None:
    answer = Client().get(address("draft-edit", draft_id))
    assert (answer.status_code, "/account/login/" in answer.headers["Location"]) == (302, True)


def test_a_draft_that_is_not_there_is_said_to_be_missing(desk: Client) -> None:
    nowhere = "01a20b57-41cf-7240-9c2d-67167621df3b"
    assert desk.get(address("draft-edit", nowhere)).status_code == 404


def test_all_that_is_typed_is_saved_and_comes_back(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    answer = desk.post(address("draft-edit", draft_id), posted(1, note="first"))
    draft = draft_of(draft_id, aigul)
    assert answer.headers["Location"] == address("draft-edit", draft_id)
    assert (draft.version, draft.words["problem"]) == (2, "People went to **four** offices.")
    fields = [field.name for field in TEXT_FIELDS if field.name in FORM]
    assert {name: draft.words[name] for name in fields} == {name: FORM[name] for name in fields}
    assert draft.words["indicators.waiting.unit"] == "days"
    assert draft.facts["indicators"] == [
        {"key": "waiting", "baseline": "12", "value": "2.5", "date": "2021-06"}
    ]
    assert draft.facts["contacts"][0]["email"] == "office@district.example"
    again = inputs(desk.get(address("draft-edit", draft_id)).content.decode())
    kept = {name: again[name] for name in FORM if name.startswith(("indicators-0", "contacts-0"))}
    assert kept == {name: FORM[name] for name in kept}


def test_the_goal_of_a_chosen_target_is_chosen_with_it(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    desk.post(address("draft-edit", draft_id), posted(1, sdg_targets=["11.2", "16.6"]))
    facts = draft_of(draft_id, aigul).facts
    assert (facts["sdg_goals"], facts["sdg_targets"]) == ([11, 16], ["11.2", "16.6"])


def test_what_is_wrong_is_named_and_what_was_typed_stays(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    wrong = {"title": "x" * 201, "year_from": "19x", "sources-3-url": "nonsense"}
    answer = desk.post(address("draft-edit", draft_id), posted(1, **wrong))
    assert answer.status_code == 422
    assert errors_of(answer.content.decode()) == {
        "f-title": "Too long: at most 200 characters.",
        "f-year_from": "Enter a year from 1950 to 2100.",
        "f-sources-3-url": "Enter an address that begins with https:// or http://.",
    }
    page = answer.content.decode()
    assert inputs(page)["sources-3-url"] == "nonsense"
    assert inputs(page)["indicators-0-value"] == "2.5"
    assert "x" * 201 in page
    kept = draft_of(draft_id, aigul)
    assert (inputs(page)["version"], kept.version) == ("2", 2)
    assert kept.words["summary"] == FORM["summary"]
    assert {path.split(".")[0]: text for path, text in kept.refused.items()} == {
        "title": "x" * 201, "year_from": "19x", "sources": "nonsense",
    }  # fmt: skip
    again = desk.get(address("draft-edit", draft_id)).content.decode()
    assert set(errors_of(again)) == {"f-title", "f-year_from", "f-sources-0-url"}
    assert (inputs(again)["sources-0-url"], inputs(again)["year_from"]) == ("nonsense", "19x")


@pytest.mark.parametrize("do", ["submit", "publish", "preview"])
def test_what_is_refused_holds_up_the_decision_but_not_the_save(
    desk: Client, editor: Person, draft_id: str, do: str
) -> None:
    office = signed_in(editor)
    office.post(address("draft-edit", draft_id), posted(1))
    wrong = {"indicators-0-value": "about five", "lessons": "Begin small."}
    answer = office.post(address("draft-edit", draft_id), posted(2, do=do, **wrong))
    assert answer.status_code == 422
    assert set(errors_of(answer.content.decode())) == {"f-indicators-0-value"}
    draft = draft_of(draft_id, editor)
    assert (draft.state, draft.words["lessons"]) == ("writing", "Begin small.")
    assert draft.refused == {"indicators.waiting.value": "about five"}
    gaps = office.post(address("draft-publish", draft_id), {"version": "3"})
    assert (gaps.status_code, b"Enter a number such as 12.18." in gaps.content) == (422, True)
    assert b"This is needed before publication" not in gaps.content
    office.post(address("draft-submit", draft_id), {"version": "3"})
    assert draft_of(draft_id, editor).state == "writing"
    office.post(address("draft-edit", draft_id), posted(3, **{"indicators-0-value": "20,5"}))
    draft = draft_of(draft_id, editor)
    assert (draft.refused, draft.facts["indicators"][0]["value"]) == ({}, "20.5")


def test_a_file_sent_beside_a_refused_field_is_taken(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    table = SimpleUploadedFile("visits.csv", b"year,visits\n2024,12\n")
    answer = desk.post(
        address("draft-edit", draft_id), {**posted(1, year_from="19x"), "file": table}
    )
    assert (answer.status_code, b"visits.csv" in answer.content) == (422, True)
    assert set(errors_of(answer.content.decode())) == {"f-year_from"}
    draft = draft_of(draft_id, aigul)
    assert (draft.refused, [one.name for one in draft.files]) == (
        {"year_from": "19x"},
        ["visits.csv"],
    )


def test_what_is_refused_is_among_what_two_people_decide_on(
    desk: Client, aigul: Person, editor: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1))
    signed_in(editor).post(edit, posted(2, year_to="20x", title="t" * 201))
    answer = desk.post(edit, posted(2, steps="First this."))
    page = answer.content.decode()
    assert (answer.status_code, "20x" in page, "t" * 201 in page) == (409, True, True)
    desk.post(edit, {**inputs(page), "do": "merge"})
    draft = draft_of(draft_id, aigul)
    assert (draft.refused, draft.words["steps"]) == (
        {"title": "t" * 201, "year_to": "20x"},
        "First this.",
    )


def test_an_earlier_version_comes_back_with_what_was_refused(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1, year_from="19x"))
    desk.post(edit, posted(2))
    assert draft_of(draft_id, aigul).refused == {}
    assert b"19x" in desk.get(address("draft-version", draft_id, 2)).content
    desk.post(address("draft-restore", draft_id, 2), {"version": "3"})
    assert draft_of(draft_id, aigul).refused == {"year_from": "19x"}


def test_a_row_is_removed_and_added_without_a_script(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    answer = desk.post(edit, posted(1, do="remove-indicators-0"))
    assert answer.headers["Location"] == f"{edit}#indicators"
    assert draft_of(draft_id, aigul).facts["indicators"] == []
    assert "indicators.waiting.name" not in draft_of(draft_id, aigul).words
    answer = desk.post(edit, posted(2, do="add-contacts"))
    assert answer.headers["Location"] == f"{edit}#contacts"
    assert 'name="contacts-1-office"' in desk.get(edit).content.decode()


def test_a_new_row_never_takes_the_name_of_a_removed_one(desk: Client, draft_id: str) -> None:
    edit = address("draft-edit", draft_id)
    blanks = {inputs(desk.get(edit).content.decode())["indicators-0-key"] for _ in range(3)}
    assert len(blanks) == 3


def test_autosave_is_told_the_version_the_errors_or_who_was_faster(
    desk: Client, aigul: Person, editor: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    saved = desk.post(edit, posted(1), headers=JSON)
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    refused = desk.post(edit, posted(2, year_from="x", steps="First this."), headers=JSON)
    told = refused.json()
    assert (refused.status_code, told["version"], told["errors"]) == (
        200,
        3,
        {"f-year_from": "Enter a year from 1950 to 2100."},
    )
    assert told["state"].endswith("Please correct the marked fields.")
    assert draft_of(draft_id, aigul).words["steps"] == "First this."
    again = desk.post(edit, posted(3, year_from="x", steps="First this."), headers=JSON)
    assert again.json()["version"] == 3
    broken = desk.post(edit, posted(3, level="planet", themes=["moon"]), headers=JSON)
    assert (broken.status_code, list(broken.json()["errors"])) == (422, ["f-themes", "f-level"])
    late = signed_in(editor).post(edit, posted(1, title="Other"), headers=JSON)
    assert (late.status_code, "Aigul Writer" in late.json()["state"]) == (409, True)
    assert draft_of(draft_id, aigul).words["title"] == FORM["title"]


def test_a_submitted_draft_is_the_editors(
    desk: Client, editor: Person, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    answer = desk.post(edit, posted(1, do="submit"))
    assert answer.headers["Location"] == address("work")
    assert draft_of(draft_id, aigul).state == "submitted"
    assert desk.get(edit).headers["Location"] == address("draft-review", draft_id)
    assert desk.post(edit, posted(2, title="Late")).status_code == 409
    signed_in(editor).post(edit, posted(2, title="By the editor"))
    assert draft_of(draft_id, aigul).words["title"] == "By the editor"


def test_a_file_is_taken_described_and_removed(desk: Client, aigul: Person, draft_id: str) -> None:
    edit = address("draft-edit", draft_id)
    table = SimpleUploadedFile("visits.csv", b"year,visits\n2024,12\n")
    desk.post(edit, {**posted(1), "do": "upload", "file": table, "file_language": "ru"})
    (file,) = draft_of(draft_id, aigul).files
    assert (file.name, file.language) == ("visits.csv", "ru")
    described = {f"files-{file.sha256}-description": "Visits by year"}
    desk.post(edit, {**posted(2), **described})
    words = draft_of(draft_id, aigul).words
    assert words[f"files.{file.sha256}.description"] == "Visits by year"
    desk.post(edit, {**posted(3), **described, "do": f"remove-file-{file.sha256}"})
    assert draft_of(draft_id, aigul).files == []


def test_a_refused_file_is_named_and_the_words_are_saved(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    program = SimpleUploadedFile("report.exe", b"MZ\x00\x01\x02")
    answer = desk.post(
        address("draft-edit", draft_id), {**posted(1), "do": "upload", "file": program}
    )
    assert answer.status_code == 422
    assert errors_of(answer.content.decode())["f-file"].startswith("report.exe: Files of this type")
    draft = draft_of(draft_id, aigul)
    assert (draft.words["title"], draft.files) == (FORM["title"], [])


def test_the_preview_shows_what_readers_will_see(desk: Client, draft_id: str) -> None:
    typed = posted(1, problem="**bold** <script>alert(1)</script>")
    answer = desk.post(address("draft-edit", draft_id), {**typed, "do": "preview"}, follow=True)
    page = answer.content.decode()
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert "Waiting" in page


def test_a_file_of_a_draft_opens_for_those_who_may_read_the_draft_and_nobody_else(
    desk: Client, aigul: Person, academy: Institution, draft_id: str
) -> None:
    table = SimpleUploadedFile("visits.csv", b"year,visits\n2024,12\n")
    desk.post(address("draft-edit", draft_id), {**posted(1), "do": "upload", "file": table})
    sha256 = draft_of(draft_id, aigul).files[0].sha256
    there = address("draft-file", draft_id, sha256)
    for page in ("draft-preview", "draft-review"):
        assert f'href="{there}"' in desk.get(address(page, draft_id)).content.decode()
    answer = desk.get(there)
    assert getattr(answer, "getvalue")() == b"year,visits\n2024,12\n"  # noqa: B009
    assert answer["Content-Disposition"] == "attachment"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-cache"
    assert desk.get(f"/exchange/blob/{sha256}").status_code in (403, 404)
    assert desk.get(address("draft-file", draft_id, "0" * 64)).status_code == 404
    assert Client().get(there).status_code == 302
    reader = signed_in(person(academy, "reader@hub.example", "A Reader", "reader"))
    assert reader.get(there).status_code == 403


def test_an_earlier_version_shows_what_changed_and_comes_back(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1))
    desk.post(edit, posted(2, title=f"{FORM['title']} and stamps"))
    page = desk.get(address("draft-version", draft_id, 2)).content.decode()
    assert "One window for all papers<ins> and stamps</ins>" in page
    answer = desk.post(address("draft-restore", draft_id, 2), {"version": "3"})
    assert answer.headers["Location"] == edit
    assert draft_of(draft_id, aigul).words["title"] == FORM["title"]
    assert desk.get(address("draft-versions", draft_id)).content.count(b'"timeline__title"') == 4


def test_a_page_of_the_work_area_costs_few_queries_whatever_it_lists(
    desk: Client,
    editor: Person,
    now: datetime,
    django_assert_max_num_queries: object,
) -> None:
    for number in range(5):
        ready_draft(editor, now, title=f"Draft {number}")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert desk.get(address("work")).content.count(b"worklist__title") == 5


def test_pages_carry_nothing_inline(desk: Client, editor: Person, draft_id: str) -> None:
    actions.comment(draft_id=draft_id, field="title", text="Short?", by=editor, now=_later())
    for name in ("draft-edit", "draft-review", "draft-preview", "draft-versions"):
        page = desk.get(address(name, draft_id)).content.decode()
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", page), name


def _later() -> datetime:
    return datetime.fromisoformat("2026-11-24T10:00:00+00:00")


def test_every_error_of_the_rules_has_a_sentence() -> None:
    params: dict[str, str | int] = {
        "max": 5, "value": "x", "low": 1, "high": 2, "whole": "1", "part": "2",
    }  # fmt: skip
    sentences = {code: message(FieldError("title", code, params)) for code in ERROR_CODES}
    assert "This is not right." not in sentences.values()
    assert not [code for code, text in sentences.items() if "%" in text]


def test_every_field_of_a_practice_has_a_place_and_a_name_on_the_page() -> None:
    placed = {name for section in SECTIONS for name in section.fields}
    assert {field.name for field in TEXT_FIELDS} <= placed
    assert set(COLUMNS) <= placed
    cells = {f"{group}.0.{column}" for group, columns in COLUMNS.items() for column in columns}
    assert not [path for path in cells if name_of(path) == path]
