"""Calendar feeds: read back by another reader of the format; zones, secrets, no names."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from chorsu.institutions.models import Person
from chorsu.training.actions import cohorts, own, sessions
from chorsu.training.formats.calendars import Meeting, calendar
from chorsu.training.queries.calendars import cohort_token, person_token
from chorsu.training.queries.cohorts import cohort, session
from chorsu.training.rules.cohort_fields import SessionFields
from tests.training.cohorts.factory import Desk

pytestmark = pytest.mark.django_db


def address(token: str) -> str:
    return reverse("training-calendar", args=[token])


def of_cohort(desk: Desk) -> str:
    return cohort_token(desk.cohort, cohort(desk.cohort, ["en"]).calendar_generation)


def test_a_feed_says_the_hour_of_the_place_with_the_rules_of_its_zone(
    desk: Desk, client: Client
) -> None:
    desk.session(title="Opening; a talk, with guests", group="North")
    answer = client.get(address(of_cohort(desk)))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Opening; a talk, with guests"
    assert event["dtstart"].params["TZID"] == "Asia/Tashkent"
    assert event.decoded("dtstart").astimezone(UTC) == datetime(2026, 12, 7, 5, tzinfo=UTC)
    assert b"BEGIN:VTIMEZONE" in answer.content
    assert "North" in str(event["description"])


def test_another_zone_reader_finds_the_same_moment_on_both_sides_of_a_change_of_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 10, 24, 7, tzinfo=UTC), datetime(2026, 10, 26, 8, tzinfo=UTC)]
    meetings = [
        Meeting(f"{n}@x", "Talk", at, at.replace(hour=at.hour + 1), "", "", "", 0, at)
        for n, at in enumerate(moments)
    ]
    text = calendar("Talks", meetings, zone=zone, language="en").decode()
    # dateutil reads the zone out of the file's own rules, not from this machine's.
    from io import StringIO

    rules = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")] + "END:VTIMEZONE\r\n"
    read = tz.tzical(StringIO(f"BEGIN:VCALENDAR\r\n{rules}END:VCALENDAR\r\n")).get()
    starts = [
        datetime.strptime(line.rpartition(":")[2], "%Y%m%dT%H%M%S").replace(tzinfo=read)
        for line in text.split("\r\n")
        if line.startswith("DTSTART;TZID")
    ]
    assert [one.hour for one in starts] == [9, 9]
    assert [one.astimezone(UTC) for one in starts] == moments


def test_a_changed_session_keeps_its_id_and_counts_its_changes(desk: Desk, client: Client) -> None:
    made = desk.session()
    stored = session(made)
    sessions.edit_session(
        session_id=made,
        fields=SessionFields("Closing", stored.starts_at, stored.ends_at, "live", "", "", ""),
        by=desk.teacher,
        now=desk.now,
    )
    (event,) = Calendar.from_ical(client.get(address(of_cohort(desk))).content).walk("VEVENT")
    assert str(event["uid"]) == f"{made}@hub.chorsu.example"
    assert (str(event["summary"]), int(event["sequence"])) == ("Closing", 1)


def test_a_person_has_their_own_sessions_and_no_feed_has_a_name(desk: Desk, client: Client) -> None:
    desk.admit(desk.nominate("a@x.example", name="Secret Name"))
    desk.session()
    learner = Person.objects.get(email="a@x.example")
    for token in (person_token(learner), of_cohort(desk)):
        body = client.get(address(token)).content.decode()
        assert body.count("BEGIN:VEVENT") == 1
        for personal in ("Secret", "a@x.example", "Timur", "teacher@"):
            assert personal not in body


def test_a_renewed_or_made_up_address_leads_nowhere(desk: Desk, client: Client) -> None:
    of_person, of_all = person_token(desk.teacher), of_cohort(desk)
    assert client.get(address(of_person)).status_code == 200
    own.renew_calendar(person=desk.teacher, now=desk.now)
    cohorts.renew_calendar(cohort_id=desk.cohort, by=desk.teacher, now=desk.now)
    forged = of_person[:-1] + ("0" if of_person[-1] != "0" else "1")
    for gone in (of_person, of_all, forged, "1-x", f"{desk.cohort.hex}-{'0' * 40}"):
        assert client.get(address(gone)).status_code == 404
    assert client.get(address(person_token(desk.teacher))).status_code == 200
    Person.objects.filter(pk=desk.teacher.pk).update(is_active=False)
    assert client.get(address(person_token(desk.teacher))).status_code == 404
