"""What the API answers of courses: plain values by name; words in one language each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from chorsu.api import facts
from chorsu.api.answers import (
    PracticeFile,
    PracticeWords,
    file_line,
    page_of,
    told,
    warning_about,
    words_of,
)
from chorsu.exchange.queries import peers_set_aside
from chorsu.records.shapes import TextView
from chorsu.training.shapes.courses import CourseCard, CourseView

CourseWarning = Annotated[str | None, Field(description=warning_about("the course"))]


class CourseLine(Schema):
    """A course in a list. Title and summary are in `text_language`."""

    id: str
    url: str = Field(description="Its page for people")
    origin: str = Field(description="Name of the node that published it")
    institution: str = Field(description="Id of the institution that published it")
    revision: int
    original_language: str
    languages: list[str] = Field(description="Languages in which there is a text")
    published_at: datetime
    updated_at: datetime
    country: str
    themes: facts.Themes
    hours: int = Field(description="Academic hours of 45 minutes, of all forms")
    text_language: str
    provenance: str = Field(description="original, human, edited or machine")
    stale: bool = Field(description="The original has moved on since this text was made")
    title: str
    summary: str
    warning: CourseWarning


class CoursePage(Schema):
    """A stretch of a list; `next_cursor` is null at its end."""

    items: list[CourseLine]
    next_cursor: str | None


class Competence(Schema):
    """A competence and the level that a learner is brought to."""

    code: str
    level: int = Field(ge=1, le=4)


class Hours(Schema):
    """Academic hours of 45 minutes by form."""

    in_person: int
    live: int
    self_study: int


class Assessment(Schema):
    """What it takes to pass; percents, 0: nothing of that sort."""

    pass_percent: int
    attendance_percent: int
    required_units: list[str] = Field(description="Keys of units")


class CourseSource(Schema):
    """The course that a course began as a copy of."""

    course: str
    revision: int
    origin: str


class Unit(Schema):
    """A unit of the outline; its words are `units.<key>.title` and so on."""

    key: str
    kind: str = Field(
        description="reading, video, quiz, assignment, live, survey, tool or lab; newer nodes may "
        "know others"
    )
    minutes: int
    practice: str = Field(description="Id of the practice that it shows, or empty")


class Module(Schema):
    """A part of a course, with its units in order."""

    key: str
    units: list[Unit]


class CourseFacts(Schema):
    """What needs no language."""

    themes: facts.Themes
    competences: list[Competence]
    positions: list[str] = Field(description="Categories of positions that it is meant for")
    hours: Hours
    prerequisites: list[str] = Field(description="Ids of courses")
    assessment: Assessment
    valid_months: int = Field(description="Of the certificate; 0: without end")
    forked_from: CourseSource | None
    modules: list[Module]
    terms: list[str] = Field(description="Keys of the glossary")


class CourseWords(PracticeWords):
    """A course in one language; words of rows are `<group>.<key>.<name>`."""

    words: dict[str, str]


class Course(Schema):
    """A course with all its texts, the original first; `facts` need no language."""

    id: str
    url: str
    origin: str
    institution: str
    revision: int
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    facts: CourseFacts
    texts: list[CourseWords]
    files: list[PracticeFile]
    warning: CourseWarning


def course_lines(cards: Sequence[CourseCard]) -> list[CourseLine]:
    """Cards as the API gives them. One query where a peer's course or text is among them."""
    aside = peers_set_aside(name for one in cards for name in (one.origin, one.supplied_by))
    return [_line(card, aside) for card in cards]


def course_whole(view: CourseView, texts: Sequence[TextView]) -> Course:
    """A course as the API gives it. One query where a peer has published it."""
    aside = peers_set_aside([view.origin])
    return Course(
        id=view.id,
        url=page_of("course", view.id),
        origin=view.origin,
        institution=view.institution_id,
        revision=view.revision,
        licence=view.licence,
        original_language=view.original_language,
        published_at=view.published_at,
        updated_at=view.updated_at,
        facts=CourseFacts.model_validate(view.facts),
        texts=[CourseWords(**words_of(text, aside).model_dump()) for text in texts],
        files=[file_line(file) for file in view.files if file.erased is None],
        warning=told(aside, view.origin),
    )


def _line(card: CourseCard, aside: Collection[str]) -> CourseLine:
    return CourseLine(
        id=card.id,
        url=page_of("course", card.id),
        origin=card.origin,
        institution=card.institution_id,
        revision=card.revision,
        original_language=card.original_language,
        languages=list(card.languages),
        published_at=card.published_at,
        updated_at=card.updated_at,
        country=card.country,
        themes=list(card.themes),
        hours=card.hours,
        text_language=card.text_language,
        provenance=card.provenance,
        stale=card.stale,
        title=card.title,
        summary=card.summary,
        warning=told(aside, card.origin, card.supplied_by),
    )
