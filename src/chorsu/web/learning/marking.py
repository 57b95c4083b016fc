"""What teachers mark: assignments, long answers in quizzes; extra time; what is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.training.actions.attempts import give_extra_time, mark_answer
from chorsu.training.actions.submissions import MarkRefused, mark_work, most_points
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.items.fields import ONLY_FIELD, Item
from chorsu.training.items.showing import ShownRow, shown
from chorsu.training.queries.answer_files import (
    NoSuchAnswerFile,
    answer_files,
    file_to_mark,
)
from chorsu.training.queries.attempts import extra_times, waiting_answers
from chorsu.training.queries.bank import item_versions
from chorsu.training.queries.cohorts import manages
from chorsu.training.queries.learning import CourseInHand, NothingToTeach, cohort_in_hand
from chorsu.training.queries.submissions import (
    NoSuchWork,
    SubmissionView,
    handed_in_file,
    waiting_work,
    work,
)
from chorsu.training.rules.fields import Assignment
from chorsu.training.rules.outline import PlacedUnit, find_unit, placed
from chorsu.web.access import signed_in
from chorsu.web.learning.answer_files import to_save
from chorsu.web.learning.gone import gone_questions
from chorsu.web.learning.kinds import rubric
from chorsu.web.learning.questions import language_of
from chorsu.web.markdown import to_html
from chorsu.web.question_pictures import figures_of
from chorsu.web.viewer import viewer_of


@login_required
@require_safe
def waiting(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """What waits to be marked in a cohort, and extra time."""
    person, course = _teacher(request, cohort_id)
    answers = waiting_answers(cohort_id, marker=person.pk)
    items = item_versions([(one.item, one.version) for one in answers])
    languages = viewer_of(request).languages
    gone = gone_questions(items.values())
    files = answer_files({one.attempt_id for one in answers})
    context = {
        "cohort_id": cohort_id,
        "title": course.word("title"),
        "works": [
            (one, course.word(f"units.{one.unit}.title"))
            for one in waiting_work(cohort_id, person.pk)
        ],
        "answers": [
            {
                "answer": one,
                "text": next((v for v in one.response.values() if isinstance(v, str)), ""),
                "files": files.get((one.attempt_id, one.item), ()),
                "unit": course.word(f"units.{one.unit}.title"),
                "gone": gone.get(one.item),
                **_to_mark(items[one.item], languages, person.pk),
            }
            for one in answers
        ],
        "extra": extra_times(cohort_id),
    }
    return render(request, "learning/waiting.html", context)


def _to_mark(item: Item, languages: Sequence[str], marker_id: int) -> dict[str, object]:
    """What a marker reads of a question: its stem, and what is looked at for how many points."""
    seen = shown(item, language_of(item, languages), seed="")
    return {
        "stem": to_html(seen.parts[0][0], figures=figures_of(item, marker_id)),
        "language": seen.language,
        "rows": rows_to_mark(item, seen.language),
        "second": item.facts.get("second_marker", False),
    }


def rows_to_mark(item: Item, language: str) -> list[tuple[str, str, ShownRow | None]]:
    """(key, most points, words) of what an answer is marked by; without words: as a whole."""
    seen = shown(item, language, seed="")
    said = {row["key"]: told for row, told in zip(item.facts["rubric"], seen.rubric, strict=True)}
    return [(key, most, said.get(key)) for key, most in _most_of(item).items()]


def _most_of(item: Item) -> dict[str, str]:
    """Key -> most points of what an answer is marked by."""
    rows = {row["key"]: str(row["points"]) for row in item.facts["rubric"]}
    return rows or {ONLY_FIELD: item.facts["points"]}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mark(request: HttpRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """A piece of work beside its rubric; takes a mark."""
    person, course = _teacher(request, cohort_id)
    found, one, assignment = _work(course, cohort_id, submission_id)
    trouble = ""
    if request.method == "POST":
        trouble = _mark(request, person, found, assignment)
        if not trouble:
            messages.success(request, _("The mark is saved."))
            return redirect("cohort-work", cohort_id)
    own = next((given for given in found.marks if given.marker_id == person.pk), None)
    context = {
        "cohort_id": cohort_id,
        "work": found,
        "title": course.word(f"units.{one.key}.title"),
        "rubric": rubric(course, one),
        "most": most_points(assignment),
        "own": own,
        "typed": request.POST,
        "trouble": trouble,
        "second": assignment["second_marker"],
    }
    return render(request, "learning/mark.html", context, status=422 if trouble else 200)


def _mark(
    request: HttpRequest, person: Person, found: SubmissionView, assignment: Assignment
) -> str:
    """Give the mark of the form; why it was not given."""
    try:
        mark_work(
            submission_id=found.id,
            marker_id=person.pk,
            assignment=assignment,
            points=_points(request.POST, most_points(assignment)),
            comment=request.POST.get("comment", ""),
            now=utc_now(),
        )
    except MarkRefused as refused:
        return _refusal(refused)
    return ""


def _refusal(refused: MarkRefused) -> str:
    """Why a mark was not given."""
    if refused.code == "own-work":
        return own_work()
    if refused.code == "marked-enough":
        return _("Others have marked this work already.")
    return _("Give each criterion points between 0 and its most.")


def own_work() -> str:
    """What somebody is told who would mark themselves."""
    return _("This is your own work: somebody else marks it.")


def _points(query: Mapping[str, str], most: Mapping[str, object]) -> dict[str, Decimal]:
    """Points by criterion, as far as they are numbers; a comma is a point."""
    found = {}
    for key in most:
        try:
            value = Decimal(query.get(f"p.{key}", "")[:10].strip().replace(",", "."))
        except InvalidOperation:
            continue
        if value.is_finite():
            found[key] = value
    return found


@login_required
@require_POST
def mark_long_answer(request: HttpRequest, cohort_id: UUID, attempt_id: UUID) -> HttpResponse:
    """Mark a long answer of a quiz."""
    person, _course = _teacher(request, cohort_id)
    waits = [one for one in waiting_answers(cohort_id) if one.attempt_id == attempt_id]
    chosen = next((one for one in waits if one.item == request.POST.get("item")), None)
    if chosen is None:
        raise Http404
    item = item_versions([(chosen.item, chosen.version)])[chosen.item]
    try:
        mark_answer(
            attempt_id=attempt_id, item_id=chosen.item, marker_id=person.pk,
            points=_points(request.POST, _most_of(item)), now=utc_now(),
        )  # fmt: skip
    except MarkRefused as refused:
        messages.error(request, _refusal(refused))
    except ValueError:
        messages.error(request, _("Give each criterion points between 0 and its most."))
    else:
        messages.success(request, _("The mark is saved."))
    return redirect("cohort-work", cohort_id)


@login_required
@require_POST
def extra_time(request: HttpRequest, cohort_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """Give a learner extra time in timed quizzes."""
    person, _course = _teacher(request, cohort_id)
    text = request.POST.get("percent", "")
    try:
        give_extra_time(
            enrolment_id=enrolment_id, cohort_id=cohort_id,
            percent=int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1,
            by=person, now=utc_now(),
        )  # fmt: skip
    except MarkRefused:
        messages.error(request, own_work())
    except ValueError:
        messages.error(request, _("Extra time is a whole number of percent from 0 to 300."))
    except ObjectDoesNotExist:
        raise Http404 from None
    return redirect("cohort-work", cohort_id)


@login_required
@require_safe
def file(request: HttpRequest, cohort_id: UUID, submission_id: UUID) -> HttpResponse:
    """The file of a piece of work, to be saved and never shown in place."""
    _person, course = _teacher(request, cohort_id)
    found, _one, _assignment = _work(course, cohort_id, submission_id)
    return to_save(*handed_in_file(found.id))


@login_required
@require_safe
def answer_file(
    request: HttpRequest, cohort_id: UUID, attempt_id: UUID, file_id: UUID
) -> HttpResponse:
    """A file that answers a question of a quiz, for who marks it."""
    _teacher(request, cohort_id)
    try:
        return to_save(*file_to_mark(file_id, attempt_id, cohort_id))
    except NoSuchAnswerFile:
        raise Http404 from None


def _teacher(request: HttpRequest, cohort_id: UUID) -> tuple[Person, CourseInHand]:
    """Somebody who runs the cohort, and its course; PermissionDenied or Http404 otherwise."""
    person = signed_in(request)
    try:
        if not manages(person, cohort_id):
            raise PermissionDenied
        return person, cohort_in_hand(cohort_id, viewer_of(request).languages)
    except (NoSuchCohort, NothingToTeach):
        raise Http404 from None


def _work(
    course: CourseInHand, cohort_id: UUID, submission_id: UUID
) -> tuple[SubmissionView, PlacedUnit, Assignment]:
    try:
        found = work(submission_id, cohort_id)
    except NoSuchWork:
        raise Http404 from None
    one = find_unit(placed(course.facts), found.unit)
    if one is None or one.unit["assignment"] is None:
        raise Http404
    return found, one, one.unit["assignment"]
