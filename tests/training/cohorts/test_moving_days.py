"""New days of a cohort: its sessions move along, or the days are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from chorsu.training.actions import cohorts, sessions
from chorsu.training.errors.cohorts import SessionsOutside
from chorsu.training.models import Cohort, Session
from tests.training.cohorts.factory import ENDS, STARTS, Desk, fields
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def edit(desk: Desk, *, move: bool = False, by: timedelta = WEEK, longer: int = 0) -> None:
    days = replace(fields(), starts_on=STARTS + by, ends_on=ENDS + by + timedelta(days=longer))
    cohorts.edit_cohort(
        cohort_id=desk.cohort, fields=days, version=Cohort.objects.get().version, by=desk.teacher,
        now=desk.now, move_sessions=move,
    )  # fmt: skip


def test_days_that_leave_a_session_outside_are_refused_with_its_name(desk: Desk) -> None:
    made = desk.session()
    last = datetime(2026, 12, 18, 5, tzinfo=UTC)
    desk.session(title="Closing", starts_at=last, ends_at=last + timedelta(hours=1))
    with pytest.raises(SessionsOutside) as refused:
        edit(desk)
    [(title, begins)] = refused.value.sessions
    assert (title, begins) == ("Opening", Session.objects.get(pk=made).starts_at)
    assert (refused.value.days, refused.value.moves) == (7, 2)
    assert Cohort.objects.get().starts_on == STARTS
    edit(desk, by=timedelta(days=-1), longer=1)
    assert Cohort.objects.get().starts_on == STARTS - timedelta(days=1)


def test_all_sessions_move_by_as_many_days_and_calendars_are_told(desk: Desk) -> None:
    made = desk.session()
    before = Session.objects.get(pk=made)
    edit(desk, move=True)
    after = Session.objects.get(pk=made)
    assert (after.starts_at - before.starts_at, after.ends_at - before.ends_at) == (WEEK, WEEK)
    assert (after.changes, after.changed_at) == (before.changes + 1, desk.now)
    assert Cohort.objects.get().starts_on == STARTS + WEEK


def test_a_session_that_was_held_stays_where_it_was(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    made = desk.session()
    sessions.mark(session_id=made, states={one: "present"}, by=desk.teacher, now=desk.now)
    before = Session.objects.get(pk=made).starts_at
    for move in (False, True):
        with pytest.raises(SessionsOutside) as refused:
            edit(desk, move=move)
        assert refused.value.moves == 0
    edit(desk, move=True, by=timedelta(days=-1), longer=1)
    assert Session.objects.get(pk=made).starts_at == before


def test_what_does_not_touch_the_days_asks_for_no_sessions(desk: Desk) -> None:
    desk.session()
    Session.objects.update(starts_at=desk.now, ends_at=desk.now + timedelta(hours=1))
    edit(desk, by=timedelta())
    assert Cohort.objects.get().version == 2


def test_the_page_lists_them_keeps_what_was_typed_and_offers_to_move(desk: Desk) -> None:
    desk.session()
    client, address = as_person(desk.teacher), url("cohort-edit", desk.cohort)
    said = {
        "version": "1", "name": "Winter 2026", "programme": "upgrading", "languages": ["ru", "en"],
        "starts_on": "2026-12-14", "ends_on": "2026-12-25", "capacity": "2", "place": "",
        "link": "",
    }  # fmt: skip
    answer = client.post(address, said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "1 session would be outside these days." in page
    assert "Opening" in page
    assert 'value="2026-12-14"' in page
    assert 'name="move_sessions"' in page
    assert client.post(address, {**said, "move_sessions": "1"}).status_code == 302
    assert timezone.localtime(Session.objects.get().starts_at).day == 14
    far = {**said, "version": "2", "starts_on": "2026-12-20"}
    assert 'name="move_sessions"' in client.post(address, far).content.decode()
    short = {**far, "ends_on": "2026-12-20", "starts_on": "2026-12-19"}
    page = client.post(address, short).content.decode()
    assert "Opening" in page
