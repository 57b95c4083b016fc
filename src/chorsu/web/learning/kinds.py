"""What the page of a unit shows by its kind: attempts, work handed in, a survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.urls import reverse

from chorsu.training.queries.attempts import (
    AttemptView,
    attempts,
    extra_percent,
    newest_results,
    unit_percents,
)
from chorsu.training.queries.learning import (
    CourseInHand,
    LearnerView,
    StateView,
    survey_answers,
)
from chorsu.training.queries.submissions import submission
from chorsu.training.rules.outline import PlacedUnit
from chorsu.training.rules.results import suggest
from chorsu.web.course_labels import competence_name
from chorsu.web.learning.lab_page import lab_page
from chorsu.web.learning.live_page import live_page
from chorsu.web.learning.shown import Line, line
from chorsu.web.learning.tool_page import tool_context


@dataclass(frozen=True, slots=True)
class Advice:
    """A unit to go to, with the reason: what was weak, how much, and where it showed."""

    line: Line
    competence: str
    percent: int
    quizzes: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Work:
    """What a learner has attempted, and the percent of each assessed unit."""

    tried: Sequence[AttemptView]
    percents: Mapping[str, Decimal]

    @classmethod
    def of(cls, enrolment_id: UUID) -> Work:
        """Two queries."""
        tried = attempts(enrolment_id)
        return cls(tried, unit_percents(enrolment_id, tried))

    def advice(
        self,
        course: CourseInHand,
        units: Sequence[PlacedUnit],
        address: str,
        states: Mapping[str, StateView],
    ) -> list[Advice]:
        """Units that a weak competence suggests, but for those opened again since."""
        least = course.facts["assessment"]["pass_percent"]
        last = max((one.handed_in_at for one in self.tried if one.handed_in_at), default=None)
        opened = {
            key
            for key, state in states.items()
            if last is not None and state.seen_at is not None and state.seen_at > last
        }
        return [
            Advice(
                line(course, one.unit, address, states, self.percents),
                competence_name(one.competence),
                one.percent,
                [line(course, quiz, address, states, self.percents) for quiz in one.quizzes],
            )
            for one in suggest(units, newest_results(self.tried), least, opened)
        ]


@dataclass(frozen=True, slots=True)
class QuizCard:
    """A quiz before and between attempts; `minutes` for this learner, extra time in it."""

    questions: int
    minutes: int
    extra: int
    attempts: int
    left: int
    open: AttemptView | None
    tried: Sequence[AttemptView]
    begin_url: str


def kind_context(learner: LearnerView, one: PlacedUnit, course: CourseInHand) -> dict[str, object]:
    """What the template of a unit takes for its kind. At most three queries."""
    if one.kind == "quiz":
        return {"quiz": quiz_card(learner, one)}
    if one.kind == "assignment":
        return {"work": submission(learner.id, one.key), "rubric": rubric(course, one)}
    if one.kind == "tool":
        return tool_context(learner, one)
    if one.kind == "lab":
        return {"lab": lab_page(learner, one)}
    if one.kind == "live":
        return {"live": live_page(learner, one, course.facts)}
    if one.kind == "survey":
        return {"answered": survey_answers(learner.id, one.key)}
    return {}


def quiz_card(learner: LearnerView, one: PlacedUnit) -> QuizCard | None:
    """The quiz as a learner finds it. Two queries."""
    quiz = one.unit["quiz"]
    if quiz is None:
        return None
    tried = attempts(learner.id, one.key)
    extra = extra_percent(learner.id) if quiz["minutes"] else 0
    return QuizCard(
        questions=sum(draw["count"] for draw in quiz["draws"]),
        minutes=quiz["minutes"] * (100 + extra) // 100,
        extra=extra,
        attempts=quiz["attempts"],
        left=max(0, quiz["attempts"] - len(tried)),
        open=next((row for row in tried if row.handed_in_at is None), None),
        tried=[row for row in tried if row.handed_in_at is not None],
        begin_url=reverse("quiz-begin", args=[learner.id, one.key]),
    )


@dataclass(frozen=True, slots=True)
class Criterion:
    """A row of a rubric in words, with its most points."""

    key: str
    text: str
    levels: str
    language: str
    points: int


def rubric(course: CourseInHand, one: PlacedUnit) -> list[Criterion]:
    """What markers look at."""
    assignment = one.unit["assignment"]
    found = []
    for row in assignment["rubric"] if assignment else []:
        text, language = course.word(f"rubrics.{row['key']}.criterion")
        levels, _ = course.word(f"rubrics.{row['key']}.levels")
        found.append(Criterion(row["key"], text, levels, language, row["points"]))
    return found
