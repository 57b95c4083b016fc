"""A small node's cohort: running, with learners in every state, and what its pages need."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from chorsu.institutions.models import Institution, Membership, Person
from chorsu.training.actions import cohorts, employers, enrolling, importing, messaging, sessions
from chorsu.training.actions.employers import AchievementFields, RecognitionFields
from chorsu.training.actions.enrolling import Nomination
from chorsu.training.actions.nomination_files import add_nomination_file
from chorsu.training.models import EmployerOfficer, MessageCopy, NominationFile
from chorsu.training.queries.calendars import cohort_token
from chorsu.training.rules.cohort_fields import CohortFields, SessionFields
from chorsu.training.rules.fields import Hours
from tests.training.cohorts.factory import a_course

NAMES = ("Айгүл Сыдыкова", "李明", "Dilnoza Karimova", "Фарҳод Раҳимов", "Ogulgerek Annaýewa")


def cohort(academy: Institution, editor: Person, officer: Person, now: datetime) -> dict[str, str]:
    """The administrator teaches and answers for training; the editor nominates, learns too."""
    for role in ("teacher", "training_office"):
        Membership.objects.create(person=officer, institution=academy, role=role)
    officer = Person.objects.get(pk=officer.pk)  # what they held before is remembered
    at = {"by": officer, "now": now}
    starts = now.date() + timedelta(days=14)
    course = a_course(now, title="Digital services for citizens", assessment={
        "pass_percent": 60, "attendance_percent": 80, "required_units": [],
    })  # fmt: skip
    employer = employers.add_employer(institution_id=academy.id, name="Ministry of Justice", **at)
    EmployerOfficer.objects.create(employer_id=employer, person=editor)
    made = cohorts.open_cohort(
        course_id=course.pk,
        institution_id=academy.id,
        fields=CohortFields(
            "Зимний поток 2026", "upgrading", ("kk", "ru"), starts, starts + timedelta(days=11), 3,
            "Astana, Abay avenue 33", "https://meet.example.org/winter",
        ),
        **at,
    )  # fmt: skip
    cohorts.move_cohort(cohort_id=made, to="open", **at)
    own = _nominated(made, "", len(NAMES), employer, at, email=editor.email)
    people = [_nominated(made, name, number, employer, at) for number, name in enumerate(NAMES)]
    add_nomination_file(
        enrolment_id=people[3], upload=BytesIO(b"Order 12-k of the ministry"),
        name="order 12-k.txt", **at,
    )  # fmt: skip
    enrolling.admit(cohort_id=made, enrolment_ids=[own, *people[:3]], **at)
    enrolling.decline(enrolment_id=people[4], reason="No order came with it.", **at)
    enrolling.set_group(cohort_id=made, enrolment_ids=people[:2], group="North", **at)
    record = {"email": "wrong", "name": "X", "document": "1", "category": "wizard"}
    preview = importing.keep_table(
        cohort_id=made, file_name="nominations-june.xlsx", records=[record], **at
    )
    first, second = _sessions(made, starts, now, at)
    sessions.mark(session_id=first, states={own: "present", people[0]: "absent"}, **at)
    lists = {
        "people-import": importing.keep_table(
            institution_id=academy.id, file_name="сотрудники.xlsx",
            records=[{"email": "new@hub.example", "name": "Новая", "roles": "wizard"}], **at,
        ),
        "list-import": importing.keep_table(
            session_id=first, file_name="list.csv",
            records=[{"email": "learner0@ministry.example", "state": "present"}], **at,
        ),
    }  # fmt: skip
    sessions.open_code(session_id=second, **at)
    messaging.write(
        cohort_id=made, subject="Зал 12", text="Начинаем в девять.\nВозьмите паспорт.",
        language="ru", **at,
    )  # fmt: skip
    cohorts.move_cohort(cohort_id=made, to="running", **at)
    enrolling.set_result(enrolment_id=people[1], percent=Decimal("87.5"), passed=True, **at)
    return {
        "cohort": str(made),
        "session": str(first),
        "screen": str(second),
        "learner": str(people[0]),
        "nominated": str(people[3]),
        "nomination-file": str(NominationFile.objects.get().pk),
        "own-enrolment": str(own),
        "import": str(preview),
        **{name: str(key) for name, key in lists.items()},
        "employer": str(employer),
        "message": str(MessageCopy.objects.get(person=editor).pk),
        "calendar-token": cohort_token(made, 1),
        **_elsewhere(academy, editor, now, at),
    }


def _nominated(
    cohort_id: UUID, name: str, number: int, employer: int, at: dict[str, object], email: str = ""
) -> UUID:
    by, now = at["by"], at["now"]
    assert isinstance(by, Person)
    assert isinstance(now, datetime)
    return enrolling.nominate(
        cohort_id=cohort_id,
        nomination=Nomination(
            email or f"learner{number}@ministry.example", name, "ru", employer, f"12-k/{number}",
            "specialist", date(2026, 9, 1),
        ),
        by=by, today=now.date(), now=now,
    )  # fmt: skip


def _sessions(
    cohort_id: UUID, starts: date, now: datetime, at: dict[str, object]
) -> tuple[UUID, UUID]:
    begins = datetime.combine(starts, datetime.min.time(), now.tzinfo) + timedelta(hours=5)
    made = [
        sessions.add_session(
            cohort_id=cohort_id,
            fields=SessionFields(
                title, begins + timedelta(days=day), begins + timedelta(days=day, minutes=90), form,
                "Room 12", link, group,
            ),
            **at,  # type: ignore[arg-type]
        )
        for day, (title, form, link, group) in enumerate(
            (
                ("Открытие", "in_person", "", ""),
                ("Services across borders", "live", "https://meet.example.org/winter", ""),
                ("Work in groups", "in_person", "", "North"),
            )
        )
    ]  # fmt: skip
    return made[0], made[1]


def _elsewhere(
    academy: Institution, person: Person, now: datetime, at: dict[str, object]
) -> dict[str, str]:
    rule = employers.add_recognition(
        institution_id=academy.id,
        fields=RecognitionFields(
            "cn-nag", None, "", "", 50, 40, date(2026, 1, 1), None, "Agreement 5/2026"
        ),
        **at,  # type: ignore[arg-type]
    )
    hours = Hours(in_person=30, live=0, self_study=10)
    documents = [
        employers.add_achievement(
            person=person,
            fields=AchievementFields(issuer, None, title, number, date(2026, 5, 1), hours),
            today=now.date(),
            **at,  # type: ignore[arg-type]
        )
        for issuer, title, number in (
            ("cn-nag", "数字政府", "CN-77"),
            ("uz-apa", "Elektron hukumat", "UZ-12"),
        )
    ]
    return {"recognition": str(rule), "document": str(documents[0])}
