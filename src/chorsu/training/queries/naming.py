"""Where courses and their questions name blobs."""

from __future__ import annotations

from chorsu.records.naming import Places, by_column, in_json
from chorsu.training.models import (
    BankItem,
    BankPicture,
    Course,
    CourseFile,
    QuestionImport,
    SharedBank,
)


def places() -> Places:
    """Every column of this package that keeps a blob here."""
    return {
        **by_column(CourseFile, "sha256"),
        **by_column(BankPicture, "sha256"),
        **by_column(Course, "blob"),
        **by_column(SharedBank, "blob"),
        # A question may show a picture that its bank has no more; one of an import has none yet.
        **in_json(BankItem, "facts", key="pictures"),
        **in_json(QuestionImport, "found"),
    }
