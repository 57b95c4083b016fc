"""Courses as pages and flows see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.language.rules import choose
from chorsu.records.fields import Words
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
from chorsu.training.rules.fields import Facts


@dataclass(frozen=True, slots=True)
class CourseView(RecordView):
    """A course as its page shows it."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class OfferedCourse(OfferedRecord):
    """One's own public course for the rest of the world. Of its texts there are the words about it
    and the titles of its outline; what a unit says is in the form that was published.
    """

    facts: Facts


@dataclass(frozen=True, slots=True)
class CourseCard(RecordCard):
    """A course in a list; `hours` of all forms."""

    hours: int


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A stretch of a list; `next_cursor` is empty at the end."""

    items: Sequence[CourseCard]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class CourseFilters:
    """What a list of courses is narrowed to; empty: not narrowed.

    `hours_from` and `hours_to` are academic hours of all forms, both included; None: open.
    `language`: there is a text in it. `position`: a category the course is meant for.
    """

    theme: str = ""
    institution: str = ""
    language: str = ""
    country: str = ""
    competence: str = ""
    position: str = ""
    origin: str = ""
    hours_from: int | None = None
    hours_to: int | None = None


@dataclass(frozen=True, slots=True)
class CourseCounts:
    """Visible courses by facet: code -> number. A course counts once in `total`."""

    total: int
    theme: Mapping[str, int]
    institution: Mapping[str, int]
    language: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CourseRevisionLine:
    """One revision in a change log, newest first; `is_here`: this node has its words.

    `is_closed`: it was for the network, and this reader may not read it. `erased`: why its words
    are gone.
    """

    revision: int
    published_at: datetime
    note: str
    is_here: bool
    is_closed: bool
    erased: ErasedView | None


@dataclass(frozen=True, slots=True)
class TaughtCourse:
    """One revision of a course in all its languages, as a cohort is taught it.

    What its author says never changes; texts that give it are added, by the origin while it is the
    newest, by other nodes at any time. `newest` is the revision that is published now: above
    `revision`, a teacher may take it.
    """

    course_id: str
    origin: str
    institution_id: str
    revision: int
    newest: int
    audience: str
    licence: str
    original_language: str
    facts: Facts
    texts: Mapping[str, TextView]
    files: Sequence[FileView]
    own_words: Mapping[str, Mapping[str, str]]
    """By language what the origin itself says, where another's text is the better one too."""

    @property
    def original(self) -> TextView:
        """The text in the original language."""
        return self.texts[self.original_language]

    def text(self, languages: Sequence[str]) -> TextView:
        """The best text for somebody who reads these languages, best first."""
        return choose(list(self.texts.values()), languages, self.original_language)


@dataclass(frozen=True, slots=True)
class CourseDraftLine:
    """A draft in a work list. `forked_from`: id of the course it began as a copy of, or empty.
    `state` is writing, submitted or returned.
    """

    id: str
    institution_id: str
    state: str
    version: int
    based_on: int
    language: str
    title: str
    forked_from: str
    saved_by: str
    saved_at: datetime
    open_comments: int


@dataclass(frozen=True, slots=True)
class CourseDraftView:
    """A draft as its page shows it. `based_on` is the published revision; 0: not yet published.
    `state` as of `CourseDraftLine`.
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
    created_by: str
    saved_by: str
    created_at: datetime
    saved_at: datetime
    files: Sequence[FileView]
    comments: Sequence[CommentView]


@dataclass(frozen=True, slots=True)
class CourseDraftVersionView(VersionLine):
    """What an earlier save of a draft said."""

    words: Words
    facts: Facts


@dataclass(frozen=True, slots=True)
class CourseTranslationView:
    """A translation beside what it is made from.

    `version` is 0 before the first save. `source` is the original as published now. `words` are
    those in work, or else the published text's, or none; `missing` are the fields that they lack,
    in reading order. `published` is the text readers have.
    """

    course_id: str
    language: str
    version: int
    provenance: str
    translated_by: str
    revision: int
    words: Words
    missing: Sequence[str]
    saved_by: str
    saved_at: datetime | None
    source: TextView
    published: TextView | None


@dataclass(frozen=True, slots=True)
class LanguageState:
    """How complete a course is in one language.

    `fields` is how many the original has, `missing` which of them this language lacks, in reading
    order. `stale`: the text gives an earlier revision. `provenance` is empty if there is no text;
    `supplied_by` is the node that published it.
    """

    language: str
    provenance: str
    supplied_by: str
    stale: bool
    fields: int
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class ShownPractice:
    """A practice that a unit shows live: which unit, and when the course last looked at it."""

    unit: str
    practice_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CourseShowing:
    """A published course of this node that shows practices; its title is the original's."""

    id: str
    title: str
    language: str
    shown: Sequence[ShownPractice]


@dataclass(frozen=True, slots=True)
class CourseWithdrawal:
    """What the feed needs to know of a withdrawal. `translations`: ids of peers' records."""

    course_id: str
    revision: int
    audience: str
    reason: str
    payload: bytes
    translations: Sequence[str]
