"""Pages of cohorts where a slip would cost something: a list that stood open, no way back."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import sessions
from chorsu.training.models import Attendance
from tests.training.cohorts.factory import Desk
from tests.training.cohorts.factory import desk as make
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(academy: Institution) -> Desk:
    """An open cohort by the real clock: pages ask what day it is."""
    starts = timezone.localdate() + timedelta(days=14)
    return make(academy, timezone.now(), starts_on=starts, ends_on=starts + timedelta(days=11))


def session_of(desk: Desk) -> UUID:
    begins = timezone.now() + timedelta(days=15)
    return desk.session(starts_at=begins, ends_at=begins + timedelta(minutes=90))


def test_saving_a_list_takes_nobody_off_who_came_by_the_code_meanwhile(desk: Desk) -> None:
    one, other = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.admit(one, other)
    made = session_of(desk)
    client, address = as_person(desk.teacher), url("session", made)
    page = client.get(address).content.decode()
    shown = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', page))
    code = sessions.open_code(session_id=made, by=desk.teacher, now=timezone.now())
    person = Person.objects.get(email="a@x.example")
    sessions.attend_by_code(session_id=made, code=code, person=person, now=timezone.now())
    client.post(address, {**shown, f"state-{one}": "", f"state-{other}": "excused"})
    marks = Attendance.objects.order_by("enrolment__person__email")
    assert list(marks.values_list("state", "source")) == [("present", "code"), ("excused", "list")]
    client.post(address, {f"was-{one}": "present", f"state-{one}": ""})
    assert [row.state for row in Attendance.objects.all()] == ["excused"]


@pytest.mark.parametrize(
    ("name", "label"),
    [("cohort", "Cancel the cohort"), ("session-edit", "Remove the session")],
)
def test_what_cannot_be_undone_is_not_one_press_away(desk: Desk, name: str, label: str) -> None:
    about = desk.cohort if name == "cohort" else session_of(desk)
    page = as_person(desk.teacher).get(url(name, about)).content.decode()
    [box] = [one for one in re.findall(r"(?s)<details.*?</details>", page) if label in one]
    assert "This can't be undone" in box
    assert page.count(label) == box.count(label) == 2
