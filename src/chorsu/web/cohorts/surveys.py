"""What surveys told: for those who run a cohort, and for a course's writers over its cohorts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chorsu.training.errors.bank import NoSuchBank
from chorsu.training.queries.learning import CourseInHand, NothingToTeach, cohort_in_hand
from chorsu.training.queries.surveys import (
    MOST_TEXTS,
    QuestionResult,
    SurveyResult,
    survey_results,
    surveyed,
)
from chorsu.training.rules.surveys import FEWEST
from chorsu.training.shapes.bank import BankPlace
from chorsu.web.access import signed_in
from chorsu.web.cohorts.charts import Chart, chart, short
from chorsu.web.cohorts.csvs import table
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.context import NavItem
from chorsu.web.learning.shown import Question, survey_questions
from chorsu.web.locales import format_number, page_language
from chorsu.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class Row:
    """An answer that is offered: in which words, how many chose it, which percent of all."""

    text: str
    language: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words with what was answered; `chart` None: free texts, or too few answers."""

    result: QuestionResult
    text: str
    language: str
    rows: Sequence[Row]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Told:
    """A survey in words."""

    result: SurveyResult
    title: str
    language: str
    questions: Sequence[Asked]


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The surveys of one cohort."""
    view = run_cohort(request, cohort_id)
    course = _course(request, cohort_id)
    told = _told(course, survey_results([cohort_id], course.facts)) if course else []
    context = frame(request, view) | {"told": told, "gone": course is None, **_limits()}
    return render(request, "cohorts/surveys.html", context)


@for_people
@require_safe
def export(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The same as a file, with every free text."""
    run_cohort(request, cohort_id)
    course = _course(request, cohort_id)
    if course is None:
        raise Http404
    results = survey_results([cohort_id], course.facts, most_texts=None)
    return table("surveys", _head(), _lines(_told(course, results)))


@for_people
@require_safe
def of_course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """The surveys of a course, summed over the cohorts that learn one of its revisions."""
    place, by_revision, revision = _writer(request, course_id)
    course = _course(request, by_revision[revision][0]) if revision else None
    told = _told(course, survey_results(by_revision[revision], course.facts)) if course else []
    here = reverse("course-surveys", args=[course_id])
    context = {
        "place": place,
        "told": told,
        "gone": bool(revision) and course is None,
        "revision": revision,
        "cohorts": len(by_revision.get(revision, ())),
        "tabs": [
            NavItem(f"{here}?revision={one}", _("Revision %(number)s") % {"number": one},
                    one == revision)
            for one in by_revision
        ],
        **_limits(),
    }  # fmt: skip
    return render(request, "cohorts/course_surveys.html", context)


@for_people
@require_safe
def export_of_course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """The same as a file, with every free text."""
    _place, by_revision, revision = _writer(request, course_id)
    course = _course(request, by_revision[revision][0]) if revision else None
    if course is None:
        raise Http404
    results = survey_results(by_revision[revision], course.facts, most_texts=None)
    return table(f"surveys-{revision}", _head(), _lines(_told(course, results)))


def _writer(request: HttpRequest, course_id: UUID) -> tuple[BankPlace, dict[int, list[UUID]], int]:
    """The course, its cohorts by revision, and the revision asked for: 0 if nobody learned it."""
    try:
        place, found = surveyed(str(course_id), signed_in(request))
    except NoSuchBank:
        raise Http404 from None
    asked = request.GET.get("revision", "")
    known = {str(one): one for one in found}
    return place, found, known.get(asked, max(found, default=0))


def _course(request: HttpRequest, cohort_id: UUID) -> CourseInHand | None:
    """The course as the cohort learns it; None: its words were withdrawn, or are not here."""
    try:
        return cohort_in_hand(cohort_id, viewer_of(request).languages)
    except NothingToTeach:
        return None


def _limits() -> dict[str, object]:
    return {"fewest": FEWEST, "most_texts": MOST_TEXTS}


def _told(course: CourseInHand, results: Sequence[SurveyResult]) -> list[Told]:
    found = []
    for one in results:
        asked = zip(survey_questions(course, one.unit), one.questions, strict=True)
        title, language = course.word(f"units.{one.unit.key}.title")
        found.append(Told(one, title, language, [_asked(*pair) for pair in asked]))
    return found


def _asked(question: Question, result: QuestionResult) -> Asked:
    rows = []
    if result.shown and result.kind != "text":
        told = dict(question.offers)
        for value in [*told, *sorted(result.counts.keys() - told.keys(), key=int)]:
            count = result.counts.get(value, 0)
            words = told.get(value) or _("Not offered any more")
            percent = round(100 * count / result.answered)
            rows.append(Row(words, question.language if value in told else "", count, percent))
    return Asked(result, question.text, question.language, rows, _chart(rows) if rows else None)


def _chart(rows: Sequence[Row]) -> Chart:
    here = page_language().tag
    drawn = [
        (short(one.text), [one.count],
         f"{format_number(one.count, here)} · {format_number(one.percent, here)} %")
        for one in rows
    ]  # fmt: skip
    return chart(drawn, [pgettext("survey", "Answers")], figures=90)


def _head() -> list[str]:
    return [
        _("Survey"), _("Question"), pgettext("survey", "Answer"), pgettext("survey", "Answers"),
        _("Percent"),
    ]  # fmt: skip


def _lines(told: Sequence[Told]) -> Iterator[tuple[object, ...]]:
    """A row for each option; for each free text, which stands for one answer of nobody's."""
    for survey in told:
        for one in survey.questions:
            for row in one.rows:
                yield survey.title, one.text, row.text, row.count, row.percent
            for text in one.result.texts:
                yield survey.title, one.text, text, None, None
