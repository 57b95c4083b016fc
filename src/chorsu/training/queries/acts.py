"""What a person did in training for others: taught, marked, issued, wrote.

What it was done to is another person's, and theirs to take away: here stand the day, the words and
the place alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import Model

from chorsu.institutions.models import Person
from chorsu.institutions.personal import Row, columns
from chorsu.training.models import (
    Achievement,
    AnswerMark,
    Attendance,
    BankItem,
    CartridgeImport,
    Certificate,
    CourseDraft,
    CourseDraftVersion,
    CourseTranslation,
    Enrolment,
    ExtraTime,
    Import,
    IssueWork,
    Mark,
    NominationFile,
    QuestionImport,
    RetentionPeriod,
)

# The model, the ways from it to the person, and the columns that are told; none named: all.
ACTS: Mapping[str, tuple[type[Model], tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "courses_begun": (CourseDraft, ("created_by",), ("id", "institution_id", "created_at")),
        "courses_in_work": (CourseDraft, ("saved_by",), ()),
        "saves_of_courses": (CourseDraftVersion, ("saved_by",), ()),
        "translations_of_courses": (CourseTranslation, ("saved_by",), ()),
        "questions_written": (BankItem, ("saved_by",), ()),
        "cartridges_read_in": (CartridgeImport, ("made_by",), ("name", "made_at")),
        "questions_read_in": (
            QuestionImport, ("made_by",), ("course_id", "name", "made_at"),
        ),
        "nominations": (Enrolment, ("nominated_by",), ("cohort_id", "created_at")),
        "documents_added": (NominationFile, ("added_by",), ("added_at",)),
        "imports": (Import, ("by",), ("file_name", "state", "taken", "created_at")),
        "attendance_entered": (
            Attendance, ("marked_by",), ("session_id", "source", "marked_at"),
        ),
        "marks_given": (Mark, ("marker",), ("points", "comment", "marked_at")),
        "marks_given_in_quizzes": (AnswerMark, ("marker",), ("points", "marked_at")),
        "extra_time_given": (ExtraTime, ("given_by",), ("percent", "given_at")),
        "training_entered": (Achievement, ("entered_by",), ("issuer", "entered_at")),
        "certificates_asked": (IssueWork, ("asked_by",), ("cohort_id", "asked_at")),
        "certificates_issued": (Certificate, ("issued_by",), ("institution_id", "issued_at")),
        "certificates_ended": (
            Certificate, ("ended_by",), ("institution_id", "why", "ended_at"),
        ),
        "retention_set": (
            RetentionPeriod, ("set_by",), ("institution_id", "what", "months", "set_at"),
        ),
    }
)  # fmt: skip


def acts_of(person: Person) -> dict[str, list[Row]]:
    """Each kind of act with its rows. A query each."""
    return {
        kind: columns(model, paths, person, *names) for kind, (model, paths, names) in ACTS.items()
    }
