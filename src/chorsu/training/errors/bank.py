"""What can go wrong with a bank of questions."""

from __future__ import annotations

from chorsu.institutions.errors import EditConflict
from chorsu.training.items import Item


class NoSuchQuestion(LookupError):  # noqa: N818 - says what is wrong
    """There is no such question or import in this bank."""


class NoSuchBank(LookupError):  # noqa: N818 - says what is wrong
    """There is no such course or draft of this node."""


class QuestionConflict(EditConflict):
    """Somebody else saved the question in between; nothing was changed. `current` is theirs."""

    def __init__(self, current: Item) -> None:
        super().__init__(current.version)
        self.current = current
