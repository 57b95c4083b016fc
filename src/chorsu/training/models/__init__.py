"""Tables of training; private to the package."""

from chorsu.training.models.attendance import Attendance, Session, WrongCodes
from chorsu.training.models.cohorts import (
    Cohort,
    CohortTeacher,
    Employer,
    EmployerOfficer,
    Enrolment,
    Form,
    Import,
    Message,
    MessageCopy,
)
from chorsu.training.models.courses import Course, CourseFile, CourseRevision, CourseText
from chorsu.training.models.drafts import CourseDraft, CourseDraftVersion, CourseTranslation
from chorsu.training.models.ledger import Achievement, PersonalCalendar, Recognition

__all__ = [
    "Achievement",
    "Attendance",
    "Cohort",
    "CohortTeacher",
    "Course",
    "CourseDraft",
    "CourseDraftVersion",
    "CourseFile",
    "CourseRevision",
    "CourseText",
    "CourseTranslation",
    "Employer",
    "EmployerOfficer",
    "Enrolment",
    "Form",
    "Import",
    "Message",
    "MessageCopy",
    "PersonalCalendar",
    "Recognition",
    "Session",
    "WrongCodes",
]
