"""The gradebook of a cohort: percents by unit, sorted, paged, as a file; for who runs it."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import Institution, Person
from chorsu.training.models import (
    Attempt,
    Cohort,
    CohortTeacher,
    Enrolment,
    OutsideResult,
    Submission,
)
from chorsu.training.queries.attempts import attempts, unit_percents
from chorsu.training.queries.gradebook import BY_COURSE, UNIT, gradebook
from chorsu.training.rules.fields import Facts, Module
from tests.training.class_kit import cohort, course, facts, unit
from tests.training.cohorts.factory import somebody
from tests.web.test_cohorts import as_person, url
from tests.web.test_figures import rows_of

pytestmark = pytest.mark.django_db


def with_lab() -> Facts:
    whole = facts()
    more = Module(key="m3", units=[unit("l1", "lab", lab="village_budget")])
    return facts(modules=[*whole["modules"], more])


@pytest.fixture
def run(academy: Institution, now: datetime) -> Cohort:
    made = cohort(course(now, with_lab()), academy, now)
    teacher = somebody("teacher@hub.example", "teacher", name="Timur Teacher")
    CohortTeacher.objects.create(cohort=made, person=teacher)
    return made


@pytest.fixture
def client_of(run: Cohort) -> Client:
    return as_person(Person.objects.get(email="teacher@hub.example"))


def learners(run: Cohort, now: datetime, *names: str, state: str = "admitted") -> list[Enrolment]:
    people = Person.objects.bulk_create(
        Person(email=f"{uuid.uuid4().hex}@x.example", name=name) for name in names
    )
    return Enrolment.objects.bulk_create(
        Enrolment(
            id=uuid.uuid4(), cohort=run, person=person, state=state, queued_at=now, created_at=now
        )
        for person in people
    )


def tried(row: Enrolment, now: datetime, points: str | None, most: str, number: int = 1) -> None:
    Attempt.objects.create(
        id=uuid.uuid4(), enrolment=row, unit="q1", number=number, seed="s", items=[], versions=[],
        sections=[], started_at=now, handed_in_at=now, by_competence={}, most_points=Decimal(most),
        points=None if points is None else Decimal(points),
    )  # fmt: skip


def handed_in(row: Enrolment, now: datetime, percent: str | None) -> Submission:
    return Submission.objects.create(
        id=uuid.uuid4(), enrolment=row, unit="a1", text="x", saved_at=now, handed_in_at=now,
        percent=None if percent is None else Decimal(percent),
    )  # fmt: skip


def names_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row" class="gradebook__name"><a [^>]*>([^<]*)</a>', page)


def test_its_percents_are_those_the_learner_is_told(run: Cohort, now: datetime) -> None:
    one, two, three = learners(run, now, "A", "B", "C")
    tried(one, now, "1", "3")
    tried(one, now, "2", "3", number=2)
    tried(two, now, "0", "0")
    tried(three, now, None, "4")
    handed_in(one, now, "72.50")
    handed_in(two, now, None)
    OutsideResult.objects.create(
        enrolment=three, unit="l1", tries=1, percent=Decimal(40), scored_at=now, changed_at=now
    )
    found = gradebook(uuid.UUID(str(run.pk)), ["q1", "a1", "l1"])
    assert [dict(line.units) for line in found] == [
        {"q1": Decimal("66.67"), "a1": Decimal("72.50")},
        {"q1": Decimal(100)},
        {"l1": Decimal(40)},
    ]
    for line in found:
        assert line.units == unit_percents(line.enrolment_id, attempts(line.enrolment_id))


def test_it_is_sorted_by_a_unit_and_by_the_course_and_who_has_none_is_last(
    run: Cohort, now: datetime
) -> None:
    one, two, _three, four = learners(run, now, "A", "B", "C", "D")
    for row, points in ((one, "1"), (two, "3"), (four, "1")):
        tried(row, now, points, "4")
    Enrolment.objects.filter(pk=two.pk).update(result_percent=Decimal(10))
    key = uuid.UUID(str(run.pk))

    def order(by: str, *, down: bool) -> str:
        return "".join(line.name for line in gradebook(key, ["q1"], by=by, down=down))

    assert order(UNIT + "q1", down=False) == "ADBC"
    assert order(UNIT + "q1", down=True) == "BADC"
    assert order(BY_COURSE, down=True) == "BACD"
    assert order("name", down=True) == "DCBA"
    assert [line.name for line in gradebook(key, ["q1"], first=1, most=2)] == ["B", "C"]


def test_a_teacher_sorts_pages_and_takes_it_along(
    run: Cohort, now: datetime, client_of: Client
) -> None:
    rows = learners(run, now, *(f"L {number:03}" for number in range(120)))
    tried(rows[110], now, "1", "2")
    page = client_of.get(url("cohort-gradebook", run.pk)).content.decode()
    assert names_on(page) == [f"L {number:03}" for number in range(100)]
    assert 'aria-sort="ascending"' in page
    page = client_of.get(url("cohort-gradebook", run.pk), {"by": "-unit.q1"}).content.decode()
    assert names_on(page)[0] == "L 110"
    assert "?by=-unit.q1&amp;page=2" in page
    assert '<th scope="col" class="number" aria-sort="descending"><a href="?by=unit.q1">' in page
    page = client_of.get(url("cohort-gradebook", run.pk), {"by": "unit.zz"}).content.decode()
    assert names_on(page)[0] == "L 000"
    told = rows_of(client_of.get(url("cohort-gradebook-csv", run.pk)).content)
    assert len(told) == 121
    assert told[111][0] == "L 110"
    assert told[111][3] == "50.00"


def test_marked_work_is_linked_and_what_waits_for_a_marker_is_nobodys_yet(
    run: Cohort, now: datetime, client_of: Client
) -> None:
    one, two = learners(run, now, "A", "B")
    marked, waiting = handed_in(one, now, "80"), handed_in(two, now, None)
    page = client_of.get(url("cohort-gradebook", run.pk)).content.decode()
    assert url("work-mark", run.pk, marked.pk) in page
    assert str(waiting.pk) not in page
    assert client_of.get(url("work-mark", run.pk, marked.pk)).status_code == 200


def test_who_does_not_run_the_cohort_sees_no_grades(run: Cohort, now: datetime) -> None:
    learner = learners(run, now, "A")[0].person
    for person in (learner, somebody("other@hub.example", "teacher")):
        for name in ("cohort-gradebook", "cohort-gradebook-csv"):
            assert as_person(person).get(url(name, run.pk)).status_code == 403


def test_who_left_is_not_in_it(run: Cohort, now: datetime) -> None:
    learners(run, now, "A")
    learners(run, now, "B", state="left")
    assert [line.name for line in gradebook(uuid.UUID(str(run.pk)), [])] == ["A"]


def test_the_page_of_many_takes_as_many_queries_as_that_of_few(
    run: Cohort,
    now: datetime,
    client_of: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for row in learners(run, now, *(f"L {number:03}" for number in range(300))):
        tried(row, now, "1", "2")
    with django_assert_num_queries(2):
        gradebook(uuid.UUID(str(run.pk)), ["q1", "a1"], by="unit.q1", most=100)
    with django_assert_max_num_queries(24):
        client_of.get(url("cohort-gradebook", run.pk), {"by": "unit.q1"})


def test_a_guest_of_whom_no_name_is_known_stands_by_their_home(run: Cohort, now: datetime) -> None:
    guest = Person.objects.create(
        email="", home="bishkek.chorsu.example", home_subject="a-guest-here-001"
    )
    Enrolment.objects.create(
        id=uuid.uuid4(), cohort=run, person=guest, state="admitted", queued_at=now, created_at=now
    )
    page = as_person(Person.objects.get(email="teacher@hub.example")).get(
        url("cohort-gradebook", run.pk)
    )
    assert "bishkek.chorsu.example" in page.content.decode()
