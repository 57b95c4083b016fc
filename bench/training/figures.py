"""The figures of a cohort of thousands, by the clock: the teacher's pages and the officer's."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from bench.training.parts import counter
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.training.class_kit import cohort, course, facts, quiz, unit

from chorsu.institutions.models import Institution, Membership, Person, Role
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.training.models import (
    Attempt,
    Attendance,
    Cohort,
    CohortTeacher,
    Enrolment,
    Review,
    ReviewCard,
    Session,
    UnitState,
)
from chorsu.training.rules.fields import Module

UNITS = 20
SESSIONS = 10
QUIZZES = 3
CARDS = 4
REVIEWS = 3
CODES = ("law", "one-window", "data-exchange", "service-design")
REQUESTS = 15
ROWS = 5_000
"""Written at once."""


def fill_cohort(learners: int) -> Cohort:
    """A cohort half way, whose learners have done a third, were taught, assessed and reviewed."""
    now = utc_now()
    read = [unit(f"u{number}", "reading") for number in range(UNITS)]
    asked = [unit(f"q{number}", "quiz", quiz=quiz()) for number in range(QUIZZES)]
    modules = [Module(key="m1", units=[*read, *asked])]
    home = Institution.objects.get(pk=node_institution_id())
    run = cohort(course(now, facts(modules=modules)), home, now)
    run.state, today = Cohort.State.RUNNING, timezone.localdate()
    run.starts_on, run.ends_on = today - timedelta(days=30), today + timedelta(days=30)
    run.save()
    people = Person.objects.bulk_create(
        Person(email=f"many{number}@bench.example", name=f"Learner {number}", password="!")
        for number in range(learners)
    )
    places = Enrolment.objects.bulk_create(
        Enrolment(
            id=uuid.uuid4(), cohort=run, person=person, state="admitted", created_at=now,
            queued_at=now,
        )
        for person in people
    )  # fmt: skip
    sessions = Session.objects.bulk_create(
        Session(
            id=uuid.uuid4(), cohort=run, title=f"Day {number}", form="in_person", hours=4,
            starts_at=now - timedelta(days=number + 1, hours=4),
            ends_at=now - timedelta(days=number + 1), changed_at=now,
        )
        for number in range(SESSIONS)
    )  # fmt: skip
    UnitState.objects.bulk_create(
        [
            UnitState(enrolment=place, unit=f"u{one}", seen_at=now, done_at=now)
            for number, place in enumerate(places)
            for one in range(number % (UNITS - 6))
        ],
        batch_size=ROWS,
    )
    Attendance.objects.bulk_create(
        [
            Attendance(
                session=session, enrolment=place, marked_at=now, source="list",
                state="absent" if (number + day) % 9 == 0 else "present",
            )
            for number, place in enumerate(places)
            for day, session in enumerate(sessions)
        ],
        batch_size=ROWS,
    )  # fmt: skip
    Attempt.objects.bulk_create(
        [
            Attempt(
                id=uuid.uuid4(), enrolment=place, unit=f"q{one}", number=1, seed="s", items=[],
                versions=[], sections=[], started_at=now, handed_in_at=now,
                points=Decimal(8 + number % 12), most_points=Decimal(20),
                by_competence={
                    code: [str((number + row) % 6), "5"] for row, code in enumerate(CODES)
                },
            )
            for number, place in enumerate(places)
            for one in range(QUIZZES)
        ],
        batch_size=ROWS,
    )  # fmt: skip
    cards = ReviewCard.objects.bulk_create(
        [
            ReviewCard(enrolment=place, unit="u0", point=point, state=2, due_at=now)
            for place in places
            for point in range(CARDS)
        ],
        batch_size=ROWS,
    )
    Review.objects.bulk_create(
        [
            Review(
                card=card, rating=1 + (number + again) % 4, days_since=2.0**again, at=now,
                key=uuid.uuid4(),
            )
            for number, card in enumerate(cards)
            for again in range(REVIEWS)
        ],
        batch_size=ROWS,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return run


def figures(learners: int) -> dict[str, Any]:
    """Milliseconds from request to answer, median of `REQUESTS`, and queries of each page."""
    settings.ALLOWED_HOSTS.append("testserver")
    run = fill_cohort(learners)
    person = Person.objects.create_user("officer@bench.example", None)
    Membership.objects.create(
        person=person, institution=run.institution, role=Role.TRAINING_OFFICER
    )
    CohortTeacher.objects.create(cohort=run, person=person)
    client = Client()
    client.force_login(person)
    year = run.starts_on.year
    addresses = {
        "cohort_figures": reverse("cohort-figures", args=[run.pk]),
        "cohort_gradebook": f"{reverse('cohort-gradebook', args=[run.pk])}?by=-unit.q0",
        "year_figures": f"{reverse('training-dashboard')}?year={year}",
    }
    found: dict[str, Any] = {"cohort_learners": learners}
    for name, address in addresses.items():
        asked: list[str] = []
        with connection.execute_wrapper(counter(asked)):
            assert client.get(address).status_code == 200
        took = []
        for _ in range(REQUESTS):
            begun = time.perf_counter()
            client.get(address)
            took.append((time.perf_counter() - begun) * 1000)
        found[f"{name}_queries"] = len(asked)
        found[f"{name}_ms"] = round(median(took))
    return found
