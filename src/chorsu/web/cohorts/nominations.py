"""The documents of a nomination: read by its three sides, given by the body that nominates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chorsu.kernel.clock import utc_now
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.training.actions.nomination_files import (
    add_nomination_file,
    remove_nomination_file,
)
from chorsu.training.actions.private_files import CleanFile, clean_file
from chorsu.training.queries.nominations import nomination, nomination_file
from chorsu.web.access import signed_in
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, shown_cohort
from chorsu.web.cohorts.sentences import documents_hint
from chorsu.web.drafting.messages import message
from chorsu.web.learning.answer_files import to_save
from chorsu.web.learning.questions import read_key


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The documents; POST adds those of `documents` and takes away that of `drop`."""
    shown = nomination(enrolment_id, signed_in(request))
    refused: list[str] = []
    if request.method == "POST":
        refused = _changed(request, enrolment_id)
        if not refused:
            messages.success(request, _("Saved."))
            return redirect("nomination", enrolment_id)
        shown = nomination(enrolment_id, signed_in(request))
    context = frame(request, shown_cohort(request, shown.cohort_id)) | {
        "shown": shown,
        "troubles": refused,
        "hint": documents_hint(),
    }
    return render(request, "cohorts/nomination.html", context, status=400 if refused else 200)


def _changed(request: HttpRequest, enrolment_id: UUID) -> list[str]:
    """Take out and take in; why something was not taken in, each by its name."""
    by, now, refused = signed_in(request), utc_now(), list[str]()
    dropped = read_key(request.POST.get("drop", ""))
    if dropped is not None:
        remove_nomination_file(enrolment_id=enrolment_id, file_id=dropped, by=by, now=now)
        return []
    chosen = request.FILES.getlist("documents")
    for upload in chosen:
        try:
            add_nomination_file(
                enrolment_id=enrolment_id,
                upload=cast("BinaryIO", upload.file),
                name=upload.name or "",
                by=by,
                now=now,
            )
        except InvalidRecord as invalid:
            refused += _named(upload, invalid)
    return refused if chosen else [_("Choose a file first.")]


def chosen_files(request: HttpRequest) -> tuple[list[CleanFile], list[str]]:
    """The files that come with a nomination, cleaned; why some can't be taken, each by its name."""
    made, refused = list[CleanFile](), list[str]()
    for upload in request.FILES.getlist("documents"):
        try:
            made.append(clean_file(cast("BinaryIO", upload.file), upload.name or ""))
        except InvalidRecord as invalid:
            refused += _named(upload, invalid)
    return made, refused


def sentences(errors: Sequence[FieldError]) -> list[str]:
    """Why files are not taken."""
    return [_sentence(error) for error in errors]


def _named(upload: UploadedFile[bytes], invalid: InvalidRecord) -> list[str]:
    return [f"{upload.name}: {said}" for said in sentences(invalid.errors)]


def _sentence(error: FieldError) -> str:
    if error.code != "too_many":
        return message(error)
    most = int(error.params["max"])
    return ngettext(
        "A nomination has at most %(max)d document.",
        "A nomination has at most %(max)d documents.",
        most,
    ) % {"max": most}


@for_people
@require_safe
def document(request: HttpRequest, enrolment_id: UUID, file_id: UUID) -> HttpResponse:
    """A document, to be saved and never shown in place."""
    return to_save(*nomination_file(file_id, enrolment_id, signed_in(request)))
