"""Tables of training; private to the package."""

from chorsu.training.models.attempts import (
    Answer,
    AnswerFile,
    AnswerMark,
    Attempt,
    ExtraTime,
    Mark,
    Submission,
)
from chorsu.training.models.attendance import Attendance, Session, WrongCodes
from chorsu.training.models.bank import BankItem, BankPicture, QuestionImport
from chorsu.training.models.cartridges import CartridgeImport
from chorsu.training.models.certificates import (
    Certificate,
    Commitment,
    DocumentCounter,
    IssueWork,
    StatusList,
    StatusPosition,
)
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
    NominationFile,
)
from chorsu.training.models.courses import (
    Course,
    CourseFile,
    CourseRevision,
    CourseText,
    RevisionText,
)
from chorsu.training.models.drafts import (
    CourseComment,
    CourseDraft,
    CourseDraftText,
    CourseDraftVersion,
    CourseTranslation,
)
from chorsu.training.models.learning import SurveyAnswer, UnitState
from chorsu.training.models.ledger import (
    Achievement,
    BroughtCertificate,
    PersonalCalendar,
    Recognition,
    ReportedResult,
    RetentionPeriod,
)
from chorsu.training.models.outside import OutsideResult
from chorsu.training.models.remembering import Reminding, Review, ReviewCard
from chorsu.training.models.shared import CohortQuestions, SharedBank, SharedBankRevision
from chorsu.training.models.telling import Statement

__all__ = [
    "Achievement",
    "Answer",
    "AnswerFile",
    "AnswerMark",
    "Attempt",
    "Attendance",
    "BankItem",
    "BankPicture",
    "BroughtCertificate",
    "CartridgeImport",
    "Certificate",
    "Cohort",
    "CohortQuestions",
    "CohortTeacher",
    "Commitment",
    "Course",
    "CourseComment",
    "CourseDraft",
    "CourseDraftText",
    "CourseDraftVersion",
    "CourseFile",
    "CourseRevision",
    "CourseText",
    "CourseTranslation",
    "DocumentCounter",
    "Employer",
    "EmployerOfficer",
    "Enrolment",
    "ExtraTime",
    "Form",
    "Import",
    "IssueWork",
    "Mark",
    "Message",
    "MessageCopy",
    "NominationFile",
    "OutsideResult",
    "PersonalCalendar",
    "QuestionImport",
    "Recognition",
    "Reminding",
    "ReportedResult",
    "RetentionPeriod",
    "Review",
    "ReviewCard",
    "RevisionText",
    "Session",
    "SharedBank",
    "SharedBankRevision",
    "Statement",
    "StatusList",
    "StatusPosition",
    "Submission",
    "SurveyAnswer",
    "UnitState",
    "WrongCodes",
]
