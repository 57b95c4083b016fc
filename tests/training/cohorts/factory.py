"""A course, people and a cohort to test with; every part can be told otherwise."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions import cohorts, employers, enrolling, sessions
from chorsu.training.actions.enrolling import Nomination
from chorsu.training.models import Course, CourseText, EmployerOfficer
from chorsu.training.rules.cohort_fields import CohortFields, SessionFields
from chorsu.training.rules.fields import Facts, Hours, empty_facts

TODAY = date(2026, 11, 24)
STARTS = date(2026, 12, 7)
ENDS = date(2026, 12, 18)


def a_course(
    now: datetime,
    *,
    hours: int = 40,
    revision: int = 1,
    title: str = "One window for all papers",
    origin: str = "hub.chorsu.example",
    **facts: object,
) -> Course:
    """A published course with a text in English and one in Russian."""
    whole: Facts = {
        **empty_facts(),
        "hours": Hours(in_person=hours - 10, live=0, self_study=10),
        **facts,  # type: ignore[typeddict-item]
    }
    course = Course.objects.create(
        id=uuid.UUID(new_id()), origin=origin, institution_id="hub-astana", revision=revision,
        audience="network", licence="CC-BY-4.0", original_language="en", published_at=now,
        updated_at=now, arrived_at=now, blob="ab" * 32, facts=whole, country="KZ", hours=hours,
    )  # fmt: skip
    for language, words, provenance in (("en", title, "original"), ("ru", "Одно окно", "human")):
        CourseText.objects.create(
            course=course, language=language, provenance=provenance, revision=revision,
            supplied_by=origin, title=words, summary=words, words={"title": words},
        )  # fmt: skip
    return course


def somebody(email: str, *roles: str, name: str = "", place: str = "hub-astana") -> Person:
    """A person of the node with these roles."""
    made = Person.objects.create_user(email, "correct horse", name=name or email.split("@")[0])
    for role in roles:
        Membership.objects.create(person=made, institution_id=place, role=role)
    return made


@dataclass(frozen=True, slots=True)
class Desk:
    """A training officer, a teacher, an employing body with its officer, and an open cohort."""

    now: datetime
    officer: Person
    teacher: Person
    nominator: Person
    employer: int
    course: Course
    cohort: UUID

    def nominate(self, email: str, *, name: str = "", **changes: object) -> UUID:
        """Nominate somebody; the enrolment's id."""
        said: dict[str, object] = {
            "email": email,
            "name": name or email.split("@")[0].title(),
            "language": "ru",
            "employer_id": self.employer,
            "document": "12-k",
            "category": "specialist",
            "appointed_on": None,
        }
        return enrolling.nominate(
            cohort_id=self.cohort,
            nomination=Nomination(**(said | changes)),  # type: ignore[arg-type]
            by=self.nominator,
            today=timezone.localdate(self.now),
            now=self.now,
        )

    def admit(self, *enrolments: UUID) -> tuple[int, int]:
        """Admit these."""
        return enrolling.admit(
            cohort_id=self.cohort, enrolment_ids=enrolments, by=self.teacher, now=self.now
        )

    def session(self, **changes: object) -> UUID:
        """A session of two academic hours on the first day."""
        begins = datetime.combine(STARTS, datetime.min.time(), self.now.tzinfo) + timedelta(hours=5)
        said: dict[str, object] = {
            "title": "Opening",
            "starts_at": begins,
            "ends_at": begins + timedelta(minutes=90),
            "form": "in_person",
            "place": "Room 12",
            "link": "",
            "group": "",
        }
        return sessions.add_session(
            cohort_id=self.cohort,
            fields=SessionFields(**(said | changes)),  # type: ignore[arg-type]
            by=self.teacher,
            now=self.now,
        )

    def move(self, to: str, **more: str) -> None:
        """Move the cohort on."""
        cohorts.move_cohort(cohort_id=self.cohort, to=to, by=self.teacher, now=self.now, **more)


def fields(**changes: object) -> CohortFields:
    """What is said of the cohort, with changes."""
    said: dict[str, object] = {
        "name": "Winter 2026",
        "programme": "upgrading",
        "languages": ("ru", "en"),
        "starts_on": STARTS,
        "ends_on": ENDS,
        "capacity": 2,
        "place": "Astana, Abay avenue 33",
        "link": "https://meet.example.org/winter",
    }
    return CohortFields(**(said | changes))  # type: ignore[arg-type]


def desk(
    academy: Institution, now: datetime, *, course: Course | None = None, **changes: object
) -> Desk:
    """An open cohort of two places with the people around it."""
    course = course or a_course(now)
    officer = somebody("officer@hub.example", "training_office", name="Olga Officer")
    teacher = somebody("teacher@hub.example", "teacher", name="Timur Teacher")
    nominator = somebody("cadres@ministry.example", "reader", name="Nargis Nominator")
    employer = employers.add_employer(
        institution_id=academy.id, name="Ministry of Justice", by=officer, now=now
    )
    EmployerOfficer.objects.create(employer_id=employer, person=nominator)
    cohort = cohorts.open_cohort(
        course_id=course.pk, institution_id=academy.id, fields=fields(**changes), by=teacher,
        now=now,
    )  # fmt: skip
    cohorts.move_cohort(cohort_id=cohort, to="open", by=teacher, now=now)
    return Desk(now, officer, teacher, nominator, employer, course, cohort)
