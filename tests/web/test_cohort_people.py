"""What is kept of the people of cohorts, for how long, and what they see of it."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.actions.connections import agree
from chorsu.institutions.connections import connection
from chorsu.institutions.models import Institution, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.training.actions.reporting import SignedLine, take_transcript
from chorsu.training.models import Cohort, Enrolment
from chorsu.wire.identity import Identity
from chorsu.wire.transcript import Line
from tests.training.cohorts.factory import Desk, somebody
from tests.web.test_cohorts import as_person, desk, url

__all__ = ["desk"]
pytestmark = pytest.mark.django_db


def test_periods_are_tried_out_before_they_are_set(desk: Desk) -> None:
    desk.nominate("a@x.example")
    long_ago = timezone.localdate() - timedelta(days=100)
    Cohort.objects.update(starts_on=long_ago, ends_on=long_ago)
    officer, page = as_person(desk.officer), url("retention")
    typed = {
        "institution": "hub-astana", "refused": "2", "messages": "", "attendance": "",
        "learning": "", "results": "",
    }  # fmt: skip
    tried = officer.post(page, {**typed, "act": "try"}).content.decode()
    assert "By these periods the next night deletes 1 entry." in tried
    assert 'value="set"' in tried
    assert "Kept now: 12 months, not set here. May be set: 1 to 60." in tried
    assert officer.post(page, {**typed, "act": "set"}).status_code == 302
    assert "Kept now: 2 months. May be set: 1 to 60." in officer.get(page).content.decode()


def test_a_period_out_of_bounds_is_named_and_what_was_typed_stays(desk: Desk) -> None:
    answer = as_person(desk.officer).post(url("retention"), {"refused": "61", "act": "set"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Enter a period within the bounds beside it." in page
    assert 'value="61"' in page
    assert as_person(desk.teacher).get(url("retention")).status_code == 403


def test_the_page_of_periods_takes_few_queries(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person(desk.officer)
    with django_assert_max_num_queries(12):
        client.get(url("retention"))
    with django_assert_max_num_queries(40):
        client.post(url("retention"), {"refused": "3", "act": "try"})


def test_what_another_node_reports_stands_in_the_ledger_as_no_certificate(desk: Desk) -> None:
    learner = somebody("a@x.example")
    agree(
        person=learner, node="beijing.chorsu.example", claims=[], position="", now=desk.now,
        transcript=True,
    )  # fmt: skip
    there = connection(learner, "beijing.chorsu.example")
    assert there is not None
    line = Line(
        id="019349fa-0000-7c11-9b3d-2f6a5c8e7d31", course="019349f9-3b00-7c11-9b3d-2f6a5c8e7d22",
        revision=3, language="zh-Hans", titles={"zh-Hans": "公共服务"}, institution="hub-astana",
        starts_on=date(2026, 10, 5), ends_on=date(2026, 11, 20), state="failed", final=True,
        hours={"in_person": 40, "live": 0, "self_study": 0}, percent="41.5",
    )  # fmt: skip
    take_transcript(connection_id=there.id, found=[SignedLine(line, b"note")], now=desk.now)
    page = as_person(learner).get(url("my-training")).content.decode()
    assert "No certificate: reported and signed by beijing.chorsu.example" in page
    assert re.search(r'<span[^>]*lang="zh-Hans"[^>]*>公共服务</span>', page)
    assert "Not passed: 41.5 %" in page
    assert "does not count" in page


def test_a_nominee_signs_in_and_sees_their_nomination_but_nothing_of_the_network(
    desk: Desk,
) -> None:
    row = desk.nominate("new@ministry.example")
    client = as_person(Person.objects.get(email="new@ministry.example"))
    assert "Одно окно" in client.get(url("my-training")).content.decode()
    assert "read what is public" in client.get(url("account")).content.decode()
    listed = as_person(somebody("admin@hub.example", "administrator")).get(url("people"))
    assert "nominated, not accepted yet" in listed.content.decode()
    assert client.get(url("course", desk.course.pk)).status_code == 404

    admit = {"learner": str(row), "act": "admit"}
    as_person(desk.officer).post(url("cohort-roster-act", desk.cohort), admit)
    assert client.get(url("course", desk.course.pk)).status_code == 200


def test_whom_a_cohort_does_not_concern_sees_it_once_it_is_open_and_a_guest_not_of_the_network(
    desk: Desk,
) -> None:
    told = Identity("A-guest_of-this_node", name="Aiperi")
    guest = welcome_guest(node="bishkek.chorsu.example", identity=told, now=desk.now)
    reader = somebody("reader@hub.example", "reader")
    name, page = "Winter 2026", url("cohort", desk.cohort)

    def sees(person: Person) -> tuple[int, bool]:
        client = as_person(person)
        listed = name in client.get(url("cohorts")).content.decode()
        return client.get(page).status_code, listed

    assert (sees(guest), sees(reader)) == ((404, False), (200, True))
    Cohort.objects.update(state="planned")
    assert (sees(reader), sees(desk.teacher)) == ((404, False), (200, True))
    assert sees(desk.nominator)[0] == 200
    Cohort.objects.update(state="open")
    desk.nominate(guest.address)
    assert sees(guest) == (200, True)
    Enrolment.objects.all().delete()
    desk.course.audience = "public"
    desk.course.save()
    assert sees(guest) == (200, True)


def test_who_nominates_somebody_of_another_branch_does_not_see_their_ledger_by_that(
    desk: Desk,
) -> None:
    for place in ("hub-east", "hub-west"):
        Institution.objects.create(
            id=place, parent_id="hub-astana", kind="branch", country="KZ", node="hub.chorsu.example"
        )
    forget_institutions()
    west = as_person(somebody("west@hub.example", "training_office", place="hub-west"))
    learner = somebody("learner@hub.example", "reader", place="hub-east")
    Cohort.objects.filter(pk=desk.cohort).update(institution="hub-west")
    row = Enrolment.objects.create(
        id=uuid.uuid4(), cohort_id=desk.cohort, person=learner, state="nominated",
        created_at=desk.now, queued_at=desk.now,
    )  # fmt: skip
    page, line = url("training-person", learner.pk), url("learner", row.pk)
    assert west.get(page).status_code == 403
    told = west.get(line)
    assert told.status_code == 200
    assert page not in told.content.decode()

    Enrolment.objects.update(state="admitted")
    assert west.get(page).status_code == 200
    assert page in west.get(line).content.decode()
