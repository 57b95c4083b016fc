"""Pages of a bank of questions over HTTP: writing, languages, files, figures."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.training.formats.questions import read
from chorsu.training.items import ITEM_TYPES, Item, score
from chorsu.training.models import BankItem
from chorsu.training.queries import bank
from tests.practices.conftest import reader
from tests.training.courses.content import ready_draft
from tests.training.test_bank import KYRGYZ, WORDS, save

__all__ = ["reader"]
pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]
OPTIONS = {
    "rows-answer-options": ["k1", "k2", "k3", "k4"],
    "options-answer-k1-text": "Bishkek",
    "options-answer-k1-credit": "100",
    "options-answer-k2-text": "Osh",
    "options-answer-k2-feedback": "The second city.",
    "options-answer-k3-text": " ",
}
BASE = {"version": "0", "competence": "", "difficulty": "2", "points": "1,5", "shuffle": "yes"}


@pytest.fixture
def course(editor: Person, now: datetime) -> str:
    return ready_draft(editor, now).id


@pytest.fixture
def writer(client: Client, editor: Person) -> Client:
    client.force_login(editor)
    return client


def at(course: str, rest: str = "") -> str:
    return f"/en/work/courses/{course}/questions/{rest}"


def only(course: str) -> Item:
    """The one question of a bank."""
    (line,) = bank.lines(course)
    return bank.question(course, line.item).item


def test_a_choice_is_written_and_earns_what_was_said(writer: Client, course: str) -> None:
    posted = writer.post(at(course, "new/single/"), {**BASE, "stem": "Which?", **OPTIONS})

    item = only(course)
    assert (posted.status_code, posted["Location"]) == (302, at(course, f"{item.id}/"))
    assert [row["key"] for row in item.facts["fields"][0]["options"]] == ["k1", "k2"]
    assert (item.facts["points"], item.facts["difficulty"]) == ("1.5", 2)
    assert str(score(item, {"answer": "k1"}, "en").points) == "1.5000"


def test_pairs_share_targets_by_what_they_say(writer: Client, course: str) -> None:
    rows = {
        "rows-answer-options": ["k1", "k2", "k3"],
        "options-answer-k1-text": "a", "options-answer-k1-target": "Vowel",
        "options-answer-k2-text": "e", "options-answer-k2-target": "Vowel ",
        "options-answer-k3-target": "Consonant",
    }  # fmt: skip
    writer.post(at(course, "new/matching/"), {**BASE, "stem": "Match.", **rows})

    field = only(course).facts["fields"][0]
    assert [row["target"] for row in field["options"]] == ["m1", "m1"]
    assert [row["key"] for row in field["targets"]] == ["m1", "m2"]
    html = writer.get(at(course, f"{only(course).id}/")).content.decode()
    assert "Consonant" in html


def test_gaps_are_taken_from_the_text_and_filled_in_afterwards(writer: Client, course: str) -> None:
    form = {**BASE, "stem": "In [[1]] people of [[2]] met."}
    first = writer.post(at(course, "new/cloze/"), form)
    html = first.content.decode()
    assert first.status_code == 422
    assert "Gap 1" in html
    assert "Gap 2" in html

    form |= {
        "kind-1": "number", "rows-1-numbers": ["k1"], "numbers-1-k1-value": "1991",
        "kind-2": "text", "rows-2-texts": ["k1"], "texts-2-k1-spellings": "Osh\nОш",
        "weight-2": "3",
    }  # fmt: skip
    writer.post(at(course, "new/cloze/"), form)

    item = only(course)
    assert [field["kind"] for field in item.facts["fields"]] == ["number", "text"]
    assert str(score(item, {"2": "ош"}, "en").points) == "1.1250"


def test_a_choice_may_keep_its_place(writer: Client, course: str) -> None:
    form = {**BASE, "stem": "Which?", **OPTIONS, "options-answer-k2-fixed": "yes"}
    writer.post(at(course, "new/single/"), form)

    item = only(course)
    (field,) = item.facts["fields"]
    assert [row.get("fixed", False) for row in field["options"]] == [False, True]
    page = writer.get(at(course, f"{item.id}/")).content.decode()
    (box,) = re.findall(r'<input[^>]*id="options-answer-k2-fixed"[^>]*>', page)
    assert "checked" in box


def test_a_number_with_units_and_a_rubric_are_written(writer: Client, course: str) -> None:
    number = {
        "rows-answer-numbers": ["k1"], "numbers-answer-k1-value": "1,5",
        "numbers-answer-k1-tolerance": "2", "numbers-answer-k1-relative": "yes",
        "rows-answer-units": ["k1"], "units-answer-k1-names": "km", "units-answer-k1-factor": "1",
        "unit-answer": "required",
    }  # fmt: skip
    writer.post(at(course, "new/numeric/"), {**BASE, "stem": "Far?", **number})
    item = only(course)
    assert str(score(item, {"answer": "1.52 km"}, "en").state) == "right"

    rubric = {
        "rows-rubric-rubric": ["k1", "k2"], "rubric-rubric-k1-criterion": "Form",
        "rubric-rubric-k1-points": "3",
    }  # fmt: skip
    writer.post(at(course, "new/essay/"), {**BASE, "stem": "Discuss.", **rubric})
    essays = [line for line in bank.lines(course) if line.type == "essay"]
    facts = bank.question(course, essays[0].item).item.facts
    assert facts["rubric"] == [{"key": "k1", "points": 3}]
    assert "second_marker" not in facts


def test_two_people_may_be_asked_to_mark_what_is_handed_in(writer: Client, course: str) -> None:
    twice = {**BASE, "stem": "Hand in a plan.", "second_marker": "yes"}
    writer.post(at(course, "new/file/"), twice)
    (line,) = bank.lines(course)
    assert bank.question(course, line.item).item.facts.get("second_marker") is True
    page = writer.get(at(course, f"{line.item}/")).content.decode()
    assert 'name="second_marker" value="yes" checked' in page


def test_what_is_wrong_is_marked_and_what_was_typed_is_kept(writer: Client, course: str) -> None:
    wrong = {**OPTIONS, "options-answer-k1-credit": "1,000"}
    page = writer.post(at(course, "new/single/"), {**BASE, "stem": "", **wrong})
    html = page.content.decode()

    assert page.status_code == 422
    assert 'value="1,000"' in html
    assert "This can be read as 1000 or as 1.000." in html
    assert 'id="options-answer-k1-credit_error"' in html
    assert "The second city." in html
    assert BankItem.objects.count() == 0


@pytest.mark.parametrize("item_type", ITEM_TYPES)
def test_every_type_has_a_page(writer: Client, course: str, item_type: str) -> None:
    assert writer.get(at(course, f"new/{item_type}/")).status_code == 200
    assert writer.get(at(course, "new/riddle/")).status_code == 404


def test_a_language_is_written_beside_the_original(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    item = save(course, editor, now)
    page = writer.get(at(course, f"{item.id}/?beside=ky")).content.decode()
    names = set(re.findall(r'name="t-([^"]+)"', page))
    assert names == set(WORDS)

    form = {
        **BASE, "version": "1", "points": "1", "difficulty": "0", "competence": "law",
        "beside": "ky", "provenance": "edited",
        **{name: WORDS.get(name, "") for name in ("title", "stem", "feedback", "feedback_right")},
        "rows-answer-options": ["a", "b", "c"], "options-answer-a-credit": "100",
        "options-answer-b-credit": "50",
        **{f"options-answer-{k}-text": WORDS[f"options.answer.{k}.text"] for k in "abc"},
        "options-answer-b-feedback": "The second city.",
        **{f"t-{name}": text for name, text in KYRGYZ.items()},
    }  # fmt: skip
    posted = writer.post(at(course, f"{item.id}/?beside=ky"), form)

    assert (posted.status_code, posted["Location"][-10:]) == (302, "?beside=ky")
    saved = bank.question(course, item.id).item
    assert (saved.texts["ky"].words, saved.texts["ky"].provenance) == (KYRGYZ, "edited")
    assert saved.texts["en"] == item.texts["en"]
    assert saved.facts == item.facts


def test_an_editor_who_comes_second_sees_both(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    item = save(course, editor, now)
    save(course, editor, now, item, en={**WORDS, "stem": "Theirs?"})

    form = {**BASE, "version": "1", "stem": "Mine?", **OPTIONS}
    page = writer.post(at(course, f"{item.id}/"), form)

    assert page.status_code == 409
    assert "Mine?" in page.content.decode()
    assert "Theirs?" in page.content.decode()
    assert 'name="version" value="2"' in page.content.decode()


def test_the_list_tells_languages_at_a_bounded_cost(
    writer: Client, course: str, editor: Person, now: datetime, django_assert_max_num_queries: Count
) -> None:
    for _ in range(12):
        save(course, editor, now, en=WORDS, ky=KYRGYZ)
    writer.get(at(course))

    with django_assert_max_num_queries(8):
        html = writer.get(at(course)).content.decode()

    assert html.count("coverage__one--complete") == 24
    assert html.count("coverage__one--none") == 72


def test_a_question_is_retired_and_taken_back(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    item = save(course, editor, now)
    writer.post(at(course, f"{item.id}/retire/"), {"do": "retire"})
    assert bank.lines(course)[0].retired
    writer.post(at(course, f"{item.id}/retire/"), {"do": "take-back"})
    assert not bank.lines(course)[0].retired


def test_a_file_is_read_looked_at_and_kept(writer: Client, course: str) -> None:
    gift = SimpleUploadedFile("bank.gift", b"First?{=yes ~no}\n\nNothing here.\n")
    posted = writer.post(
        at(course, "import/"), {"file": gift, "language": "ru", "competence": "one-window"}
    )
    page = writer.get(posted["Location"]).content.decode()
    assert "First?" in page
    assert "It has no answers in braces." in page
    assert bank.lines(course) == []

    writer.post(posted["Location"], {"do": "keep", "keep": ["0"]})

    assert [(one.title, one.title_language) for one in bank.lines(course)] == [("First?", "ru")]


def test_a_file_of_no_known_format_is_refused_at_its_field(writer: Client, course: str) -> None:
    file = SimpleUploadedFile("page.html", b"<html></html>")
    page = writer.post(at(course, "import/"), {"file": file, "language": "en"})

    assert page.status_code == 422
    assert (
        'No format of questions begins with <code dir="auto" translate="no">&lt;html&gt;</code>.'
    ) in page.content.decode()


@pytest.mark.parametrize("version", ["3.0", "2.2"])
def test_the_bank_leaves_as_a_package_that_reads_again(
    writer: Client, course: str, editor: Person, now: datetime, version: str
) -> None:
    item = save(course, editor, now, en=WORDS, ky=KYRGYZ)

    package = writer.get(at(course, f"qti-{version}.zip")).getvalue()

    names = zipfile.ZipFile(io.BytesIO(package)).namelist()
    assert f"items/ky/q-{item.id}.xml" in names
    (again,) = read(package, "p.zip", "en").found
    assert again.facts["fields"] == item.facts["fields"]
    assert set(again.texts) == {"en", "ky"}


def test_strangers_and_readers_are_kept_out(client: Client, course: str, reader: Person) -> None:
    assert client.get(at(course)).status_code == 302
    client.force_login(reader)
    for rest in ("", "new/single/", "import/", "analysis/", "analysis/answers.csv", "qti-3.0.zip"):
        assert client.get(at(course, rest)).status_code == 403
    nowhere = "01a20b57-41cf-7240-9c2d-67167621df4a"
    assert client.get(at(nowhere)).status_code == 404
