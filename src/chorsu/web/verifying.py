"""Saving a record with its proof; checking such a file, or a certificate. Nothing is kept."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from chorsu.exchange.proofs import Checked
from chorsu.flows import verifying
from chorsu.institutions.queries import find_institution
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.training.documents.scanning import (
    NoCodeFound,
    OtherPicture,
    certificate_in,
    is_picture,
)
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.verifier import words
from chorsu.verifier.words import Hosted
from chorsu.web.answers import Answer
from chorsu.web.errors import error_page
from chorsu.web.locales import format_moment_in_zone, page_language
from chorsu.web.verifying_certificates import answer_to, answer_to_unread
from chorsu.web.viewer import viewer_of
from chorsu.wire.credential_file import is_certificate
from chorsu.wire.entry import Entry
from chorsu.wire.errors import WireError
from chorsu.wire.saved import MEDIA_TYPE

# Enough for a practice in eight languages; a stranger's nonsense of that size costs few seconds.
MAX_UPLOAD = 2 * 1024 * 1024
# What a telephone's camera makes of a sheet of paper.
MAX_PICTURE = 12 * 1024 * 1024
# What a browser sends around the file.
_FORM_BYTES = 64 * 1024
_MOST: dict[str, object] = {
    "most": MAX_UPLOAD // (1024 * 1024),
    "most_of_picture": MAX_PICTURE // (1024 * 1024),
}
# Kinds of record that have a page, of the same name.
_PAGES = ("practice", "course")
_TONES = {"proven": "success", "unknown-key": "warning", "refused": "error"}


# Nothing is changed or kept, and the size is looked at before anything of the body is read.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Check a file that somebody has: by whom, when, unchanged, who witnessed, or what fails."""
    if request.method != "POST":
        return render(request, "verifying/verify.html", _MOST)
    length = request.headers.get("Content-Length") or ""
    if not length.isdecimal() or int(length) > MAX_PICTURE + _FORM_BYTES:
        return _too_large(request)
    upload = request.FILES.get("file")
    data = upload.read(MAX_PICTURE + 1) if upload else b""
    data = data or request.POST.get("code", "").strip().encode()
    if len(data) > MAX_UPLOAD and not is_picture(data):
        return _too_large(request)
    context = {
        **_MOST,
        "answer": _answer(data) if data else None,
        "missing": not data,
        "file_name": upload.name if upload else "",
    }
    return render(request, "verifying/verify.html", context, status=200 if data else 400)


def _too_large(request: HttpRequest) -> HttpResponse:
    text = _("The file is larger than this page takes. Use the command chorsu verify.")
    return error_page(request, 413, _("Too much at once"), text)


def _answer(data: bytes) -> Answer:
    """What a document says: a saved record, or a certificate in whatever form it comes."""
    if is_picture(data):
        try:
            return answer_to(certificate_in(data))
        except OtherPicture as other:
            return answer_to_unread(other.form)
        except NoCodeFound:
            return answer_to_unread("")
    if is_certificate(data):
        return answer_to(data)
    return _answer_to_record(data)


def _answer_to_record(data: bytes) -> Answer:
    try:
        checked = verifying.check(data)
    except WireError as error:
        text = f"{words.failure(error, _)} {words.advice('refused', _)}"
        return Answer(_TONES["refused"], words.headline("refused", _), text, code=error.code)
    verdict, result = checked.verdict, words.result_of(checked.verdict)
    known = find_institution(verdict.institution) if verdict.institution else None
    institution = Hosted(known.name(page_language().tag), known.node) if known else None
    entry = verdict.entry
    shown = checked.followed and isinstance(entry, Entry) and entry.kind in _PAGES
    return Answer(
        tone="error" if checked.contradicted else _TONES[result],
        headline=words.headline(result, _),
        text=words.advice(result, _),
        warnings=[*_warnings(checked), *words.warnings(verdict, _, institution)],
        since=_since(checked),
        since_tone="warning" if checked.since and checked.since.change != "again" else "info",
        lines=words.lines(verdict, _, institution),
        record_url=reverse(entry.kind, args=[entry.id]) if shown and entry.id else "",
    )


def _warnings(checked: Checked) -> list[str]:
    found = []
    if checked.contradicted:
        found.append(
            _(
                "This node has another entry at that place of the same log: the node that "
                "published it has signed two different logs. Tell an administrator, and keep "
                "the file."
            )
        )
    if checked.set_aside:
        found.append(_("This node has set that node aside: its log does not add up."))
    return found


def _since(checked: Checked) -> str:
    if not checked.followed:
        return words.as_of(_)
    if checked.since is None:
        return _("This node follows the log and knows of nothing later about it.")
    since = checked.since
    what = {
        "withdrawn": _("It has been withdrawn since: %(time)s"),
        "replaced": _("It has been replaced since by revision %(number)s: %(time)s"),
        "again": _("It has been published again since, in the same revision: %(time)s"),
    }
    time = format_moment_in_zone(since.at, page_language().tag)
    return what[since.change] % {"number": since.revision, "time": time}


@require_safe
def save(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """A practice with its proof as one file; `?revision=N` for an earlier revision of it."""
    try:
        file = verifying.save_practice(
            practice_id=practice_id, revision=_revision(request), viewer=viewer_of(request)
        )
    except (NoSuchPractice, PracticeWithdrawn):
        raise Http404 from None
    except verifying.NoProofYet:
        return _no_proof(request)
    return _attached(file)


@require_safe
def save_course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """A course with its proof as one file; `?revision=N` for an earlier revision of it."""
    try:
        file = verifying.save_course(
            course_id=course_id, revision=_revision(request), viewer=viewer_of(request)
        )
    except (NoSuchCourse, CourseWithdrawn):
        raise Http404 from None
    except verifying.NoProofYet:
        return _no_proof(request)
    return _attached(file)


def _revision(request: HttpRequest) -> int | None:
    number = request.GET.get("revision", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else None


def _no_proof(request: HttpRequest) -> HttpResponse:
    text = _(
        "This node does not have all that a proof needs. Try again later, or ask the node "
        "that published it."
    )
    return error_page(request, 404, _("There is no proof of this yet"), text)


def _attached(file: verifying.SavedFile) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=file.name)
    headers = {
        "Content-Disposition": disposition or "attachment",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(file.content, content_type=MEDIA_TYPE, headers=headers)
