"""Quizzes over HTTP: with and without scripts, handed in, looked over."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chorsu.institutions.models import Institution, Person
from chorsu.training.models import Attempt
from chorsu.training.queries.attempts import AttemptView, answers, attempt, attempts
from chorsu.training.queries.learning import LearnerView
from tests.training.class_kit import cohort, course, enrol, facts, quiz
from tests.training.quiz_kit import RIGHT, WRONG, add_item, items_of, token_of
from tests.web.test_player import address, text_of

pytestmark = pytest.mark.django_db
SECTIONS = [{"competence": "planning", "count": 1}, {"competence": "law", "count": 1}]


@pytest.fixture
def learner(academy: Institution, editor: Person, now: datetime) -> LearnerView:
    return class_of(academy, editor, now, quiz(draws=SECTIONS))


def class_of(academy: Institution, editor: Person, now: datetime, of_quiz: object) -> LearnerView:
    row = course(now, facts(of_quiz))  # type: ignore[arg-type]
    for competence in ("planning", "planning", "law"):
        add_item(uuid.UUID(str(row.pk)), competence=competence)
    return enrol(cohort(row, academy, now), editor, now)


@pytest.fixture
def client_of(editor: Person) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def begin(client: Client, one: LearnerView) -> tuple[AttemptView, str]:
    answer = client.post(address("quiz-begin", one.id, "q1"))
    assert answer.status_code == 302, answer.content
    return attempts(one.id)[-1], answer["Location"]


def controls(tried: AttemptView, place: int, text: str) -> dict[str, str]:
    """What the form of a section sends for one of its questions."""
    item = items_of(tried)[place]
    key = str(uuid.uuid4())
    return {f"q.{item.id}.answer": token_of(tried, item, text), f"key.{item.id}": key}


def test_a_quiz_is_answered_section_by_section_without_scripts(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    page = client_of.get(url).content.decode()
    assert page.count("<fieldset") == 1
    onward = client_of.post(f"{url}?section=1", {**controls(tried, 0, RIGHT), "go": "2"})
    assert onward["Location"] == f"{url}?section=2"
    asked = client_of.post(f"{url}?section=2", {**controls(tried, 1, WRONG), "finish": "1"})
    assert "All questions are answered." in client_of.get(asked["Location"]).content.decode()
    client_of.post(asked["Location"])
    page = text_of(client_of.get(url).content.decode())
    assert "50 %" in page
    assert "Chosen: wrong." in page
    assert "See the first unit." in page


def test_a_quiz_is_kept_with_its_open_attempt_and_keeping_begins_none(
    learner: LearnerView, client_of: Client
) -> None:
    keep = address("learning-keep-unit", learner.id, "q1")
    page = client_of.get(address("learning-unit", learner.id, "q1")).content.decode()
    assert "without a connection none can be begun" in page
    before = client_of.get(keep).json()["pages"]
    assert address("learning-unit", learner.id, "q1") in before
    assert not Attempt.objects.exists()
    _tried, url = begin(client_of, learner)
    kept = client_of.get(keep).json()["pages"]
    assert sorted(set(kept) - set(before)) == [url, f"{url}?section=1", f"{url}?section=2"]
    other = client_of.get(address("learning-keep-unit", learner.id, "r1")).json()["pages"]
    assert url not in other


def test_an_attempt_that_a_clock_ends_is_not_kept(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    one = class_of(academy, editor, now, quiz(draws=SECTIONS, minutes=20))
    _tried, url = begin(client_of, one)
    for name, more in (("learning-keep-unit", ("q1",)), ("learning-keep-course", ())):
        assert url not in client_of.get(address(name, one.id, *more)).json()["pages"]


def test_what_was_answered_is_there_after_the_browser_died(
    learner: LearnerView, client_of: Client
) -> None:
    tried, url = begin(client_of, learner)
    client_of.post(f"{url}?section=1", {**controls(tried, 0, RIGHT), "go": "1"})
    page = client_of.get(url).content.decode()
    token = token_of(tried, items_of(tried)[0], RIGHT)
    assert re.search(rf'value="{token}"\s+checked', page)
    assert begin(client_of, learner)[0].id == tried.id


def test_a_page_does_not_say_which_option_is_right(learner: LearnerView, client_of: Client) -> None:
    _tried, url = begin(client_of, learner)
    page = client_of.get(url).content.decode()
    assert 'value="right"' not in page
    assert "Chosen: right." not in page


def test_a_script_is_told_what_became_of_an_answer(learner: LearnerView, client_of: Client) -> None:
    tried, url = begin(client_of, learner)
    item, key = items_of(tried)[0], str(uuid.uuid4())
    answer_url = f"{url}answer/"
    body = {"item": item.id, "key": key, f"q.{item.id}.answer": token_of(tried, item, WRONG)}
    told = client_of.post(answer_url, body)
    assert (told.status_code, told.json()["key"]) == (200, key)
    other = {**body, "key": str(uuid.uuid4())}
    told = client_of.post(answer_url, other)
    assert (told.status_code, told.json()["key"]) == (409, key)
    told = client_of.post(answer_url, {**other, "replaces": [key]})
    assert told.status_code == 200
    told = client_of.post(
        answer_url, {**body, "key": str(uuid.uuid4()), f"q.{item.id}.answer": "x"}
    )
    assert told.status_code == 422
    client_of.post(f"{url}finish/")
    assert client_of.post(answer_url, {**body, "key": str(uuid.uuid4())}).status_code == 410
    assert answers(tried.id)[item.id].key == other["key"]


def test_another_learner_neither_sees_nor_answers_an_attempt(
    learner: LearnerView, client_of: Client, academy: Institution
) -> None:
    tried, url = begin(client_of, learner)
    client = Client()
    client.force_login(Person.objects.create_user("other@hub.example", "correct horse"))
    item = items_of(tried)[0]
    body = {"item": item.id, "key": str(uuid.uuid4())}
    assert client.get(url).status_code == 404
    assert client.post(f"{url}answer/", body).status_code == 404


def test_an_attempt_whose_time_is_over_is_handed_in_when_it_is_opened(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    one = class_of(academy, editor, now, quiz(draws=SECTIONS, minutes=10))
    tried, url = begin(client_of, one)
    ended = timezone.now() - timedelta(minutes=1)
    Attempt.objects.filter(pk=tried.id).update(due_at=ended)
    page = text_of(client_of.get(url).content.decode())
    assert "handed in when the time was over" in page
    assert attempt(tried.id, editor.pk).handed_in_at == ended


@pytest.mark.parametrize(
    ("review", "said", "unsaid"),
    [
        ("score", "0 %", "See the first unit."),
        ("none", "The result is not shown here.", "0 %"),
    ],
)
def test_a_review_shows_as_much_as_the_quiz_allows(
    academy: Institution, editor: Person, client_of: Client, now: datetime, review: str,
    said: str, unsaid: str,
) -> None:  # fmt: skip
    one = class_of(academy, editor, now, quiz(draws=SECTIONS, review=review))
    _tried, url = begin(client_of, one)
    client_of.post(f"{url}finish/")
    page = text_of(client_of.get(url).content.decode())
    assert said in page
    assert unsaid not in page


def test_a_weak_competence_suggests_a_unit_with_its_reason(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    whole = quiz(draws=[{"competence": "planning", "count": 2}])
    one = class_of(academy, editor, now, whole)
    _tried, url = begin(client_of, one)
    client_of.post(f"{url}finish/")
    page = text_of(client_of.get(address("learning-course", one.id)).content.decode())
    assert "Worth looking at again Opening day Because your last answers on" in page
    assert "earned 0 % in: Test yourself" in page


def test_a_quiz_used_up_says_so(
    academy: Institution, editor: Person, client_of: Client, now: datetime
) -> None:
    one = class_of(academy, editor, now, quiz(draws=SECTIONS, attempts=1))
    _tried, url = begin(client_of, one)
    client_of.post(f"{url}finish/")
    answer = client_of.post(address("quiz-begin", one.id, "q1"), follow=True)
    assert "You have used all attempts at this quiz." in answer.content.decode()
    assert len(attempts(one.id)) == 1
