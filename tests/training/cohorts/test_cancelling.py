"""A cohort that is cancelled: who is told, what stays to be read, what stops."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

from chorsu.flows.informing import inform
from chorsu.flows.reminding import remind_all
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import enrolling
from chorsu.training.actions.cohorts import move_cohort
from chorsu.training.actions.learning import CourseClosed, set_done
from chorsu.training.models import Cohort, MessageCopy
from chorsu.training.queries.calendars import cohort_token, person_token
from chorsu.training.queries.learning import learner
from chorsu.training.queries.ledger import own_sessions
from chorsu.training.queries.remembering import due_cards
from tests.training.class_kit import POINTS, learner_in
from tests.training.cohorts.factory import Desk, somebody
from tests.web.test_cohorts import url

pytestmark = pytest.mark.django_db


def test_learners_and_nominators_are_told_each_in_their_language(desk: Desk) -> None:
    Cohort.objects.update(capacity=1)
    desk.admit(desk.nominate("a@x.example", language="en"))
    desk.admit(desk.nominate("waits@x.example", language="en"))
    desk.nominate("asked@x.example", language="tk")
    left = desk.nominate("left@x.example")
    enrolling.leave(enrolment_id=left, reason="", by=desk.officer, now=desk.now)
    Person.objects.filter(pk=desk.nominator.pk).update(languages=["zh-Hans"])
    inform(now=desk.now)
    # Who was not told yet that they are nominated is told nothing but this.
    desk.nominate("late@x.example", language="en")
    mail.outbox.clear()
    desk.move("cancelled")
    inform(now=desk.now)
    inform(now=desk.now)
    told = {one.to[0]: one for one in mail.outbox}
    assert sorted(told) == sorted(
        ["a@x.example", "asked@x.example", "cadres@ministry.example", "late@x.example",
         "waits@x.example"]
    )  # fmt: skip
    assert len(mail.outbox) == 5
    assert told["a@x.example"].subject == "The cohort is cancelled: Winter 2026"
    assert "can still read the course" in told["a@x.example"].body
    assert told["cadres@ministry.example"].subject == "班次已取消：Winter 2026"
    assert told["asked@x.example"].subject == "Akym ýatyryldy: Winter 2026"


def test_it_is_read_under_my_training_too(desk: Desk) -> None:
    one = desk.nominate("a@x.example", language="en")
    desk.admit(one)
    desk.move("cancelled")
    client = Client()
    client.force_login(Person.objects.get(email="a@x.example"))
    page = client.get(url("my-training"), follow=True).content.decode()
    assert "The cohort is cancelled" in page
    assert "Admitted" not in page
    copy = MessageCopy.objects.get(person__email="a@x.example")
    page = client.get(url("my-message", copy.pk), follow=True).content.decode()
    assert "there are no more sessions" in page
    client.force_login(desk.officer)
    page = client.get(url("cohort-messages", desk.cohort), follow=True).content.decode()
    assert "The cohort is cancelled" in page


def test_the_course_stays_to_be_read_and_nothing_counts(
    academy: Institution, now: datetime
) -> None:
    one = learner_in(academy, now)
    officer = somebody("officer@hub.example", "training_office")
    set_done(learner=one, unit="r1", done=True, points=POINTS, now=now)
    client = Client()
    client.force_login(Person.objects.get(pk=one.person_id))
    later = now + timedelta(days=400)
    Person.objects.filter(pk=one.person_id).update(languages=["en"])
    assert due_cards(one.person_id, later) != []
    move_cohort(cohort_id=one.cohort_id, to="cancelled", by=officer, now=now)
    inform(now=now)
    mail.outbox.clear()
    assert due_cards(one.person_id, later) == []
    assert remind_all(now=later) == 0
    assert mail.outbox == []
    gone = learner(one.id, one.person_id)
    with pytest.raises(CourseClosed):
        set_done(learner=gone, unit="r2", done=True, now=now)
    for name, arguments in (("learning-course", [one.id]), ("learning-unit", [one.id, "r1"])):
        page = client.get(url(name, *arguments), follow=True).content.decode()
        assert "The cohort is cancelled" in page
        assert "What people waited for" in page
    assert "Cancelled" in client.get(url("learning"), follow=True).content.decode()


def test_calendars_say_that_the_sessions_are_cancelled(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    desk.session()
    person = Person.objects.get(email="a@x.example")
    tokens = (cohort_token(desk.cohort, 1), person_token(person))

    def events() -> list[tuple[object, object]]:
        found = []
        for token in tokens:
            body = Client().get(url("training-calendar", token)).content
            for event in Calendar.from_ical(body).walk("VEVENT"):
                found.append((event.get("status"), event["sequence"]))
        return found

    assert events() == [(None, 0), (None, 0)]
    desk.move("cancelled")
    assert events() == [("CANCELLED", 1), ("CANCELLED", 1)]
    assert own_sessions(person) == []
