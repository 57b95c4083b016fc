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


class NothingShared(LookupError):  # noqa: N818 - says what is wrong
    """The questions of this course are not published, or were withdrawn already."""


class NotShareable(Exception):  # noqa: N818 - says what is wrong
    """The questions can't be published; `code` says why, and nothing was changed.

    `none`: no quiz of the course draws any; `unaskable`: one lacks what it takes to be asked;
    `too-many`, `too-large`; `personal`: one names a person of this node or their address.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
