"""What can go wrong with practices; each class says it in its docstring."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.errors import EditConflict
from chorsu.practices.shapes import DraftView, TranslationView


class NoSuchPractice(LookupError):  # noqa: N818 - says what is wrong
    """There is no such practice, revision or text, or the reader may not know of it."""


class NoSuchDraft(LookupError):  # noqa: N818 - says what is wrong
    """There is no such draft, comment or file of one: it was published or discarded."""


class PracticeWithdrawn(Exception):  # noqa: N818 - says what is wrong
    """The practice was withdrawn; what it said is no longer shown."""

    def __init__(self, practice_id: str, institution_id: str, at: datetime, reason: str) -> None:
        super().__init__(f"{practice_id} was withdrawn")
        self.practice_id = practice_id
        self.institution_id = institution_id
        self.at = at
        self.reason = reason


class NotOwnPractice(Exception):  # noqa: N818 - says what is wrong
    """The practice belongs to another node: only its origin may change or withdraw it."""


class DraftConflict(EditConflict):
    """Somebody else saved the draft in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: DraftView) -> None:
        super().__init__(current.version)
        self.current = current


class TranslationConflict(EditConflict):
    """Somebody else saved the translation in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: TranslationView) -> None:
        super().__init__(current.version)
        self.current = current
