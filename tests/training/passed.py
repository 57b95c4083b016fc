"""A course, a cohort of it and people who passed: what certificates are issued from."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.training.models import Cohort, Course, CourseRevision, CourseText, Enrolment
from chorsu.training.rules.fields import Facts, Hours, empty_facts

OFFICER = "issuer@hub.example"
TITLES = {
    "ru": "Основы цифровой трансформации государственных услуг",
    "kk": "Мемлекеттік қызметтерді цифрлық трансформациялау негіздері",
    "zh-Hans": "公共服务数字化转型基础",
    "tk": "Döwlet hyzmatlaryny sanly özgertmegiň esaslary",
    "en": "Foundations of the digital transformation of public services",
}


def facts(**changes: object) -> Facts:
    """Seventy-two hours, two competences, three years."""
    made = empty_facts()
    made["hours"] = Hours(in_person=40, live=12, self_study=20)
    made["competences"] = [
        {"code": "service-design", "level": 3},
        {"code": "data-use", "level": 2},
    ]
    made["assessment"]["pass_percent"] = 60
    made["valid_months"] = 36
    made.update(changes)  # type: ignore[typeddict-item]
    return made


def course(
    academy: Institution,
    now: datetime,
    titles: dict[str, str] | None = None,
    **changes: object,
) -> Course:
    """A published course, in its original Russian and other languages."""
    made = Course.objects.create(
        id=UUID(new_id()), origin=academy.node, institution_id=academy.id, revision=2,
        audience="public", licence="CC-BY-4.0", original_language="ru", published_at=now,
        updated_at=now, arrived_at=now, blob="ab" * 32, facts=facts(**changes), country="KZ",
        hours=72,
    )  # fmt: skip
    said = {
        language: {
            "provenance": "original" if language == "ru" else "human",
            "revision": 2,
            "translated_by": "",
            "translated_on": None,
            "words": {"title": title, "summary": f"{title}.", "aims": "—"},
        }
        for language, title in (titles or TITLES).items()
    }
    for language, text in said.items():
        title = (titles or TITLES)[language]
        CourseText.objects.create(
            course=made, language=language, provenance=text["provenance"], revision=2,
            supplied_by=academy.node, title=title, summary=f"{title}.", words=text["words"],
        )  # fmt: skip
    CourseRevision.objects.create(
        course=made, revision=2, published_at=now, facts=made.facts, texts=said, audience="public"
    )
    return made


def cohort(academy: Institution, now: datetime, of: Course | None = None) -> Cohort:
    """A cohort that has come to its end."""
    return Cohort.objects.create(
        id=UUID(new_id()), course=of or course(academy, now), revision=2, institution=academy,
        name="Autumn 2026", state="finished", languages=["ru", "kk"],
        starts_on=date(2026, 10, 5), ends_on=date(2026, 11, 20), capacity=0, created_at=now,
        changed_at=now,
    )  # fmt: skip


def learner(
    group: Cohort,
    now: datetime,
    name: str = "Айгүл Серікқызы Нұрланова",
    *,
    state: str = "passed",
    result: str | None = "87.50",
) -> Enrolment:
    """Somebody in the cohort."""
    number = Person.objects.count()
    person = Person.objects.create_user(f"learner{number}@hub.example", name=name)
    return Enrolment.objects.create(
        id=UUID(new_id()), cohort=group, person=person, state=state, created_at=now,
        queued_at=now,
        result_percent=None if result is None else Decimal(result),
    )  # fmt: skip


def officer(academy: Institution) -> Person:
    """Who issues the academy's certificates."""
    made = Person.objects.create_user(OFFICER, "correct horse", name="Officer One")
    Membership.objects.create(person=made, institution=academy, role="coordinator")
    return made
