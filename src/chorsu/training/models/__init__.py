"""Tables of training; private to the package."""

from chorsu.training.models.certificates import (
    Certificate,
    Commitment,
    DocumentCounter,
    IssueWork,
    StatusList,
    StatusPosition,
)
from chorsu.training.models.cohorts import Cohort, Enrolment
from chorsu.training.models.courses import Course, CourseRevision, CourseText

__all__ = [
    "Certificate",
    "Cohort",
    "Commitment",
    "Course",
    "CourseRevision",
    "CourseText",
    "DocumentCounter",
    "Enrolment",
    "IssueWork",
    "StatusList",
    "StatusPosition",
]
