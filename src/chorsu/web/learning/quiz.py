"""Quizzes: an attempt is begun, answered section by section, handed in, looked over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.kernel.clock import utc_now
from chorsu.training.actions import attempts as actions
from chorsu.training.actions.attempts import GivenAnswer
from chorsu.training.actions.learning import CourseClosed
from chorsu.training.items.fields import InvalidResponse, Item
from chorsu.training.queries.attempts import AnswerView, AttemptView, answers
from chorsu.training.queries.bank import item_versions
from chorsu.web.access import signed_in
from chorsu.web.learning.answer_files import about, files_of, keep_files
from chorsu.web.learning.gone import gone_questions
from chorsu.web.learning.pages import Desk, desk_of, unit_of
from chorsu.web.learning.questions import (
    Question,
    language_of,
    question,
    read_answer,
    read_key,
)
from chorsu.web.learning.reviewed import reviewed, reviewed_gone
from chorsu.web.learning.tries import attempt_of, item_of
from chorsu.web.question_pictures import figures_of
from chorsu.web.viewer import viewer_of


@login_required
@require_POST
def begin(request: HttpRequest, enrolment_id: UUID, unit_key: str) -> HttpResponse:
    """Begin an attempt, or go on with the one that is open."""
    desk = desk_of(request, enrolment_id)
    one = unit_of(desk, unit_key)
    try:
        begun = actions.begin(learner=desk.learner, unit=one, now=utc_now())
    except actions.NotAQuiz:
        raise Http404 from None
    except CourseClosed:
        messages.warning(request, _("You have the result of this course: nothing more is counted."))
    except actions.NoAttemptsLeft:
        messages.warning(request, _("You have used all attempts at this quiz."))
    except actions.QuizNotReady:
        messages.error(request, _("This quiz has too few questions. Your teacher can help."))
    else:
        return redirect("attempt", enrolment_id, begun.id)
    return redirect("learning-unit", enrolment_id, unit_key)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answering(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> HttpResponse:
    """An attempt, `?section=2`; what is sent is kept, then shown is the section asked for next."""
    desk, tried = _of(request, enrolment_id, attempt_id)
    now = utc_now()
    if tried.handed_in_at is None and tried.is_over(now - actions.GRACE):
        tried = actions.hand_in(attempt_id=tried.id, person_id=desk.learner.person_id, now=now)
    if tried.handed_in_at is not None:
        if request.method == "POST" and tried.handed_in_by == "time":
            messages.error(request, _too_late())
        return _review(request, desk, tried)
    sections = sorted({section for _item, _version, section in tried.drawn})
    place = _place(request.GET.get("section", ""), len(sections))
    items = item_versions([(item, version) for item, version, _section in tried.drawn])
    if request.method == "POST":
        lost = _keep_section(request, desk, tried, items, sections[place - 1])
        if lost:
            for sentence in lost:
                messages.error(request, sentence)
        elif "finish" in request.POST:
            return redirect("attempt-finish", enrolment_id, attempt_id)
        number = about(request, tried)
        if not lost and not number:
            place = _place(request.POST.get("go", ""), len(sections))
        response = redirect("attempt", enrolment_id, attempt_id)
        response["Location"] += f"?section={place}" + (f"#q-{number}" if number else "")
        return response
    said = answers(tried.id)
    questions = _questions(request, tried, items, said)
    here = [one for one in questions if one.section == sections[place - 1]]
    context = {
        **_frame(desk, tried),
        "questions": here,
        "takes_files": any(box.kind == "file" for one in here for box in one.boxes),
        "all": questions,
        "answered": sum(1 for one in questions if one.answered),
        "place": place,
        "sections": [
            (number, all(one.answered for one in questions if one.section == section))
            for number, section in enumerate(sections, 1)
        ],
        "seconds": int((tried.due_at - now).total_seconds()) if tried.due_at else None,
    }
    return render(request, "learning/attempt.html", context)


@login_required
@require_POST
def answer(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> JsonResponse:
    """One answer, from a script: `item`, `key`, `replaces` (keys) and the question's controls."""
    tried = attempt_of(request, enrolment_id, attempt_id)
    item_id, key = request.POST.get("item", ""), read_key(request.POST.get("key", ""))
    replaces = [read_key(one) for one in request.POST.getlist("replaces")]
    try:
        item = item_of(tried, item_id)
        if key is None:
            raise Http404
        given = GivenAnswer(
            item=item.id,
            raw=read_answer(item, request.POST),
            language=language_of(item, viewer_of(request).languages),
            key=key,
            replaces=[one for one in replaces if one is not None],
        )
        actions.answer(attempt=tried, person_id=signed_in(request).pk, given=given, now=utc_now())
    except InvalidResponse:
        return JsonResponse({"state": _("This answer cannot be understood.")}, status=422)
    except actions.AttemptOver:
        return JsonResponse(
            {"state": _("The time is over. This answer came too late.")}, status=410
        )
    except actions.QuestionGone:
        return JsonResponse({"state": gone_questions([item])[item.id].said}, status=410)
    except actions.AnsweredElsewhere as error:
        words = _("This question was answered on another device meanwhile.")
        return JsonResponse({"state": words, "key": error.key}, status=409)
    return JsonResponse({"state": _("Saved"), "key": str(key)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> HttpResponse:
    """Asks whether to hand in, says what is unanswered; hands in."""
    desk, tried = _of(request, enrolment_id, attempt_id)
    now = utc_now()
    if tried.handed_in_at is None and request.method == "POST":
        actions.hand_in(attempt_id=tried.id, person_id=desk.learner.person_id, now=now)
    if tried.handed_in_at is not None or request.method == "POST":
        return redirect("attempt", enrolment_id, attempt_id)
    said = answers(tried.id)
    left = [
        number
        for number, (item, _version, _section) in enumerate(tried.drawn, 1)
        if item not in said or not said[item].response
    ]
    context = {**_frame(desk, tried), "left": left}
    return render(request, "learning/finish.html", context)


def _keep_section(
    request: HttpRequest, desk: Desk, tried: AttemptView, items: dict[str, Item], section: int
) -> list[str]:
    """Keep the answers of a section as a page without scripts sends them, then the files; why some
    were not.
    """
    try:
        lost = _keep_answers(request, desk, tried, items, section)
        return lost + keep_files(request, tried)
    except actions.AttemptOver:
        return [_too_late()]


def _keep_answers(
    request: HttpRequest, desk: Desk, tried: AttemptView, items: dict[str, Item], section: int
) -> list[str]:
    """Keep what was written and chosen; why some of it was not. Raises `AttemptOver`."""
    said, lost = answers(tried.id), False
    for item_id, _version, of in tried.drawn:
        key, item = read_key(request.POST.get(f"key.{item_id}", "")), items[item_id]
        if of != section or key is None or item.facts["type"] == "file":
            continue
        given = GivenAnswer(
            item=item_id,
            raw=read_answer(item, request.POST),
            language=language_of(item, viewer_of(request).languages),
            key=key,
            force=True,
        )
        if item_id not in said and not any(given.raw.values()):
            continue
        try:
            actions.answer(
                attempt=tried, person_id=desk.learner.person_id, given=given, now=utc_now()
            )
        except InvalidResponse:
            lost = True
        except actions.QuestionGone:
            # What stands in its place says so.
            continue
    return [_("One of the answers could not be understood. The others are saved.")] * lost


def _too_late() -> str:
    return _("The time is over. Answers given after that do not count.")


def _review(request: HttpRequest, desk: Desk, tried: AttemptView) -> HttpResponse:
    """What came of an attempt, as far as the quiz lets a learner see it."""
    quiz = unit_of(desk, tried.unit).unit["quiz"]
    shows = quiz["review"] if quiz else "none"
    questions = []
    if shows == "answers":
        items = item_versions([(item, version) for item, version, _section in tried.drawn])
        said, languages = answers(tried.id), viewer_of(request).languages
        gone, files = gone_questions(items.values()), files_of([tried])
        questions = [
            reviewed_gone(items[item], number, said.get(item), gone[item], given)
            if item in gone
            else reviewed(
                items[item],
                number,
                languages,
                said.get(item),
                tried.seed,
                given,
                figures_of(items[item], desk.learner.person_id),
            )
            for number, (item, _version, _section) in enumerate(tried.drawn, 1)
            for given in [files.get((tried.id, item), ())]
        ]
    context = {**_frame(desk, tried), "shows": shows, "questions": questions}
    return render(request, "learning/review.html", context)


def _questions(
    request: HttpRequest, tried: AttemptView, items: dict[str, Item], said: dict[str, AnswerView]
) -> list[Question]:
    languages: Sequence[str] = viewer_of(request).languages
    gone, files = gone_questions(items.values()), files_of([tried])
    return [
        question(
            tried,
            items[item],
            number,
            section,
            languages,
            said.get(item),
            gone.get(item),
            files.get((tried.id, item), ()),
            figures_of(items[item], signed_in(request).pk),
        )
        for number, (item, _version, section) in enumerate(tried.drawn, 1)
    ]


def _frame(desk: Desk, tried: AttemptView) -> dict[str, object]:
    return {
        "learner": desk.learner,
        "course": desk.course,
        "course_title": desk.course.word("title"),
        "unit_title": desk.course.word(f"units.{tried.unit}.title"),
        "attempt": tried,
    }


def _of(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> tuple[Desk, AttemptView]:
    desk = desk_of(request, enrolment_id)
    return desk, attempt_of(request, enrolment_id, attempt_id)


def _place(text: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    return max(1, min(number, most))
