"""Teachers mark: with a rubric, by two people, never their own work; extra time."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.institutions.models import Institution, Membership, Person
from chorsu.training.actions.attempts import GivenAnswer, answer, hand_in
from chorsu.training.models import CohortTeacher, Submission
from chorsu.training.queries.attempts import attempt, extra_percent
from chorsu.training.queries.learning import LearnerView, states
from tests.training.class_kit import ENGLISH, facts, learner_in
from tests.training.quiz_kit import add_item, begin
from tests.web.test_player import address, text_of

pytestmark = pytest.mark.django_db
TWO = facts()
TWO["modules"][1]["units"][2]["assignment"]["second_marker"] = True  # type: ignore[index]


def teacher(one: LearnerView, name: str) -> Client:
    person = Person.objects.create_user(f"{name}@hub.example", "correct horse", name=name)
    teaches(one, person)
    return client_of(person)


def teaches(one: LearnerView, person: Person) -> None:
    Membership.objects.create(person=person, institution_id="hub-astana", role="teacher")
    CohortTeacher.objects.create(cohort_id=one.cohort_id, person=person)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def handed_in(one: LearnerView, **more: object) -> Submission:
    client = client_of(Person.objects.get(pk=one.person_id))
    given = {"text": "A plan of a window", "hand_in": "1", **more}
    assert client.post(address("learning-work", one.id, "a1"), given).status_code == 302
    return Submission.objects.get()


def test_a_mark_by_rubric_is_the_result_and_the_learner_reads_the_words(
    academy: Institution, now: datetime
) -> None:
    one = learner_in(academy, now)
    work, client = handed_in(one), teacher(one, "aigul")
    page = client.get(address("cohort-work", one.cohort_id)).content.decode()
    url = address("work-mark", one.cohort_id, work.pk)
    assert url in page
    assert "Learner One" not in page.split("Extra time")[0]
    assert ENGLISH["rubrics.c1.criterion"] in client.get(url).content.decode()
    client.post(url, {"p.c1": "7,5", "comment": "Think of winter."})
    work.refresh_from_db()
    assert work.percent == Decimal("75.00")
    assert states(one.id)["a1"].done_at is not None
    own = client_of(Person.objects.get(pk=one.person_id))
    shown = text_of(own.get(address("learning-unit", one.id, "a1")).content.decode())
    assert "Result : 75 %" in shown or "Result: 75 %" in shown
    assert "Think of winter." in shown


@pytest.mark.parametrize("points", ["", "11", "-1", "NaN", "ten"])
def test_points_that_are_none_are_refused_and_kept_as_typed(
    academy: Institution, now: datetime, points: str
) -> None:
    one = learner_in(academy, now)
    work, client = handed_in(one), teacher(one, "aigul")
    answer_ = client.post(address("work-mark", one.cohort_id, work.pk), {"p.c1": points})
    assert answer_.status_code == 422
    assert f'value="{points}"' in answer_.content.decode()
    assert not work.marks.exists()


def test_two_people_mark_and_the_mean_counts(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now, TWO)
    work = handed_in(one)
    url = address("work-mark", one.cohort_id, work.pk)
    first, second, third = (teacher(one, name) for name in ("aigul", "bakyt", "cholpon"))
    first.post(url, {"p.c1": "4", "comment": "Too short."})
    work.refresh_from_db()
    assert work.percent is None
    # Neither sees the other's mark.
    assert "Too short." not in second.get(url).content.decode()
    second.post(url, {"p.c1": "8"})
    work.refresh_from_db()
    assert work.percent == Decimal("60.00")
    assert third.post(url, {"p.c1": "10"}).status_code == 422


def test_nobody_marks_their_own_work(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    work = handed_in(one)
    person = Person.objects.get(pk=one.person_id)
    teaches(one, person)
    client = client_of(person)
    told = client.post(address("work-mark", one.cohort_id, work.pk), {"p.c1": "10"})
    assert (told.status_code, work.marks.count()) == (422, 0)


def test_work_that_is_marked_is_no_longer_changed(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    work, client = handed_in(one), teacher(one, "aigul")
    client.post(address("work-mark", one.cohort_id, work.pk), {"p.c1": "7"})
    own = client_of(Person.objects.get(pk=one.person_id))
    told = own.post(address("learning-work", one.id, "a1"), {"text": "Better", "hand_in": "1"})
    assert told.status_code == 422
    work.refresh_from_db()
    assert work.text == "A plan of a window"


def test_a_file_is_saved_and_never_shown_in_place(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    upload = SimpleUploadedFile("plan.html", b"<script>x</script>", "text/html")
    work, client = handed_in(one, file=upload), teacher(one, "aigul")
    told = client.get(address("work-file", one.cohort_id, work.pk))
    assert told.content == b"<script>x</script>"
    assert told["Content-Type"] == "application/octet-stream"
    assert told["Content-Disposition"] == 'attachment; filename="plan.html"'
    assert "sandbox" in told["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["cohort-work", "work-mark", "work-file"])
def test_who_does_not_teach_the_cohort_sees_no_work(
    academy: Institution, now: datetime, name: str
) -> None:
    one = learner_in(academy, now)
    work = handed_in(one)
    arguments = [one.cohort_id] + ([] if name == "cohort-work" else [work.pk])
    other = client_of(Person.objects.create_user("other@hub.example", "correct horse"))
    assert other.get(address(name, *arguments)).status_code == 403
    assert Client().get(address(name, *arguments)).status_code == 302


def test_a_teacher_gives_extra_time(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    client = teacher(one, "aigul")
    url = address("extra-time", one.cohort_id, one.id)
    for sent, kept in (("25", 25), ("301", 25), ("x", 25), ("0", 0)):
        client.post(url, {"percent": sent})
        assert extra_percent(one.id) == kept
    person = Person.objects.get(pk=one.person_id)
    teaches(one, person)
    told = client_of(person).post(url, {"percent": "25"}, follow=True)
    assert "This is your own work: somebody else marks it." in told.content.decode()
    assert extra_percent(one.id) == 0


def test_a_long_answer_is_marked_by_a_teacher(academy: Institution, now: datetime) -> None:
    one = learner_in(academy, now)
    essay = add_item(one.course_id, kind="essay")
    for _ in range(2):
        add_item(one.course_id)
    tried = begin(one, facts(), now)
    given = GivenAnswer(essay, {"answer": "Because of time."}, "en", uuid.uuid4())
    answer(attempt=tried, person_id=one.person_id, given=given, now=now)
    hand_in(attempt_id=tried.id, person_id=one.person_id, now=now)
    person = Person.objects.get(pk=one.person_id)
    teaches(one, person)
    own, sent = client_of(person), {"item": essay, "p.answer": "1"}
    assert "Because of time." not in own.get(address("cohort-work", one.cohort_id)).content.decode()
    told = own.post(address("answer-mark", one.cohort_id, tried.id), sent, follow=True)
    assert "This is your own work: somebody else marks it." in told.content.decode()
    assert attempt(tried.id, one.person_id).points is None
    client = teacher(one, "aigul")
    page = client.get(address("cohort-work", one.cohort_id)).content.decode()
    assert "Because of time." in page
    client.post(address("answer-mark", one.cohort_id, tried.id), sent)
    assert attempt(tried.id, one.person_id).points == 1
