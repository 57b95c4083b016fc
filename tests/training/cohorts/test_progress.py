"""Who falls behind in a cohort, what competences are weak, which certificates end soon."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.flows import certifying
from chorsu.institutions.models import Institution, Person
from chorsu.training.models import (
    Attempt,
    Certificate,
    Cohort,
    CourseRevision,
    Employer,
    Enrolment,
    UnitState,
)
from chorsu.training.queries.competences import by_competence
from chorsu.training.queries.expiring import expiring_by_cohort
from chorsu.training.queries.learning import my_courses
from chorsu.training.queries.progress import learners, progress, progress_of
from chorsu.training.rules.progress import done_percent, expected_percent, is_behind
from tests.training import passed
from tests.training.cohorts.factory import ENDS, STARTS, TODAY, Desk

UNITS = [f"u{number}" for number in range(10)]
MIDDLE = date(2026, 12, 13)  # six of the twelve days are over


@pytest.mark.parametrize(
    ("today", "wanted"),
    [(TODAY, 0), (STARTS, 0), (MIDDLE, 50), (ENDS, 91), (date(2027, 1, 1), 100)],
)
def test_as_much_is_expected_as_days_of_the_cohort_are_over(today: date, wanted: int) -> None:
    assert expected_percent(STARTS, ENDS, today) == wanted


@pytest.mark.parametrize(
    ("done", "units", "expected", "wanted"),
    [
        (3, 10, 50, True),
        (4, 10, 50, False),
        (0, 10, 19, False),
        (0, 10, 20, True),
        (0, 0, 99, False),
    ],
)
def test_who_lacks_twenty_points_falls_behind(
    done: int, units: int, expected: int, wanted: bool
) -> None:
    assert is_behind(done, units, expected) is wanted


def test_more_units_done_than_there_are_is_all_of_them() -> None:
    assert done_percent(12, 10) == 100


def with_units(desk: Desk, count: int) -> list[Enrolment]:
    """A running cohort of ten units with so many learners, who have done 0, 1, 2, ... of them."""
    facts = {**desk.course.facts, "modules": [{"key": "m", "units": [{"key": k} for k in UNITS]}]}
    CourseRevision.objects.update_or_create(
        course=desk.course, revision=1,
        defaults={"facts": facts, "texts": {}, "published_at": desk.now, "audience": "network"},
    )  # fmt: skip
    people = Person.objects.bulk_create(
        Person(email=f"l{number}@x.example", name=f"L {number:04}") for number in range(count)
    )
    rows = Enrolment.objects.bulk_create(
        Enrolment(
            id=uuid.uuid4(), cohort_id=desk.cohort, person=person, state="admitted",
            queued_at=desk.now, created_at=desk.now,
        )
        for person in people
    )  # fmt: skip
    UnitState.objects.bulk_create(
        UnitState(enrolment=row, unit=unit, seen_at=desk.now, done_at=desk.now)
        for number, row in enumerate(rows)
        for unit in UNITS[: number % 11]
    )
    Cohort.objects.filter(pk=desk.cohort).update(state="running")
    return rows


@pytest.mark.django_db
def test_who_is_furthest_behind_comes_first_with_what_may_be_why(desk: Desk) -> None:
    rows = with_units(desk, 6)
    UnitState.objects.create(enrolment=rows[4], unit="u9", seen_at=desk.now, done_at=None)
    found = progress(desk.cohort, MIDDLE)
    assert (found.units, found.expected, found.behind) == (10, 50, 4)
    listed = learners(desk.cohort, found)
    assert [(one.name, one.done, one.behind) for one in listed] == [
        ("L 0000", 0, True),
        ("L 0001", 1, True),
        ("L 0002", 2, True),
        ("L 0003", 3, True),
        # Opened, not done: counts as seen alone.
        ("L 0004", 4, False),
        ("L 0005", 5, False),
    ]
    assert (found.learners, listed[0].seen_at) == (6, None)
    assert learners(desk.cohort, found, first=1, most=2) == listed[1:3]
    assert found.steps() == [
        (0, 19, 0, 2), (20, 39, 0, 2), (40, 59, 2, 0), (60, 79, 0, 0), (80, 100, 0, 0),
    ]  # fmt: skip


@pytest.mark.django_db
def test_units_that_went_with_a_revision_are_done_no_more(desk: Desk) -> None:
    row = with_units(desk, 6)[5]
    facts = CourseRevision.objects.get().facts
    assert facts is not None
    facts["modules"][0]["units"] = [{"key": k} for k in ("u4", "n1", "n2", "n3")]
    CourseRevision.objects.update(facts=facts)
    found = progress(desk.cohort, MIDDLE)
    assert (found.units, found.by_done) == (4, {0: 5, 1: 1})
    assert [one.done for one in learners(desk.cohort, found)] == [0, 0, 0, 0, 0, 1]
    [one] = my_courses(row.person_id, ["en"])
    assert (one.done, one.units) == (1, 4)
    [told] = progress_of("hub-astana", 2026, MIDDLE)
    assert told.behind == found.behind == 6


@pytest.mark.django_db
def test_the_officer_sees_how_many_fall_behind_in_each_running_cohort(desk: Desk) -> None:
    with_units(desk, 11)
    [one] = progress_of("hub-astana", 2026, MIDDLE)
    assert (one.name, one.expected, one.on_time, one.behind) == ("Winter 2026", 50, 7, 4)
    Cohort.objects.update(state="finished")
    assert progress_of("hub-astana", 2026, MIDDLE) == []


@pytest.mark.django_db
def test_five_thousand_learners_take_no_more_queries_than_one(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with_units(desk, 5_000)
    with django_assert_num_queries(5):
        found = progress(desk.cohort, MIDDLE)
        page = learners(desk.cohort, found, first=100, most=100)
    assert (found.learners, len(page)) == (5_000, 100)
    assert all(one.behind for one in page)
    with django_assert_num_queries(3):
        [one] = progress_of("hub-astana", 2026, MIDDLE)
    assert one.on_time + one.behind == 5_000
    assert one.behind == found.behind


def tried(
    row: Enrolment, now: datetime, unit: str, number: int, **pairs: tuple[str, str]
) -> Attempt:
    """A scored attempt with these (points, most points) by competence."""
    return Attempt.objects.create(
        id=uuid.uuid4(), enrolment=row, unit=unit, number=number, seed="s", items=[], versions=[],
        sections=[], started_at=now, handed_in_at=now, points=Decimal(1), most_points=Decimal(2),
        by_competence={code.replace("_", "-"): list(pair) for code, pair in pairs.items()},
    )  # fmt: skip


@pytest.mark.django_db
def test_competences_are_counted_from_the_newest_attempt_at_each_quiz(
    academy: Institution, now: datetime
) -> None:
    group = passed.cohort(academy, now)
    one, two = passed.learner(group, now), passed.learner(group, now)
    tried(one, now, "q1", 1, service_design=("0", "4"), data_use=("4", "4"))
    tried(one, now, "q1", 2, service_design=("3", "4"), data_use=("1", "1"))
    tried(one, now, "q2", 1, service_design=("0", "2"))
    tried(two, now, "q1", 1, service_design=("4", "4"))
    Attempt.objects.create(
        id=uuid.uuid4(), enrolment=two, unit="q2", number=1, seed="s", items=[], versions=[],
        sections=[], started_at=now,
    )  # fmt: skip
    found = by_competence([group.pk], 60)
    # One point of data use says nothing; 3 of 6 is below the mark, 4 of 4 is not.
    assert [(r.code, r.learners, r.percent, r.weak) for r in found] == [
        ("service-design", 2, 75.0, 1)
    ]
    assert by_competence([passed.cohort(academy, now).pk], 60) == []
    assert by_competence([], 60) == []


@pytest.mark.django_db
def test_certificates_that_end_are_counted_once_by_cohort_and_body(
    academy: Institution, now: datetime
) -> None:
    officer = passed.officer(academy)
    group = passed.cohort(academy, now)
    body = Employer.objects.create(institution=academy, name="Ministry of Justice", created_at=now)
    ends = [now, *(now + timedelta(days=days) for days in (1, 91, 100, 300, 400))]
    for number, end in enumerate(ends):
        learner = passed.learner(group, now)
        if number % 2:
            Enrolment.objects.filter(pk=learner.pk).update(employer=body)
        made = certifying.issue(enrolment_id=learner.pk, renewable_by="", by=officer, now=now)
        Certificate.objects.filter(pk=made).update(valid_until=end)
    revoked = Certificate.objects.order_by("valid_until")[1]
    assert [(r.cohort, r.body, r.counts) for r in expiring_by_cohort(academy.id, now)] == [
        ("Autumn 2026", "Ministry of Justice", (1, 1, 0)),
        ("Autumn 2026", "", (1, 0, 1)),
    ]
    certifying.revoke(
        certificate_id=revoked.pk, why="error", reason="It holds one", by=officer, now=now
    )
    assert [r.counts for r in expiring_by_cohort(academy.id, now)] == [(0, 1, 0), (1, 0, 1)]
    assert expiring_by_cohort("cn-nag", now) == []
    assert now.tzinfo is UTC
