"""All that training keeps on one person, for them to take away; each kind of data has its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from django.db.models import Model

from chorsu.institutions.models import Person
from chorsu.training.models import (
    Achievement,
    Answer,
    Attempt,
    Attendance,
    CohortTeacher,
    EmployerOfficer,
    Enrolment,
    ExtraTime,
    Mark,
    Message,
    MessageCopy,
    PersonalCalendar,
    Reminding,
    Review,
    ReviewCard,
    Submission,
    SurveyAnswer,
    UnitState,
    WrongCodes,
)

Row = dict[str, object]


def everything_on(person: Person) -> dict[str, object]:
    """A JSON object: who the person is here, and each kind of data as a list of objects.

    Times are ISO 8601 with their zone, days `2026-11-24`.
    """
    told: dict[str, object] = {
        "person": {
            "email": person.email,
            "name": person.name,
            "languages": list(person.languages),
            "since": _plain(person.created_at),
        }
    }
    told |= {kind: read(person) for kind, read in KINDS.items()}
    return told | {kind: _columns(model, path, person) for kind, (model, path) in ROWS.items()}


def _enrolments(person: Person) -> list[Row]:
    rows = Enrolment.objects.filter(person=person).select_related("cohort", "employer")
    names = (
        "state", "document", "category", "appointed_on", "group", "reason", "created_at",
        "result_percent", "result_at", "result_document", "in_person", "live", "self_study",
    )  # fmt: skip
    return [
        {
            "cohort": row.cohort.name,
            "course": str(row.cohort.course_id),
            "employer": row.employer.name if row.employer else "",
            **_members(row, *names),
        }
        for row in rows.order_by("created_at", "id")
    ]


def _attendance(person: Person) -> list[Row]:
    rows = Attendance.objects.filter(enrolment__person=person).select_related("session")
    return [
        {
            "session": row.session.title,
            "starts_at": _plain(row.session.starts_at),
            **_members(row, "state", "source", "marked_at"),
        }
        for row in rows.order_by("session__starts_at", "id")
    ]


def _achievements(person: Person) -> list[Row]:
    names = ("issuer", "title", "document", "issued_on", "in_person", "live", "self_study")
    return [_members(row, *names) for row in Achievement.objects.filter(person=person)]


def _messages_got(person: Person) -> list[Row]:
    rows = MessageCopy.objects.filter(person=person).select_related("message__cohort")
    return [
        {
            "cohort": row.message.cohort.name,
            "subject": row.message.subject,
            "text": row.message.text,
            "sent_at": _plain(row.sent_at),
        }
        for row in rows.order_by("id")
    ]


def _messages_written(person: Person) -> list[Row]:
    rows = Message.objects.filter(author=person).select_related("cohort")
    return [
        {"cohort": row.cohort.name, **_members(row, "subject", "text", "created_at")}
        for row in rows.order_by("id")
    ]


def _teaches(person: Person) -> list[Row]:
    rows = CohortTeacher.objects.filter(person=person).select_related("cohort")
    return [{"cohort": row.cohort.name} for row in rows.order_by("id")]


def _nominates_for(person: Person) -> list[Row]:
    rows = EmployerOfficer.objects.filter(person=person).select_related("employer")
    return [{"employer": row.employer.name} for row in rows.order_by("id")]


KINDS: Mapping[str, Callable[[Person], list[Row]]] = MappingProxyType(
    {
        "enrolments": _enrolments,
        "attendance": _attendance,
        "training_elsewhere": _achievements,
        "messages_received": _messages_got,
        "messages_written": _messages_written,
        "teaches": _teaches,
        "nominates_for": _nominates_for,
    }
)


# What is told as it is stored: the model, and the way from it to the person.
ROWS: Mapping[str, tuple[type[Model], str]] = MappingProxyType(
    {
        "units": (UnitState, "enrolment__person"),
        "attempts": (Attempt, "enrolment__person"),
        "answers": (Answer, "attempt__enrolment__person"),
        "extra_time": (ExtraTime, "enrolment__person"),
        "submissions": (Submission, "enrolment__person"),
        "marks": (Mark, "submission__enrolment__person"),
        "survey_answers": (SurveyAnswer, "enrolment__person"),
        "review_cards": (ReviewCard, "enrolment__person"),
        "reviews": (Review, "card__enrolment__person"),
        "reminders": (Reminding, "person"),
        "calendars": (PersonalCalendar, "person"),
        "wrong_codes": (WrongCodes, "enrolment__person"),
    }
)


def _columns(model: type[Model], path: str, person: Person) -> list[Row]:
    """The rows of a model that are about the person; other people's numbers are left out."""
    told = [
        field.attname for field in model._meta.concrete_fields if field.related_model is not Person
    ]
    rows = model._default_manager.filter(**{path: person}).order_by("pk")
    return [_members(row, *told) for row in rows]


def _members(row: Model, *names: str) -> Row:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    kept = value is None or isinstance(value, str | int | float | list | dict)
    return value if kept else str(value)
