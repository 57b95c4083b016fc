"""One attempt of a learner as it was given, for those who run the cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chorsu.kernel.clock import utc_now
from chorsu.training.items import Item
from chorsu.training.queries.attempts import (
    AnswerView,
    AttemptView,
    NoSuchAttempt,
    answers,
    attempts,
)
from chorsu.training.queries.bank import item_versions
from chorsu.training.queries.cohorts import HOLDING, CohortView
from chorsu.training.queries.given_attempts import (
    GivenMark,
    beside,
    extra_time_then,
    given_attempt,
    languages_read,
    marks_of,
    waits,
)
from chorsu.training.queries.rosters import RosterLine, found_enrolment
from chorsu.training.queries.shared_banks import learns_from
from chorsu.web.access import signed_in
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.cohorts.titles import quiz_titles
from chorsu.web.learning.answer_files import files_of
from chorsu.web.learning.gone import gone_questions
from chorsu.web.learning.marking import rows_to_mark
from chorsu.web.learning.reviewed import Reviewed, reviewed, reviewed_gone
from chorsu.web.question_pictures import figures_of


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """What was looked at, for how many points, and what each marker gave; `text` empty: the whole.

    `language` is that of the text.
    """

    text: str
    language: str
    most: Decimal
    points: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Given:
    """A question as it was answered, and as people marked it."""

    question: Reviewed
    marks: Sequence[GivenMark]
    rows: Sequence[MarkedRow]


@dataclass(frozen=True, slots=True)
class TriedQuiz:
    """The attempts of a learner at one quiz; `language` is that of its title."""

    title: str
    language: str
    attempts: Sequence[AttemptView]


@for_people
@require_safe
def show(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> HttpResponse:
    """The questions as they were asked, in the language in which they were read; what was answered,
    what is right, and the marks. Who learns where they are asked reads no attempt but their own.
    """
    row = found_enrolment(enrolment_id)
    view = run_cohort(request, row.cohort_id)
    reader = signed_in(request)
    try:
        tried = given_attempt(row, attempt_id)
    except NoSuchAttempt:
        raise Http404 from None
    if row.person_id == reader.pk:
        return redirect("attempt", enrolment_id, attempt_id)
    if learns_from(reader.pk, view.line.course.id):
        raise PermissionDenied
    said = answers(tried.id)
    languages = languages_read(row.person, [one.language for one in said.values()])
    ended = tried.handed_in_at or utc_now()
    extra = extra_time_then(row.pk, ended) if tried.due_at else 0
    context = frame(request, view) | {
        "enrolment_id": enrolment_id,
        "name": str(row.person),
        "attempt": tried,
        "waits": waits(tried),
        "unit_title": quiz_titles(request, view, [tried.unit])[tried.unit],
        "others": attempts(row.pk, tried.unit),
        "beside": beside(row.cohort_id, tried),
        "taken": ended - tried.started_at,
        "limit": tried.due_at - tried.started_at if tried.due_at else None,
        "extra": extra,
        "questions": _questions(tried, said, languages, reader.pk) if tried.handed_in_at else [],
        "answered": sum(1 for one in said.values() if one.response),
    }
    return render(request, "cohorts/attempt.html", context)


def quizzes_tried(request: HttpRequest, view: CohortView, line: RosterLine) -> list[TriedQuiz]:
    """What somebody who holds a place tried, in the order of the course; quizzes that it has no
    more come last. Queries: one, and those of `cohort_in_hand`.
    """
    if line.state not in HOLDING:
        return []
    tried: dict[str, list[AttemptView]] = {}
    for one in attempts(line.id):
        tried.setdefault(one.unit, []).append(one)
    titles = quiz_titles(request, view, tried)
    return [TriedQuiz(*titles[unit], tried[unit]) for unit in titles]


def _questions(
    tried: AttemptView, said: Mapping[str, AnswerView], languages: Sequence[str], reader_id: int
) -> list[Given]:
    items = item_versions([(item, version) for item, version, _section in tried.drawn])
    gone, files, marks = gone_questions(items.values()), files_of([tried]), marks_of(tried.id)
    found = []
    for number, (key, _version, _section) in enumerate(tried.drawn, 1):
        item, given = items[key], said.get(key)
        handed_in = files.get((tried.id, key), ())
        if key in gone:
            question = reviewed_gone(item, number, given, gone[key], handed_in)
        else:
            read = [given.language, *languages] if given else languages
            figures = figures_of(item, reader_id)
            question = reviewed(
                item, number, read, given, tried.seed, handed_in, figures, with_key=True
            )
        if given is not None and given.points is None:
            question = replace(question, fields=[], files=())
        mine = marks.get(key, ())
        found.append(Given(question, mine, _rows(item, question.language, mine)))
    return found


def _rows(item: Item, language: str, marks: Sequence[GivenMark]) -> list[MarkedRow]:
    """The rows by which an answer was marked; none of one that nobody marked."""
    if not marks:
        return []
    return [
        MarkedRow(
            text=row.criterion if row else "",
            language=language,
            most=Decimal(most),
            points=[mark.points.get(key) for mark in marks],
        )
        for key, most, row in rows_to_mark(item, language)
    ]
