"""What the bench does at the node: the class, its pages, and whether every answer is there."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests.training.class_kit import cohort, course, enrol, facts, quiz
from tests.training.quiz_kit import add_item

from chorsu.institutions.models import Institution, Person
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.training.models import Answer, Attempt, Enrolment

QUESTIONS = 20
BANK = 60
REQUESTS = 60
TOKEN = "c" * 32


def fill(learners: int) -> dict[str, Any]:
    """A course with a timed quiz, and learners who are signed in."""
    now = utc_now()
    timed = quiz(draws=[{"competence": "", "count": QUESTIONS}], minutes=180, attempts=1)
    run = cohort(course(now, facts(timed)), Institution.objects.get(pk=node_institution_id()), now)
    for _ in range(BANK):
        add_item(uuid.UUID(str(run.course_id)))
    people = [
        Person(email=f"learner{number}@bench.example", name=f"Learner {number}", password="!")
        for number in range(learners)
    ]
    Person.objects.bulk_create(people)
    places = [
        Enrolment(
            id=new_id(), cohort=run, person=person, state="admitted", created_at=now, queued_at=now
        )
        for person in people
    ]
    Enrolment.objects.bulk_create(places)
    store, sessions, seats = SessionStore(), [], []
    for person, place in zip(people, places, strict=True):
        held = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        key = uuid.uuid4().hex
        sessions.append(
            Session(
                session_key=key,
                session_data=store.encode(held),
                expire_date=now + timedelta(days=1),
            )
        )
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        seats.append(
            {
                "enrolment": str(place.pk),
                "cookie": cookie,
                "token": TOKEN,
                "lesson": reverse("learning-unit", args=[place.pk, "r1"]),
                "begin": reverse("quiz-begin", args=[place.pk, "q1"]),
            }
        )
    Session.objects.bulk_create(sessions)
    return {"seats": seats}


def pages() -> dict[str, Any]:
    """Queries and processor time of the course's page and of a unit's, the process warm."""
    settings.ALLOWED_HOSTS.append("testserver")
    person = Person.objects.create_user("teacher@bench.example", None)
    run = Enrolment.objects.select_related("cohort").first()
    assert run is not None
    one = enrol(run.cohort, person, utc_now())
    client = Client()
    client.force_login(person)
    addresses = {
        "course_page": reverse("course", args=[run.cohort.course_id]),
        "unit_page": reverse("learning-unit", args=[one.id, "r1"]),
        "player_home": reverse("learning-course", args=[one.id]),
    }
    found: dict[str, Any] = {}
    for name, address in addresses.items():
        for _ in range(5):
            client.get(address)
        asked: list[str] = []
        with connection.execute_wrapper(counter(asked)):
            assert client.get(address).status_code == 200
        begun = time.process_time()
        for _ in range(REQUESTS):
            client.get(address)
        found[f"{name}_queries"] = len(asked)
        found[f"{name}_cpu_ms"] = round((time.process_time() - begun) * 1000 / REQUESTS, 1)
    return found


def counter(asked: list[str]) -> Callable[..., object]:
    """Notes each statement. (What Django counts is emptied when a pooled connection goes back.)"""

    def note(execute: Callable[..., object], *statement: object) -> object:
        asked.append(str(statement[0]))
        return execute(*statement)

    return note


def check(told: Path) -> dict[str, int]:
    """Whether each answer that was told to be saved is there, once and as it was told."""
    wanted: dict[str, dict[str, str]] = json.loads(told.read_text())
    rows = list(Answer.objects.values_list("attempt_id", "item", "key"))
    there = {(str(attempt), item): str(key) for attempt, item, key in rows}
    lost = [
        (attempt, item)
        for attempt, given in wanted.items()
        for item, key in given.items()
        if there.get((attempt, item)) != key
    ]
    handed_in = Attempt.objects.exclude(points=None).exclude(handed_in_at=None).count()
    return {
        "answers_told_saved": sum(len(given) for given in wanted.values()),
        "answers_lost": len(lost),
        "answers_doubled": len(rows) - len(there),
        "attempts_wrong": Attempt.objects.count() - len(wanted),
        "attempts_handed_in": handed_in,
    }
