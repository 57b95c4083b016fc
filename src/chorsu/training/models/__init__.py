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
from chorsu.training.models.courses import Course, CourseFile, CourseRevision, CourseText
from chorsu.training.models.drafts import CourseDraft, CourseDraftVersion, CourseTranslation

__all__ = [
    "Certificate",
    "Cohort",
    "Commitment",
    "Course",
    "CourseDraft",
    "CourseDraftVersion",
    "CourseFile",
    "CourseRevision",
    "CourseText",
    "CourseTranslation",
    "DocumentCounter",
    "Enrolment",
    "IssueWork",
    "StatusList",
    "StatusPosition",
]
