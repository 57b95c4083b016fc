"""The page of results: what the rule says of each, two teachers at once, hundreds at a time."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import Institution
from chorsu.training.models import Cohort, CourseText, Enrolment
from chorsu.training.rules.fields import Assessment
from tests.training import class_kit
from tests.training.cohorts.factory import Desk, a_course
from tests.training.cohorts.factory import desk as make
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(academy: Institution) -> Desk:
    """A cohort of a course that asks for 60 percent and the quiz."""
    now, starts = timezone.now(), timezone.localdate() + timedelta(days=14)
    rule = Assessment(pass_percent=60, attendance_percent=0, required_units=["q1"])
    course = a_course(now, modules=class_kit.facts()["modules"], assessment=rule)
    CourseText.objects.filter(course=course, language="en").update(words=class_kit.ENGLISH)
    ends = starts + timedelta(days=11)
    return make(academy, now, course=course, starts_on=starts, ends_on=ends, capacity=0)


def running(desk: Desk, *names: str) -> list[UUID]:
    made = [desk.nominate(f"{name}@x.example") for name in names]
    desk.admit(*made)
    desk.move("running")
    return made


def shown(client: Client, address: str) -> dict[str, str]:
    """The hidden fields of the form: what was stored when the page was made."""
    page = client.get(address).content.decode()
    return dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', page))


def test_the_page_says_what_the_rule_says_and_why_and_takes_it_for_all(desk: Desk) -> None:
    one, other = running(desk, "a", "b")
    Enrolment.objects.filter(pk=one).update(result_percent=Decimal("59.5"))
    client, address = as_person(desk.teacher), url("cohort-results", desk.cohort)
    page = client.get(address).content.decode()
    assert "Result 59.5 %; 60 % needed" in page
    assert "No result; 60 % needed" in page
    assert page.count("Required and not done: Test yourself") == 2
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found is not None
    propose = url("cohort-results-propose", desk.cohort)
    stale = client.post(propose, {"seen": "x"}, follow=True).content.decode()
    assert "Nothing was taken" in stale
    assert client.get(propose).status_code == 405
    assert as_person(desk.nominator).post(propose, {"seen": found[1]}).status_code == 403
    answer = client.post(propose, {"seen": found[1]}, follow=True).content.decode()
    assert "Passed: 0. Not passed: 2." in answer
    assert 'name="seen"' not in answer
    # The teacher has the last word.
    client.post(
        address,
        {**shown(client, address), f"percent-{other}": "61", f"result-{other}": "passed"},
    )
    assert list(Enrolment.objects.order_by("person__email").values_list("state", flat=True)) == [
        "failed", "passed",
    ]  # fmt: skip


def test_two_teachers_at_once_are_told_and_see_both_results(desk: Desk) -> None:
    one, other = running(desk, "a", "b")
    first, second = as_person(desk.teacher), as_person(desk.officer)
    address = url("cohort-results", desk.cohort)
    stale = shown(second, address)
    first.post(
        address,
        {**shown(first, address), f"percent-{one}": "80", f"result-{one}": "passed"},
    )
    mine = {
        **stale, f"percent-{one}": "40", f"result-{one}": "failed", f"percent-{other}": "90",
        f"result-{other}": "passed",
    }  # fmt: skip
    answer = second.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Somebody else has saved another result meanwhile." in page
    assert "80 %, Passed" in page
    assert f'name="percent-{one}" inputmode="decimal" maxlength="8" value="40"' in page
    kept = Enrolment.objects.in_bulk()
    assert (kept[one].result_percent, kept[one].state, kept[other].state) == (
        80,
        "passed",
        "passed",
    )
    again = shown_after(page)
    assert second.post(address, {**mine, **again}).status_code == 400
    told = {**mine, **again, f"over-{one}": "80|passed"}
    # What was told to be overwritten is what was seen, not what came after.
    Enrolment.objects.filter(pk=one).update(result_percent=Decimal(85))
    assert "85 %, Passed" in second.post(address, told).content.decode()
    assert second.post(address, told | {f"over-{one}": "85|passed"}).status_code == 302
    assert Enrolment.objects.get(pk=one).state == "failed"


def shown_after(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', page))


def test_a_page_that_stood_open_changes_nothing_it_did_not_change(desk: Desk) -> None:
    [one] = running(desk, "a")
    client, address = as_person(desk.teacher), url("cohort-results", desk.cohort)
    stale = shown(client, address)
    Enrolment.objects.filter(pk=one).update(result_percent=Decimal(80), state="passed")
    untouched = {**stale, f"percent-{one}": "", f"result-{one}": ""}
    assert client.post(address, untouched).status_code == 302
    same = {**stale, f"percent-{one}": "80", f"result-{one}": "passed"}
    assert client.post(address, same).status_code == 302
    assert Enrolment.objects.get(pk=one).state == "passed"


def test_everybody_on_all_pages_is_chosen_by_one_box(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(120):
        desk.nominate(f"p{number}@x.example")
    gone = Enrolment.objects.order_by("pk").last()
    assert gone is not None
    Enrolment.objects.filter(pk=gone.pk).update(state="declined")
    client, act = as_person(desk.teacher), url("cohort-roster-act", desk.cohort)
    page = client.get(url("cohort-roster", desk.cohort)).content.decode()
    assert "Choose all, on all pages: 119 learners" in page
    stale = client.post(act, {"all": "118", "act": "admit"}, follow=True).content.decode()
    assert "Nothing was done" in stale
    answer = client.post(act, {"all": "119", "act": "admit"}, follow=True).content.decode()
    assert "Admitted: 119. Put on the waiting list: 0." in answer
    client.post(act, {"all": "119", "act": "group", "group": "North"})
    assert Enrolment.objects.filter(group="North", state="admitted").count() == 119
    Cohort.objects.update(state="running")
    with django_assert_max_num_queries(45):
        client.get(url("cohort-results", desk.cohort))
