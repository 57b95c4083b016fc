"""Sessions as an iCalendar feed (RFC 5545), with the time zone they are held in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

REFRESH = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One entry; times are aware. `number` counts its changes, `about` is plain text."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    about: str
    number: int
    changed_at: datetime
    cancelled: bool = False


def calendar(name: str, meetings: Sequence[Meeting], *, zone: ZoneInfo, language: str) -> bytes:
    """The feed in UTF-8. Local times of `zone` with its rules (VTIMEZONE), so that a series stays
    at its hour where clocks change.
    """
    feed = Calendar()
    feed.add("version", "2.0")
    feed.add("prodid", "-//Chorsu//Training//EN")
    feed.add("method", "PUBLISH")
    feed.add("name", name, parameters={"language": language})  # RFC 7986
    feed.add("x-wr-calname", name)
    feed.add("x-wr-timezone", str(zone))
    feed.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for one in meetings:
        feed.add_component(_event(one, zone))
    if meetings:
        feed.add_missing_timezones()
    return bytes(feed.to_ical())


def _event(one: Meeting, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", one.changed_at)
    event.add("last-modified", one.changed_at)
    event.add("sequence", one.number)
    event.add("dtstart", one.starts_at.astimezone(zone))
    event.add("dtend", one.ends_at.astimezone(zone))
    event.add("summary", one.title)
    if one.place or one.link:
        event.add("location", one.place or one.link)
    if one.link:
        event.add("url", one.link)
    if one.cancelled:
        event.add("status", "CANCELLED")
    if one.about:
        event.add("description", one.about)
    return event
