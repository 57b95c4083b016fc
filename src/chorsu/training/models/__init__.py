"""Tables of training; private to the package."""

from chorsu.training.models.attempts import Answer, Attempt, ExtraTime, Mark, Submission
from chorsu.training.models.bank import BankItem, QuestionImport
from chorsu.training.models.cohorts import Cohort, Enrolment
from chorsu.training.models.courses import Course, CourseFile, CourseRevision, CourseText
from chorsu.training.models.drafts import CourseDraft, CourseDraftVersion, CourseTranslation
from chorsu.training.models.learning import SurveyAnswer, UnitState
from chorsu.training.models.remembering import Reminding, Review, ReviewCard

__all__ = [
    "Answer",
    "Attempt",
    "BankItem",
    "Cohort",
    "Course",
    "CourseDraft",
    "CourseDraftVersion",
    "CourseFile",
    "CourseRevision",
    "CourseText",
    "CourseTranslation",
    "Enrolment",
    "ExtraTime",
    "Mark",
    "QuestionImport",
    "Reminding",
    "Review",
    "ReviewCard",
    "Submission",
    "SurveyAnswer",
    "UnitState",
]
