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
from chorsu.training.models.courses import Course, CourseRevision, CourseText
from chorsu.training.models.ledger import Achievement, PersonalCalendar, Recognition

__all__ = [
    "Achievement",
    "Attendance",
    "Cohort",
    "CohortTeacher",
    "Course",
    "CourseRevision",
    "CourseText",
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
