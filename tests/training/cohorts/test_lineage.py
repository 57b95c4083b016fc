"""A course that has to be passed before: what of its line counts for it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import Institution, Person
from chorsu.training.errors.cohorts import NotEligible
from chorsu.training.models import Achievement, Course
from chorsu.training.queries.lineage import kin
from tests.training.cohorts.factory import a_course, desk

pytestmark = pytest.mark.django_db
HERE, BEIJING, TASHKENT = (f"{one}.chorsu.example" for one in ("hub", "beijing", "tashkent"))


def fork(now: datetime, of: Course, origin: str) -> Course:
    source = {"course": str(of.pk), "revision": 1, "origin": of.origin}
    return a_course(now, origin=origin, forked_from=source)


def counts(needed: Course, passed: Course) -> bool:
    return bool(kin([str(needed.pk)], [str(passed.pk)]).get(str(needed.pk)))


def test_what_a_course_was_forked_from_counts_for_it_however_far(now: datetime) -> None:
    original = a_course(now, origin=BEIJING)
    first = fork(now, original, TASHKENT)
    second = fork(now, first, HERE)
    assert [counts(first, original), counts(second, original), counts(second, first)] == [True] * 3


def test_a_fork_counts_for_what_it_is_of_only_if_it_was_made_here(now: datetime) -> None:
    original = a_course(now, origin=BEIJING)
    assert counts(original, fork(now, original, HERE)) is True
    assert counts(original, fork(now, original, TASHKENT)) is False


def test_two_forks_of_one_course_do_not_count_for_each_other(now: datetime) -> None:
    original = a_course(now, origin=BEIJING)
    one, other = fork(now, original, HERE), fork(now, original, TASHKENT)
    assert [counts(one, other), counts(other, one)] == [False, False]


def test_a_line_that_leads_back_to_itself_comes_to_an_end(now: datetime) -> None:
    one = a_course(now)
    other = fork(now, one, HERE)
    one.facts["forked_from"] = {"course": str(other.pk), "revision": 1, "origin": HERE}
    one.save()
    assert counts(one, a_course(now)) is False
    assert counts(one, other) is True


def test_nothing_is_asked_where_all_was_passed_as_it_is_named(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert kin(["c"], ["c", "d"]) == {}
        assert kin(["c"], []) == {}


def test_who_passed_the_original_is_nominated_for_a_course_that_names_its_fork(
    academy: Institution, now: datetime
) -> None:
    original = a_course(now, origin=BEIJING)
    needed = fork(now, original, HERE)
    made = desk(academy, now, course=a_course(now, prerequisites=[str(needed.pk)]))
    with pytest.raises(NotEligible) as refused:
        made.nominate("a@x.example")
    assert [one.code for one in refused.value.refusals] == ["prerequisite"]
    person = Person.objects.create_user("b@x.example")
    Achievement.objects.create(
        id=uuid.uuid4(), person=person, issuer="cag-beijing", course=original.pk, title="Window",
        document="7", issued_on=date(2025, 5, 1), in_person=40, live=0, self_study=0,
        entered_at=now,
    )  # fmt: skip
    assert made.nominate("b@x.example")
