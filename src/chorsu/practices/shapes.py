"""What queries and actions hand out: frozen values, no rows of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.practices.rules import Facts, Words
from chorsu.records.shapes import (
    CommentView,
    ErasedView,
    FileView,
    OfferedRecord,
    RecordCard,
    RecordView,
    TextView,
    VersionLine,
)


@dataclass(frozen=True, slots=True)
class PracticeView(RecordView):
    """A practice as its page shows it."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class OfferedPractice(OfferedRecord):
    """One's own public practice for the rest of the world."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class PracticeCard(RecordCard):
    """A practice in a list."""

    level: str
    status: str
    goals: Sequence[int]
    year_from: int | None
    year_to: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `next_cursor` is empty at the end."""

    items: Sequence[PracticeCard]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of practices is narrowed to; empty: not narrowed. A year: it ran in that year."""

    theme: str = ""
    goal: int | None = None
    country: str = ""
    institution: str = ""
    level: str = ""
    language: str = ""
    year: int | None = None
    status: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Visible practices by facet; a practice counts once in `total`, in `year` in every
    year in which it ran, up to this one.
    """

    total: int
    theme: Mapping[str, int]
    goal: Mapping[str, int]
    country: Mapping[str, int]
    institution: Mapping[str, int]
    level: Mapping[str, int]
    language: Mapping[str, int]
    year: Mapping[str, int]
    status: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One revision in a history; `is_here` is False if this node never had its words.

    `is_closed`: it was published to the network, and this reader may not read it. `erased`: why
    its words are gone.
    """

    revision: int
    published_at: datetime
    note: str
    is_here: bool
    is_closed: bool
    erased: ErasedView | None


@dataclass(frozen=True, slots=True)
class NewestRevision:
    """When a practice's original last changed, by its origin's clock, and what it is called."""

    revision: int
    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class RevisionView(RevisionLine):
    """What one revision's original said."""

    language: str
    facts: Facts
    words: Words


@dataclass(frozen=True, slots=True)
class Beginning:
    """The practice of one's own institution with whose text a draft of a new one is begun."""

    practice_id: str
    institution_id: str
    revision: int
    language: str
    title: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a work list. A title that is refused for now still says what it is."""

    id: str
    institution_id: str
    state: str
    version: int
    based_on: int
    language: str
    title: str
    saved_by: str
    saved_at: datetime
    open_comments: int
    began: Beginning | None


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its page shows it. `based_on` is the published revision; 0: not yet published.

    `refused`: what was typed and the rules refuse, by path (`rules.with_refused`).
    """

    id: str
    institution_id: str
    state: str
    version: int
    based_on: int
    language: str
    audience: str
    licence: str
    note: str
    facts: Facts
    words: Words
    refused: Mapping[str, str]
    began: Beginning | None
    created_by: str
    saved_by: str
    created_at: datetime
    saved_at: datetime
    files: Sequence[FileView]
    comments: Sequence[CommentView]


@dataclass(frozen=True, slots=True)
class DraftVersionView(VersionLine):
    """What an earlier save of a draft said."""

    words: Words
    facts: Facts
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TranslationView:
    """A translation beside what it is made from.

    `version` is 0 before the first save. `source` is the original as published now. `words` are
    those in work, or else the published text's, or none. `published` is the text readers have.
    """

    practice_id: str
    language: str
    version: int
    provenance: str
    translated_by: str
    revision: int
    words: Words
    saved_by: str
    saved_at: datetime | None
    source: TextView
    published: TextView | None
