"""What the API answers of courses: plain values by name; words in one language each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ninja import Schema
from pydantic import Field

from chorsu.api import facts
from chorsu.api.answers import (
    PracticeWords,
    RecordLine,
    RecordWhole,
    line_columns,
    whole_columns,
    words_of,
)
from chorsu.exchange.queries import peers_set_aside
from chorsu.records.shapes import TextView
from chorsu.training.shapes.courses import CourseCard, CourseView


class CourseLine(RecordLine):
    """A course in a list. Title and summary are in `text_language`."""

    hours: int = Field(description="Academic hours of 45 minutes, of all forms")


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


class TakenText(Schema):
    """The translation whose words a copy of a course was begun with."""

    language: str
    provenance: str
    translated_by: str


class CourseSource(Schema):
    """The course that a course began as a copy of."""

    course: str
    revision: int
    origin: str
    text: TakenText | None = Field(
        default=None, description="Null: the original's words were taken over"
    )


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


class Course(RecordWhole):
    """A course with all its texts, the original first; `facts` need no language."""

    facts: CourseFacts
    texts: list[CourseWords]


def course_lines(cards: Sequence[CourseCard]) -> list[CourseLine]:
    """Cards as the API gives them. One query where a peer's course or text is among them."""
    aside = peers_set_aside(name for one in cards for name in (one.origin, one.supplied_by))
    return [_line(card, aside) for card in cards]


def course_whole(view: CourseView, texts: Sequence[TextView]) -> Course:
    """A course as the API gives it. One query where a peer has published it."""
    aside = peers_set_aside([view.origin])
    return Course(
        **whole_columns(view, "course", aside),
        facts=CourseFacts.model_validate(view.facts),
        texts=[CourseWords(**words_of(text, aside).model_dump()) for text in texts],
    )


def _line(card: CourseCard, aside: Collection[str]) -> CourseLine:
    return CourseLine(**line_columns(card, "course", aside), hours=card.hours)
