"""The pages of what surveys told: the cohort's and the course's, their files, who may see them."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.models import Institution, Person
from chorsu.training.models import Cohort, CohortTeacher, Course, SurveyAnswer
from tests.training.class_kit import cohort, course
from tests.training.cohorts.factory import somebody
from tests.training.test_surveys import answered
from tests.web.test_cohorts import as_person, url
from tests.web.test_figures import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher(academy: Institution) -> Person:
    return somebody("teacher@hub.example", "teacher", name="Timur Teacher")


def told(academy: Institution, now: datetime, teacher: Person, count: int = 10) -> Cohort:
    """A cohort of one learner more than answered."""
    run = cohort(course(now), academy, now)
    CohortTeacher.objects.create(cohort=run, person=teacher)
    given = [
        {"k1": "4", "k2": str(1 + number % 2), "k3": f"=word {number}"} for number in range(count)
    ]
    answered(run, now, [*given, {}])
    return run


def test_a_teacher_reads_counts_and_texts_and_no_names(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher)
    client = as_person(teacher)
    page = client.get(url("cohort-surveys", run.pk)).content.decode()
    for said in (
        "Answered: 10 / 11",
        '<rect class="chart__bar chart__bar--0"',
        '<th scope="row">In a city</th><td class="number">5</td>',
        "=word 5",
        "Median",
    ):
        assert said in page
    assert "N 0" not in page
    assert url("cohort-surveys", run.pk) in client.get(url("cohort", run.pk)).content.decode()
    rows = rows_of(client.get(url("cohort-surveys-csv", run.pk)).content)
    assert ["What do you know?", "How sure are you?", "4", "10", "100"] in rows
    assert ["What do you know?", "Anything else?", "'=word 5", "", ""] in rows


def test_answers_of_too_few_are_neither_on_the_page_nor_in_the_file(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher, count=4)
    client = as_person(teacher)
    page = client.get(url("cohort-surveys", run.pk)).content.decode()
    assert "Answered: 4 / 5" in page
    assert page.count("Too few answers to show.") == 3
    assert "=word" not in page
    assert rows_of(client.get(url("cohort-surveys-csv", run.pk)).content)[1:] == []


def test_what_was_deleted_by_its_period_is_no_trouble(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher)
    SurveyAnswer.objects.all().delete()
    page = as_person(teacher).get(url("cohort-surveys", run.pk)).content.decode()
    assert "Answered: 0 / 11" in page


def test_a_course_that_was_withdrawn_says_so(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher)
    Course.objects.update(withdrawn_at=now)
    answer = as_person(teacher).get(url("cohort-surveys", run.pk))
    assert answer.status_code == 200
    assert "The course is withdrawn or not here any more" in answer.content.decode()


def test_a_learner_and_a_stranger_read_nothing(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher)
    stranger = as_person(somebody("other@hub.example", "teacher"))
    for name in ("cohort-surveys", "cohort-surveys-csv"):
        assert stranger.get(url(name, run.pk)).status_code == 403
    for name in ("course-surveys", "course-surveys-csv"):
        assert stranger.get(url(name, run.course_id)).status_code == 403


def test_a_writer_of_the_course_reads_the_sum_of_its_cohorts(
    academy: Institution, now: datetime, teacher: Person
) -> None:
    run = told(academy, now, teacher)
    client = as_person(somebody("writer@hub.example", "contributor"))
    page = client.get(url("course-surveys", run.course_id)).content.decode()
    assert "1 cohort" in page
    assert "Answered: 10 / 11" in page
    rows = rows_of(client.get(url("course-surveys-csv", run.course_id)).content)
    assert ["What do you know?", "Where do you work?", "In a village", "5", "50"] in rows
    door = client.get(url("course", run.course_id)).content.decode()
    assert url("course-surveys", run.course_id) in door
