"""The page of a live unit: its sessions, else the next ones; when and where."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chorsu.institutions.models import Institution, Person
from chorsu.training.models import Cohort, CohortTeacher, Course, Enrolment, Session
from chorsu.training.queries.calendars import person_token
from chorsu.training.queries.learning import LearnerView
from chorsu.training.rules.fields import Module
from tests.training.class_kit import ENGLISH, cohort, course, enrol, facts, unit
from tests.training.cohorts.factory import somebody
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    """By the real clock: the page asks which sessions are next."""
    return timezone.now()


@pytest.fixture
def learner(academy: Institution, now: datetime, monkeypatch: pytest.MonkeyPatch) -> LearnerView:
    monkeypatch.setitem(ENGLISH, "units.v1.title", "Meet the clerks")
    monkeypatch.setitem(ENGLISH, "units.v2.title", "Meet again")
    modules = [Module(key="m1", units=[unit("v1", "live"), unit("v2", "live")])]
    run = cohort(course(now, facts(modules=modules)), academy, now)
    today = timezone.localdate()
    Cohort.objects.filter(pk=run.pk).update(
        starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=30)
    )
    return enrol(run, Person.objects.create_user("one@hub.example", "correct horse"), now)


def meeting(
    learner: LearnerView, now: datetime, title: str, days: int, key: str = "", group: str = ""
) -> Session:
    begins = now + timedelta(days=days)
    return Session.objects.create(
        id=uuid.uuid4(), cohort_id=learner.cohort_id, title=title, starts_at=begins,
        ends_at=begins + timedelta(hours=2), form="live", place="Room 12", unit=key, group=group,
        link="https://meet.example.org/winter", hours=3, changed_at=now,
    )  # fmt: skip


def page_of(learner: LearnerView, key: str = "v1") -> str:
    client = as_person(Person.objects.get(pk=learner.person_id))
    return client.get(url("learning-unit", learner.id, key)).content.decode()


def test_the_next_sessions_stand_on_it_while_none_is_said_to_be_of_it(
    learner: LearnerView, now: datetime
) -> None:
    meeting(learner, now, "Long ago", -5)
    meeting(learner, now, "Coming soon", 2)
    meeting(learner, now, "Of the others", 3, group="North")
    meeting(learner, now, "Of another unit", 4, key="v2")
    # The unit it was of went with a revision that the cohort took since.
    meeting(learner, now, "Of a unit that is gone", 5, key="v0")
    page = page_of(learner)
    for said in ("Next sessions", "Coming soon", "Of a unit that is gone", "Room 12", "https://meet.example.org/winter",
                 "UTC+", "3 academic hours"):  # fmt: skip
        assert said in page
    for unsaid in ("Long ago", "Of the others", "Of another unit"):
        assert unsaid not in page
    token = person_token(Person.objects.get(pk=learner.person_id))
    # The page may be kept on a device, where a secret address has no place.
    assert token not in page
    assert url("my-training") in page


def test_sessions_of_the_unit_go_before_all_others_and_stay_when_over(
    learner: LearnerView, now: datetime
) -> None:
    meeting(learner, now, "Coming soon", 2)
    meeting(learner, now, "First half", -5, key="v1")
    meeting(learner, now, "North half", 4, key="v1", group="North")
    Enrolment.objects.filter(pk=learner.id).update(group="North")
    page = page_of(learner)
    assert page.index("First half") < page.index("is over") < page.index("North half")
    assert "When and where" in page
    assert "Coming soon" not in page


def test_a_cohort_without_sessions_says_so(learner: LearnerView) -> None:
    assert "No session is planned yet." in page_of(learner)


def test_a_teacher_says_of_which_unit_a_session_is(learner: LearnerView) -> None:
    teacher = somebody("teacher@hub.example", "teacher")
    CohortTeacher.objects.create(cohort_id=learner.cohort_id, person=teacher)
    client: Client = as_person(teacher)
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    form = {
        "title": "Clerks", "starts_at": f"{day}T09:00", "ends_at": f"{day}T10:30", "form": "live",
        "place": "", "link": "", "group": "", "unit": "v2",
    }  # fmt: skip
    page = client.get(url("session-new", learner.cohort_id)).content.decode()
    assert '<option value="v2">Meet again</option>' in page
    assert client.post(url("session-new", learner.cohort_id), form).status_code == 302
    stored = Session.objects.get()
    assert stored.unit == "v2"
    assert "Clerks" in page_of(learner, "v2")
    wrong = client.post(url("session-edit", stored.pk), form | {"unit": "r1"})
    assert wrong.status_code == 400
    assert Session.objects.get().unit == "v2"
    # Of a course that was withdrawn there is no word left to choose by.
    Course.objects.update(withdrawn_at=timezone.now())
    del form["unit"]
    assert client.post(url("session-edit", stored.pk), form | {"place": "Hall"}).status_code == 302
    changed = Session.objects.get()
    assert (changed.place, changed.unit) == ("Hall", "v2")
