"""Tables of training; private to the package."""

from chorsu.training.models.cohorts import Cohort, Enrolment
from chorsu.training.models.courses import Course, CourseRevision, CourseText

__all__ = ["Cohort", "Course", "CourseRevision", "CourseText", "Enrolment"]
