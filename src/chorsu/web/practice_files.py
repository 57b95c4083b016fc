"""A file of a practice that is not here yet: opened, it is fetched, and the page says how far."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.exchange import blobs
from chorsu.exchange.troubles import explain
from chorsu.exchange.wanting import ComingFile
from chorsu.flows.wishing import NoSuchFile, WishedFile, wish_file
from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.web.erased import gone_page
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import page_language
from chorsu.web.practice_facts import type_of
from chorsu.web.practices import withdrawn_page
from chorsu.web.viewer import viewer_of


@require_safe
def file(request: HttpRequest, practice_id: UUID, sha256: str) -> HttpResponse:
    """Asks the origin for the file, by a worker; once it is here the browser is sent to it."""
    viewer, now = viewer_of(request), utc_now()
    try:
        found = wish_file(practice_id=str(practice_id), sha256=sha256, viewer=viewer, now=now)
    except (NoSuchPractice, NoSuchFile):
        raise Http404 from None
    except PracticeWithdrawn as withdrawn:
        return withdrawn_page(request, withdrawn)
    if found.file.erased is not None:
        return gone_page(request, sha256)
    here = found.coming is None and blobs.is_here(sha256)
    response = page_or_part(
        request,
        "practices/file.html",
        "practices/_file.html",
        _context(found, here=here),
        status=200 if here or found.coming else 404,
    )
    if here and request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    elif here:
        response["Refresh"] = f"1; url={reverse('blob', args=[sha256])}"
    return response


def _context(found: WishedFile, *, here: bool) -> dict[str, object]:
    coming = found.coming
    publisher = institution(found.practice.institution_id)
    return {
        "file": found.file,
        "type": type_of(found.file),
        "practice": found.practice,
        "publisher": publisher.name(page_language().tag),
        "here": here,
        "coming": coming,
        "notice": _notice(found, coming),
        "watching": coming is not None
        and coming.is_read
        and coming.wished_at is not None
        and not found.too_large,
    }


def _notice(found: WishedFile, coming: ComingFile | None) -> dict[str, object] | None:
    """What keeps the file from coming, if anything: title, words, and when it is tried again."""
    if coming is None:
        return None
    if not coming.is_read:
        return {"title": _("Nothing is fetched from that node at present."), "when": None}
    if found.too_large:
        title = _("The file is larger than this node takes: at most %(number)s MB.")
        return {"title": title % {"number": settings.NODE.number("files.max_mb")}, "when": None}
    if found.too_many:
        title = _("Many files of that node are waiting to be fetched.")
        return {"title": title, "body": _("Try again later."), "when": None}
    if not coming.trouble:
        return None
    words = explain(coming.trouble)
    return {"title": words.message, "when": coming.next_at}
