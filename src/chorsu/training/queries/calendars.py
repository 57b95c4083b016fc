"""Secret calendar addresses: of a cohort for all who hold it, of a person for them alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from chorsu.institutions.models import Person
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Cohort, PersonalCalendar
from chorsu.training.queries.cohorts import SessionView, sessions_of
from chorsu.training.queries.ledger import own_sessions

_OF_COHORT = re.compile(r"([0-9a-f]{32})-([0-9a-f]{40})")
_OF_PERSON = re.compile(r"([1-9][0-9]{0,17})-([0-9a-f]{40})")


@dataclass(frozen=True, slots=True)
class CalendarView:
    """What an address opens: sessions, and the names of their cohorts. `name` empty: a person's.

    `cancelled`: cohort -> when it was cancelled.
    """

    name: str
    language: str
    sessions: Sequence[SessionView]
    cohorts: dict[UUID, str]
    cancelled: Mapping[UUID, datetime]


def cohort_token(cohort_id: UUID, generation: int) -> str:
    """The secret part of a cohort's address, made of the node's secret; renewing makes another."""
    return f"{cohort_id.hex}-{_mac('cohort', cohort_id.hex, generation)}"


def person_token(person: Person) -> str:
    """The secret part of a person's own address. One query."""
    rows = PersonalCalendar.objects.filter(person=person).values_list("generation", flat=True)
    return f"{person.pk}-{_mac('person', str(person.pk), rows.first() or 1)}"


def by_token(token: str) -> CalendarView:
    """What an address opens. Raises `NoSuchCohort`, also if its person may no longer sign in."""
    if match := _OF_COHORT.fullmatch(token):
        return _of_cohort(match[1], match[2])
    if match := _OF_PERSON.fullmatch(token):
        return _of_person(match[1], match[2])
    raise NoSuchCohort(token[:50])


def _of_cohort(key: str, given: str) -> CalendarView:
    row = Cohort.objects.filter(pk=UUID(key)).first()
    if row is None or not constant_time_compare(
        _mac("cohort", key, row.calendar_generation), given
    ):
        raise NoSuchCohort(key)
    return _view(row.name, row.languages[0], sessions_of([row.pk]), [row])


def _of_person(key: str, given: str) -> CalendarView:
    person = Person.objects.filter(pk=int(key), is_active=True).first()
    if person is None or not constant_time_compare(person_token(person), f"{key}-{given}"):
        raise NoSuchCohort(key)
    sessions = own_sessions(person, cancelled=True)
    named = Cohort.objects.filter(pk__in={one.cohort_id for one in sessions})
    languages = person.languages
    return _view("", languages[0] if languages else "", sessions, named)


def _view(
    name: str, language: str, sessions: Sequence[SessionView], cohorts: Iterable[Cohort]
) -> CalendarView:
    listed = list(cohorts)
    # A cancelled cohort does not change any more.
    cancelled = {one.pk: one.changed_at for one in listed if one.state == Cohort.State.CANCELLED}
    return CalendarView(name, language, sessions, {one.pk: one.name for one in listed}, cancelled)


def _mac(kind: str, key: str, generation: int) -> str:
    salt = f"chorsu.training.calendar.{kind}"
    return salted_hmac(salt, f"{key}:{generation}", algorithm="sha256").hexdigest()[:40]
