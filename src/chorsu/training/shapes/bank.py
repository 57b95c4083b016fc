"""What a bank of questions answers: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.training.formats.questions import Found, Trouble
from chorsu.training.items import Item


@dataclass(frozen=True, slots=True)
class BankPlace:
    """The course a bank belongs to: `title` in its original language; `is_own`: may be edited."""

    course_id: str
    institution_id: str
    title: str
    language: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class LanguageOfItem:
    """How a question stands in a language: `complete`, `partial`, `stale` or empty for none."""

    language: str
    state: str
    provenance: str


@dataclass(frozen=True, slots=True)
class BankLine:
    """A question in a list, told by its title or the beginning of its stem."""

    item: str
    version: int
    type: str
    competence: str
    difficulty: int
    points: str
    title: str
    title_language: str
    retired: bool
    languages: Sequence[LanguageOfItem]


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as its editor has it."""

    item: Item
    course_id: str
    retired: bool
    saved_by: str
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class OldTrouble:
    """A trouble of a file that was read before codes said what it is: `detail` says it in English,
    `code` one of `unreadable`, `too_large`, `unsupported`, `scoring`, `invalid`, `other_language`.
    """

    place: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """A file of questions that waits to be kept."""

    id: str
    course_id: str
    name: str
    competence: str
    found: Sequence[Found]
    troubles: Sequence[Trouble | OldTrouble]
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NewText:
    """Words of a question in one language as they were typed; `confirmed`: looked at, and still
    right though the original has changed since.
    """

    words: Mapping[str, object]
    provenance: str = "human"
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class SharedBankView:
    """A published bank: whose it is, and of which course. `count` questions in `revision`."""

    id: str
    course_id: str
    origin: str
    institution_id: str
    title: str
    title_language: str
    revision: int
    count: int


@dataclass(frozen=True, slots=True)
class BankTaken:
    """A published bank and a cohort. `revision`: taken, 0 if none; `newest`: what it could take
    now, 0 if the bank was withdrawn; `count`: how many questions it may be asked of what it took.
    """

    bank: SharedBankView
    revision: int
    newest: int
    count: int


@dataclass(frozen=True, slots=True)
class SharingView:
    """How a course's questions stand in the log. `revision` 0: they were never published.

    `count` and `course_revision` of what was published last; `drawn`: how many would be now;
    `same`: exactly these are published.
    """

    revision: int
    course_revision: int
    published_at: datetime | None
    withdrawn_at: datetime | None
    count: int
    drawn: int
    same: bool

    @property
    def is_shared(self) -> bool:
        """Whether other academies have them now."""
        return self.revision > 0 and self.withdrawn_at is None
