"""Tables of training; private to the package."""

from chorsu.training.models.cohorts import Cohort, Enrolment
from chorsu.training.models.courses import Course, CourseFile, CourseRevision, CourseText
from chorsu.training.models.drafts import CourseDraft, CourseDraftVersion, CourseTranslation

__all__ = [
    "Cohort",
    "Course",
    "CourseDraft",
    "CourseDraftVersion",
    "CourseFile",
    "CourseRevision",
    "CourseText",
    "CourseTranslation",
    "Enrolment",
]
