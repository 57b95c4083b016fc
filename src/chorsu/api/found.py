"""What the API answers to a question: records of several kinds in one order."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from chorsu.api.answers import Passage, PracticeLine, page_of, passage, practice_lines
from chorsu.api.courses import CourseLine, course_lines
from chorsu.flows.finding import Findings, FoundCourse, FoundForeign
from chorsu.harvested.queries import HarvestedView


class ForeignLine(Schema):
    """A record harvested from a repository outside the network: nobody of it has signed this."""

    id: str
    url: str = Field(description="The page for people, at this node")
    repository: str = Field(description="What the repository calls itself")
    identifier: str = Field(description="The record's identifier at its repository")
    link: str = Field(description="Where it is to be had, or empty")
    title: str
    title_language: str = Field(description="As the repository declares it, or empty")
    datestamp: datetime
    harvested_at: datetime


class Found(Schema):
    """A record that answers, under the name of its kind; the others are null. Scores compare within
    one question only.
    """

    score: float
    practice: PracticeLine | None = None
    course: CourseLine | None = None
    foreign: ForeignLine | None = None
    passage: Passage | None


class SearchPage(Schema):
    """Answers, best first; `facets` counts all answers by facet and code."""

    total: int
    items: list[Found]
    facets: dict[str, dict[str, int]]
    next_cursor: str | None
    instead: str | None = Field(
        description="The question as it was perhaps meant, words mistyped corrected; null: as typed"
    )


def found_lines(found: Findings) -> list[Found]:
    """Answers as the API gives them, in their order. One query a kind for set-aside peers."""
    practices = iter(practice_lines([one.card for one in found.practices]))
    taught = [one.card for one in found.answers if isinstance(one, FoundCourse)]
    courses = iter(course_lines(taught) if taught else ())
    lines = []
    for one in found.answers:
        line = Found(score=round(one.score, 4), passage=passage(one.snippet))
        if isinstance(one, FoundCourse):
            line.course = next(courses)
        elif isinstance(one, FoundForeign):
            line.foreign = _foreign(one.record)
        else:
            line.practice = next(practices)
        lines.append(line)
    return lines


def _foreign(view: HarvestedView) -> ForeignLine:
    return ForeignLine(
        id=view.id,
        url=page_of("harvested", view.id),
        repository=view.repository,
        identifier=view.identifier,
        link=view.link,
        title=view.title,
        title_language=view.title_language,
        datestamp=view.datestamp,
        harvested_at=view.harvested_at,
    )
