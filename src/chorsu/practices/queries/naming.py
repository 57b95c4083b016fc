"""Where practices name blobs."""

from __future__ import annotations

from chorsu.practices.models import Practice, PracticeFile
from chorsu.records.naming import Places, by_column


def places() -> Places:
    """Every column of this package that keeps a blob here."""
    return {**by_column(PracticeFile, "sha256"), **by_column(Practice, "blob")}
