"""Files that answer a question: taken from a form or a script, taken away, saved by the learner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from chorsu.kernel.clock import utc_now
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions.answer_files import add_answer_file, remove_answer_file
from chorsu.training.actions.attempts import AttemptOver, QuestionGone
from chorsu.training.items.fields import InvalidResponse
from chorsu.training.queries.answer_files import (
    AnswerFileView,
    NoSuchAnswerFile,
    answer_files,
    own_file,
)
from chorsu.training.queries.attempts import AttemptView, answers
from chorsu.web.access import signed_in
from chorsu.web.drafting.messages import message
from chorsu.web.learning.gone import gone_questions
from chorsu.web.learning.pages import learner_of
from chorsu.web.learning.questions import language_of, question, read_key
from chorsu.web.learning.tries import asks_for_files, attempt_of, item_of, number_of
from chorsu.web.viewer import viewer_of

_FOR_FILES = "default-src 'none'; sandbox"


@login_required
@require_POST
def take(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID) -> HttpResponse:
    """Files of one answer, from a script (`item`): the controls of the question as they are now.

    422 if something was not taken, 410 if the attempt is over; the controls say so.
    """
    learner, tried = (
        learner_of(request, enrolment_id),
        attempt_of(request, enrolment_id, attempt_id),
    )
    item = item_of(tried, request.POST.get("item", ""))
    number = number_of(tried, item.id)
    if item.facts["type"] != "file" or gone_questions([item]):
        raise Http404
    try:
        refused = keep_files(request, tried)
        status = 422 if refused else 200
    except AttemptOver:
        refused, status = [_("The time is over. This answer came too late.")], 410
    asked = question(
        tried,
        item,
        number,
        tried.drawn[number - 1][2],
        viewer_of(request).languages,
        answers(tried.id).get(item.id),
        files=files_of([tried]).get((tried.id, item.id), ()),
    )
    context = {
        "learner": learner, "attempt": tried, "question": asked, "box": asked.boxes[0],
        "troubles": refused,
    }  # fmt: skip
    return render(request, "learning/_files.html", context, status=status)


def keep_files(request: HttpRequest, tried: AttemptView) -> list[str]:
    """Take in the files of a form (`f.<question>`) and take out what it drops
    (`<question>.<file>`); why some were not taken, each by its name.

    Raises `AttemptOver`.
    """
    # Cleaning takes a while: what came in one request came at one time.
    person_id, now, refused = signed_in(request).pk, utc_now(), list[str]()
    dropped = read_key(request.POST.get("drop", "").rpartition(".")[2])
    if dropped is not None:
        remove_answer_file(attempt=tried, person_id=person_id, file_id=dropped, now=now)
    for item_id, _version, _section in tried.drawn:
        for upload in request.FILES.getlist(f"f.{item_id}"):
            said = _taken(request, tried, item_id, upload, now)
            refused += [f"{upload.name}: {sentence}" for sentence in said]
    return refused


def _taken(
    request: HttpRequest,
    tried: AttemptView,
    item_id: str,
    upload: UploadedFile[bytes],
    now: datetime,
) -> list[str]:
    item = item_of(tried, item_id)
    try:
        add_answer_file(
            attempt=tried,
            person_id=signed_in(request).pk,
            item_id=item_id,
            upload=cast("BinaryIO", upload.file),
            name=upload.name or "",
            language=language_of(item, viewer_of(request).languages),
            now=now,
        )
    except InvalidRecord as invalid:
        return [_sentence(error) for error in invalid.errors]
    except QuestionGone:
        return [gone_questions([item])[item.id].said]
    except InvalidResponse:
        return [_("This answer cannot be understood.")]
    return []


def _sentence(error: FieldError) -> str:
    if error.code != "too_many":
        return message(error)
    most = int(error.params["max"])
    return ngettext(
        "A question is answered with at most %(max)d file.",
        "A question is answered with at most %(max)d files.",
        most,
    ) % {"max": most}


def about(request: HttpRequest, tried: AttemptView) -> int:
    """The number of the question whose files a form's button was about; 0 for any other button."""
    stay = request.POST.get("stay", "")
    dropped = request.POST.get("drop", "").partition(".")[0]
    return number_of(tried, stay or dropped)


def files_of(
    tried: Sequence[AttemptView],
) -> dict[tuple[UUID, str], Sequence[AnswerFileView]]:
    """(attempt, question) -> files. One query, and none for attempts that ask for no files."""
    asking = [one.id for one in tried if asks_for_files(one)]
    return answer_files(asking) if asking else {}


@login_required
@require_safe
def file(request: HttpRequest, enrolment_id: UUID, attempt_id: UUID, file_id: UUID) -> HttpResponse:
    """A file of an answer for the learner who gave it."""
    tried = attempt_of(request, enrolment_id, attempt_id)
    try:
        name, content = own_file(file_id, tried.id, signed_in(request).pk)
    except NoSuchAnswerFile:
        raise Http404 from None
    return to_save(name, content)


def to_save(name: str, content: bytes) -> HttpResponse:
    """A file that somebody handed in, to be saved and never shown in place."""
    response = HttpResponse(content, "application/octet-stream")
    named = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = named or "attachment"
    response["Content-Security-Policy"] = _FOR_FILES
    response["Cache-Control"] = "private, no-store"
    return response
