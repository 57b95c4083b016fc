"""The page on how questions behave, from answers of learners."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.training.actions.bank import save_question
from chorsu.training.models import Answer
from chorsu.training.queries import bank
from chorsu.training.shapes.bank import NewText
from tests.training.courses.content import ready_draft
from tests.training.items import builders
from tests.web.bank_kit import add, answered, choice

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]
LEARNERS = 120


@pytest.fixture
def course(editor: Person, now: datetime) -> str:
    made = ready_draft(editor, now).id
    items = [add(made, choice(f"Question {number}?"), editor, now) for number in range(1, 7)]
    answered(made, items, editor, now, LEARNERS)
    return made


def test_a_mistranslated_question_and_one_answered_by_lot_show_themselves(
    client: Client, editor: Person, course: str, django_assert_max_num_queries: Count
) -> None:
    client.force_login(editor)
    client.get(f"/en/work/courses/{course}/questions/analysis/")

    with django_assert_max_num_queries(10):
        html = client.get(f"/en/work/courses/{course}/questions/analysis/").content.decode()

    points = re.findall(r"<title>(\d)\. Question \d\?</title><circle cx=\"([\d.]+)\"", html)
    assert [number for number, _ in points[:6]] == list("123456")
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    large = [row for row in rows if "C: large" in row]
    assert {re.search(r"Question (\d)", row)[1] for row in large} == {"2"}  # type: ignore[index]
    assert any("Kazakh" in row and "harder" in row for row in large)
    by_lot = next(row for row in rows if "Question 6?" in row and "<a " in row)
    assert "It hardly tells those who know from others." in by_lot
    assert "720 answers" in html


def test_the_answers_leave_without_a_name(client: Client, editor: Person, course: str) -> None:
    client.force_login(editor)
    text = client.get(f"/en/work/courses/{course}/questions/analysis/answers.csv").content.decode()

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == LEARNERS * 6
    assert {row["language"] for row in rows} == {"kk", "ru"}
    assert {row["attempt"] for row in rows} == {str(number) for number in range(1, LEARNERS + 1)}
    assert "@" not in text
    assert not any(table.attempt in text for table in bank.answer_table(course)[:5])


def test_what_learners_typed_stays_out_of_the_answers_that_leave(
    client: Client, editor: Person, now: datetime
) -> None:
    course = ready_draft(editor, now).id
    answered(course, [add(course, builders.cloze(), editor, now)], editor, now, 1)
    Answer.objects.update(response={"who": "x", "year": "1991", "where": "Dilnoza of Osh"})
    client.force_login(editor)
    text = client.get(f"/en/work/courses/{course}/questions/analysis/answers.csv").content.decode()

    assert "who.x" in text
    assert "Dilnoza" not in text
    assert [row.chosen for row in bank.answer_table(course)] == [("who.x",)]


def test_of_a_changed_question_only_answers_to_it_as_it_is_now_count(
    client: Client, editor: Person, course: str, now: datetime
) -> None:
    (line, *_) = bank.lines(course)
    item = bank.question(course, line.item).item
    everything = len(bank.answer_table(course))

    kazakh = {**item.texts["en"].words, "stem": "Сұрақ?"}
    translated = save_question(
        course_id=course, item=item.id, version=1, original_language="en", facts=item.facts,
        texts={"kk": NewText(kazakh)}, by=editor, now=now,
    )  # fmt: skip
    # Who read it in Kazakh was shown English then.
    assert len(bank.answer_table(course)) == everything - LEARNERS // 2

    words = {**item.texts["en"].words, "stem": "Changed?"}
    save_question(
        course_id=course, item=item.id, version=translated.version, original_language="en",
        facts=item.facts, texts={"en": NewText(words)}, by=editor, now=now,
    )  # fmt: skip

    assert {row.item for row in bank.answer_table(course)} == {
        one.item for one in bank.lines(course) if one.item != item.id
    }
