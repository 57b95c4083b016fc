"""All that training keeps on one person, for them to take away; each kind of data has its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.db.models import Model, Prefetch

from chorsu.institutions.models import Person
from chorsu.institutions.personal import Row, about, columns, content_of, members, plain
from chorsu.training.models import (
    Achievement,
    AnswerFile,
    Attempt,
    Attendance,
    BroughtCertificate,
    Certificate,
    CohortTeacher,
    CourseComment,
    EmployerOfficer,
    Enrolment,
    ExtraTime,
    Mark,
    Message,
    MessageCopy,
    NominationFile,
    OutsideResult,
    PersonalCalendar,
    Reminding,
    ReportedResult,
    Review,
    ReviewCard,
    Statement,
    Submission,
    SurveyAnswer,
    UnitState,
    WrongCodes,
)
from chorsu.training.queries.acts import acts_of


def everything_on(person: Person) -> dict[str, object]:
    """For themself, a JSON object: who the person is here, and each kind of data as a list of
    objects, what they did for others among them.

    Times are ISO 8601 with their zone, days `2026-11-24`, files that were handed in base64 (RFC
    4648, section 4).
    """
    return {"person": about(person), **kept_on(person, private=True), **acts_of(person)}


def told_to_others(person: Person) -> dict[str, object]:
    """As `everything_on`, for somebody else: without the `PRIVATE` members, and without what the
    person did for others, which holds courses and questions that are in work.
    """
    return {"person": about(person), **kept_on(person, private=False)}


def kept_on(person: Person, *, private: bool) -> dict[str, list[Row]]:
    """Each kind of data that training keeps on the person; `private`: with those members."""
    told = {kind: read(person) for kind, read in KINDS.items()}
    told |= {kind: columns(model, path, person) for kind, (model, path) in ROWS.items()}
    if not private:
        for kind, member in PRIVATE.items():
            for row in told[kind]:
                del row[member]
    return told


def traces(person: Person) -> list[tuple[str, str]]:
    """By what the audit log names the person's training: pairs of kind and id."""
    mine = Enrolment.objects.filter(person=person)
    certificates = Certificate.objects.filter(enrolment__person=person)
    return [("enrolment", str(one)) for one in mine.values_list("pk", flat=True)] + [
        ("certificate", str(one)) for one in certificates.values_list("pk", flat=True)
    ]


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
            **members(row, *names),
        }
        for row in rows.order_by("created_at", "id")
    ]


def _attendance(person: Person) -> list[Row]:
    rows = Attendance.objects.filter(enrolment__person=person).select_related("session")
    return [
        {
            "session": row.session.title,
            "starts_at": plain(row.session.starts_at),
            **members(row, "state", "source", "marked_at"),
        }
        for row in rows.order_by("session__starts_at", "id")
    ]


def _achievements(person: Person) -> list[Row]:
    names = ("issuer", "title", "document", "issued_on", "in_person", "live", "self_study")
    return [members(row, *names) for row in Achievement.objects.filter(person=person)]


def _brought(person: Person) -> list[Row]:
    rows = BroughtCertificate.objects.filter(person=person)
    return [
        {"file": bytes(row.file).decode(), **members(row, "node", "brought_at", "ended_at")}
        for row in rows
    ]


def _reported(person: Person) -> list[Row]:
    names = (
        "course", "issuer", "starts_on", "ends_on", "state", "final", "in_person", "live",
        "self_study", "percent", "document", "changed_at", "read_at",
    )  # fmt: skip
    rows = ReportedResult.objects.filter(connection__person=person).select_related("connection")
    return [
        {
            "node": row.connection.node,
            "titles": row.titles,
            "signed": bytes(row.note).decode(),
            **members(row, *names),
        }
        for row in rows
    ]


def _outside(person: Person) -> list[Row]:
    rows = OutsideResult.objects.filter(enrolment__person=person).select_related(
        "enrolment__cohort"
    )
    return [
        {
            "cohort": row.enrolment.cohort.name,
            "choices": row.choices,
            **members(row, "unit", "tries", "percent", "comment", "scored_at"),
        }
        for row in rows.order_by("id")
    ]


def _messages_got(person: Person) -> list[Row]:
    rows = MessageCopy.objects.filter(person=person).select_related("message__cohort")
    return [
        {
            "cohort": row.message.cohort.name,
            "kind": row.message.kind,
            "subject": row.message.subject,
            "text": row.message.text,
            "sent_at": plain(row.sent_at),
            "read_at": plain(row.read_at),
        }
        for row in rows.order_by("id")
    ]


def _messages_written(person: Person) -> list[Row]:
    rows = Message.objects.filter(author=person).select_related("cohort")
    return [
        {"cohort": row.cohort.name, **members(row, "kind", "subject", "text", "created_at")}
        for row in rows.order_by("id")
    ]


def _remarks(person: Person) -> list[Row]:
    rows = CourseComment.objects.filter(person=person)
    return [
        {"draft": str(row.draft_id), **members(row, "field", "text", "at", "resolved_at")}
        for row in rows
    ]


def _teaches(person: Person) -> list[Row]:
    rows = CohortTeacher.objects.filter(person=person).select_related("cohort")
    return [{"cohort": row.cohort.name} for row in rows.order_by("id")]


def _nominates_for(person: Person) -> list[Row]:
    rows = EmployerOfficer.objects.filter(person=person).select_related("employer")
    return [{"employer": row.employer.name} for row in rows.order_by("id")]


def _documents(person: Person) -> list[Row]:
    rows = NominationFile.objects.filter(enrolment__person=person).defer("content").order_by("pk")
    return [
        {
            "nomination": str(row.enrolment_id),
            **members(row, "name", "sha256", "added_at"),
            "base64": content_of(row, "content"),
        }
        for row in rows
    ]


def _units(person: Person) -> list[Row]:
    names = ("unit", "position", "done_at", "bookmarked", "note", "seen_at")
    return _of_learner(UnitState, person, *names)


def _surveys(person: Person) -> list[Row]:
    rows = SurveyAnswer.objects.filter(enrolment__person=person).order_by("id")
    return [{"answers": row.answers, **members(row, "unit", "answered_at")} for row in rows]


def _attempts(person: Person) -> list[Row]:
    rows = Attempt.objects.filter(enrolment__person=person)
    files = Prefetch("files", AnswerFile.objects.defer("content").order_by("pk"))
    names = ("unit", "number", "started_at", "handed_in_at", "points", "most_points")
    return [
        {
            **members(row, *names),
            "answers": [
                {
                    "question": one.item,
                    "answer": one.response,
                    **members(one, "saved_at", "points"),
                    "marks": [
                        {"points": mark.points, **members(mark, "marked_at")}
                        for mark in one.marks.all()
                    ],
                }
                for one in row.answers.all()
            ],
            "files": [
                {
                    "question": one.item,
                    **members(one, "name", "sha256", "saved_at"),
                    "base64": content_of(one, "content"),
                }
                for one in row.files.all()
            ],
        }
        for row in rows.prefetch_related("answers__marks", files).order_by("started_at", "id")
    ]


def _work(person: Person) -> list[Row]:
    rows = Submission.objects.filter(enrolment__person=person).defer("file")
    marks = Prefetch("marks", Mark.objects.order_by("id"))
    names = ("unit", "text", "file_name", "saved_at", "handed_in_at", "percent")
    return [
        {
            **members(row, *names),
            "base64": content_of(row, "file"),
            "marks": [
                {"points": mark.points, **members(mark, "comment", "marked_at")}
                for mark in row.marks.all()
            ],
        }
        for row in rows.prefetch_related(marks).order_by("id")
    ]


def _cards(person: Person) -> list[Row]:
    return _of_learner(ReviewCard, person, "unit", "point", "due_at", "reviewed_at")


def _of_learner(kind: type[Model], person: Person, *names: str) -> list[Row]:
    """Rows that hang on the person's enrolments, in the order they were made."""
    rows = kind._default_manager.filter(enrolment__person=person).order_by("id")
    return [members(row, *names) for row in rows]


# A survey is promised to be without names, a note to be the learner's alone: kind -> member.
PRIVATE: Mapping[str, str] = MappingProxyType({"survey_answers": "answers", "units": "note"})
KINDS: Mapping[str, Callable[[Person], list[Row]]] = MappingProxyType(
    {
        "enrolments": _enrolments,
        "attendance": _attendance,
        "training_elsewhere": _achievements,
        "certificates_brought": _brought,
        "results_reported": _reported,
        "labs_and_tools": _outside,
        "messages_received": _messages_got,
        "messages_written": _messages_written,
        "remarks_on_courses": _remarks,
        "teaches": _teaches,
        "nominates_for": _nominates_for,
        "documents_of_nominations": _documents,
        "units": _units,
        "survey_answers": _surveys,
        "attempts": _attempts,
        "work": _work,
        "review_cards": _cards,
    }
)


# What is told as it is stored: the model, and the way from it to the person.
ROWS: Mapping[str, tuple[type[Model], str]] = MappingProxyType(
    {
        "certificates": (Certificate, "enrolment__person"),
        "extra_time": (ExtraTime, "enrolment__person"),
        "outside_results": (OutsideResult, "enrolment__person"),
        "statements": (Statement, "enrolment__person"),
        "reviews": (Review, "card__enrolment__person"),
        "reminders": (Reminding, "person"),
        "calendars": (PersonalCalendar, "person"),
        "wrong_codes": (WrongCodes, "enrolment__person"),
    }
)
