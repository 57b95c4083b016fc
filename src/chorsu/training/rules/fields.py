"""What a course consists of: its facts, which need no language, and the fields of its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NotRequired, TypedDict

from chorsu.records.fields import TextField
from chorsu.records.words import WordTable

MAX_MODULES = 40
MAX_UNITS = 300
UNIT_KINDS = (
    "reading", "video", "quiz", "assignment", "live", "survey", "tool", "lab",
)  # fmt: skip
OUTSIDE_KINDS = ("tool", "lab")
"""Kinds of units whose score comes from outside the course."""
FORMS = ("in_person", "live", "self_study")
MAX_ROWS = 50
MAX_FILES = 300
MAX_HOURS = 2_000  # of one form
MAX_MINUTES = 6_000  # of a unit, of a quiz
MAX_MONTHS = 600
MAX_COUNT = 1_000  # of attempts, questions drawn, points, weight
LEVELS = (1, 2, 3, 4)
REVIEWS = ("answers", "score", "none")
ASSIGNMENT_FORMS = ("text", "file")
MAX_CUSTOM = 30  # parameters of a tool
MAX_CUSTOM_NAME, MAX_CUSTOM_VALUE = 100, 1_000
QUESTION_KINDS = ("scale", "choice", "text")


TEXT_FIELDS: tuple[TextField, ...] = (
    TextField("title", markdown=False, max_chars=200, required=True),
    TextField("summary", markdown=False, max_chars=600, required=True, lines=True),
    TextField("aims", markdown=True, max_chars=10_000, required=True, lines=True),
    TextField("for_whom", markdown=True, max_chars=5_000, lines=True),
    TextField("prerequisites", markdown=True, max_chars=5_000, lines=True),
    TextField("assessment", markdown=True, max_chars=5_000, lines=True),
    TextField("recognition", markdown=True, max_chars=5_000, lines=True),
)
# Words of rows: group -> the names a row of it has. A row's key is that of the facts' row, of a
# file its SHA-256, of a glossary term any key that the original gave it.
ROW_WORDS: Mapping[str, Mapping[str, TextField]] = MappingProxyType(
    {
        "modules": MappingProxyType(
            {
                "title": TextField("title", markdown=False, max_chars=200, required=True),
                "about": TextField("about", markdown=True, max_chars=2_000, lines=True),
            }
        ),
        "units": MappingProxyType(
            {
                "title": TextField("title", markdown=False, max_chars=200, required=True),
                "body": TextField("body", markdown=True, max_chars=60_000, lines=True),
                "key_points": TextField("key_points", markdown=True, max_chars=5_000, lines=True),
            }
        ),
        "terms": MappingProxyType(
            {
                "name": TextField("name", markdown=False, max_chars=120, required=True),
                "meaning": TextField("meaning", markdown=False, max_chars=1_000, lines=True),
            }
        ),
        "rubrics": MappingProxyType(
            {
                "criterion": TextField("criterion", markdown=False, max_chars=300, required=True),
                "levels": TextField("levels", markdown=False, max_chars=2_000, lines=True),
            }
        ),
        "questions": MappingProxyType(  # of surveys
            {
                "text": TextField("text", markdown=False, max_chars=1_000, required=True),
                "choices": TextField("choices", markdown=False, max_chars=2_000, lines=True),
            }
        ),
        "files": MappingProxyType(
            {"description": TextField("description", markdown=False, max_chars=500)}
        ),
    }
)

WORDS = WordTable(
    fields=TEXT_FIELDS,
    rows=ROW_WORDS,
    max_rows=MAX_ROWS,
    more_rows=MappingProxyType(
        {
            "units": MAX_UNITS,
            "terms": MAX_UNITS,
            "rubrics": MAX_UNITS,
            "questions": MAX_UNITS,
            "files": MAX_FILES,
        }
    ),
)
clean_words = WORDS.clean
order_words = WORDS.in_order


class Hours(TypedDict):
    """Academic hours (45 minutes) by form; a form that a course does not have is 0."""

    in_person: int
    live: int
    self_study: int


class Competence(TypedDict):
    """A competence of `data/competences.toml` and the level a course brings a learner to (1-4)."""

    code: str
    level: int


class Assessment(TypedDict):
    """What it takes to pass. Percents from 0 to 100; 0 asks for nothing of that sort."""

    pass_percent: int
    attendance_percent: int
    required_units: list[str]


class Draw(TypedDict):
    """So many questions of one competence (empty: of any) from the course's bank."""

    competence: str
    count: int


class Quiz(TypedDict):
    """How a quiz is put together. `minutes` 0: no limit; `attempts` 0: any number."""

    draws: list[Draw]
    minutes: int
    attempts: int
    shuffle: bool
    review: str  # "answers", "score" or "none": what a learner sees afterwards
    weight: int  # of this unit in the course's result; 0: for practice only


class Caption(TypedDict):
    """WebVTT captions of a video, or a variant of it: a file of the course."""

    language: str
    sha256: str


class Video(TypedDict):
    """A video: files of the course by their hash, the smallest first, and captions."""

    variants: list[str]
    captions: list[Caption]


class RubricRow(TypedDict):
    """A criterion of an assignment and its most points; its words are `rubrics.<key>`."""

    key: str
    points: int


class Assignment(TypedDict):
    """What is handed in. `second_marker`: two people mark, the mean counts."""

    forms: list[str]  # "text", "file"
    rubric: list[RubricRow]
    second_marker: bool
    weight: int


class SurveyQuestion(TypedDict):
    """`kind`: "scale" (1 to 5), "choice" or "text"; its words are `questions.<key>`."""

    key: str
    kind: str


class Unit(TypedDict):
    """A unit of a module. Only the member of its kind is not None; `practice` empty: none."""

    key: str
    kind: str
    minutes: int
    practice: str  # id of a practice shown live from its record
    quiz: Quiz | None
    video: Video | None
    assignment: Assignment | None
    survey: list[SurveyQuestion] | None
    tool: str  # address of an external tool
    lab: str  # code of a lab
    weight: NotRequired[int]  # of a tool or a lab; not there: 1 if the course requires the unit
    custom: NotRequired[dict[str, str]]  # of a tool: parameters it gave, repeated at every launch
    points: NotRequired[int]  # of a tool: the most it gives, where that is not 100


class Module(TypedDict):
    """A part of a course, with its units in order."""

    key: str
    units: list[Unit]


class TakenText(TypedDict):
    """The translation whose words a fork was begun with, and who had made it."""

    language: str
    provenance: str  # human, edited or machine
    translated_by: str


class Source(TypedDict):
    """The course this one was forked from, as it was then."""

    course: str
    revision: int  # of its original, given by the words taken over
    origin: str
    text: NotRequired[TakenText]  # not there: its original was taken over


class Facts(TypedDict):
    """What needs no language. In a draft, what is not yet known is empty: "", [], 0 or None."""

    themes: list[str]
    competences: list[Competence]
    positions: list[str]
    hours: Hours
    prerequisites: list[str]  # ids of courses
    assessment: Assessment
    valid_months: int  # of the certificate; 0: without end
    forked_from: Source | None
    modules: list[Module]
    terms: list[str]  # keys of the glossary


def empty_facts() -> Facts:
    """The facts of a draft just begun."""
    return Facts(
        themes=[], competences=[], positions=[],
        hours=Hours(in_person=0, live=0, self_study=0), prerequisites=[],
        assessment=Assessment(pass_percent=0, attendance_percent=0, required_units=[]),
        valid_months=0, forked_from=None, modules=[], terms=[],
    )  # fmt: skip


def units_of(facts: Facts) -> Iterator[Unit]:
    """Every unit, in the order of the outline."""
    for module in facts["modules"]:
        yield from module["units"]


def hours_of(facts: Facts) -> int:
    """Academic hours of all forms."""
    hours = facts["hours"]
    return hours["in_person"] + hours["live"] + hours["self_study"]


def files_named(facts: Facts) -> dict[str, str]:
    """SHA-256 of each file that the outline names -> the path of its first naming."""
    found: dict[str, str] = {}
    for position, module in enumerate(facts["modules"]):
        for place, unit in enumerate(module["units"]):
            video = unit["video"]
            if video is None:
                continue
            path = f"modules.{position}.units.{place}.video"
            for sha256 in video["variants"]:
                found.setdefault(sha256, f"{path}.variants")
            for caption in video["captions"]:
                found.setdefault(caption["sha256"], f"{path}.captions")
    return found
