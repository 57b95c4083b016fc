"""What a reader is told of content that was erased: what was there, when it went and why."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chorsu.exchange import erasures
from chorsu.practices import queries
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.records.shapes import ErasedView
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.queries import courses
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.web.errors import gone
from chorsu.web.locales import format_size, page_language
from chorsu.web.viewer import viewer_of

GROUNDS: Mapping[str, str | Promise] = {
    "personal-data": gettext_lazy("Personal data"),
    "rights": gettext_lazy("Rights of others"),
    "authority": gettext_lazy("Decision of a court or an authority"),
    "mistake": gettext_lazy("Published by mistake"),
    "other": pgettext_lazy("ground of an erasure", "Another reason"),
}
WHATS: Mapping[str, str | Promise] = {
    "file": gettext_lazy("File"),
    "record": gettext_lazy("Words of a revision"),
    "reason": gettext_lazy("Reason of a withdrawal"),
}


def reason_erased(erased: ErasedView | None) -> str:
    """That the reason of a withdrawal was erased, and on which ground; empty if it was not."""
    if erased is None:
        return ""
    return _("The reason was erased: %(ground)s") % {"ground": ground_label(erased.ground)}


def ground_label(code: str) -> str:
    """The ground in the page's language; one that this software does not know is another reason."""
    if not code:
        return _("Its node gave no reason.")
    return str(GROUNDS.get(code, GROUNDS["other"]))


def gone_page(request: HttpRequest, sha256: str) -> HttpResponse:
    """410 at the address of an erased blob, with no more of it than the reader may know."""
    view = erasures.erasure_of(sha256)
    title = _("This was erased")
    general = _(
        "It was published here and has been taken away for good. Other nodes have been asked to do "
        "the same."
    )
    kind = _known_kind(request, view) if view is not None else ""
    if view is None or not kind:
        return gone(request, title, general)
    here = page_language().tag
    described = _of_course(view, here) if kind == COURSE else _of_practice(view, here)
    words = f"{described} {general}"
    return gone(
        request,
        title,
        words,
        reason=view.words,
        reason_title=ground_label(view.ground),
        reason_language=view.language if view.words else "",
        when=view.at,
        who=view.origin,
        back_url=reverse(kind, args=[view.record_id]),
        back_label=_("Back to the course") if kind == COURSE else "",
    )


def _known_kind(request: HttpRequest, view: ErasedView) -> str:
    """The kind of the record whose content it was, which names its page too; empty if the reader
    may not know of it.
    """
    record, viewer = str(view.record_id), viewer_of(request)
    try:
        queries.practice(record, viewer)
    except PracticeWithdrawn:
        return PRACTICE
    except NoSuchPractice:
        pass
    else:
        return PRACTICE
    try:
        courses.course(record, viewer)
    except CourseWithdrawn:
        return COURSE
    except NoSuchCourse:
        return ""
    return COURSE


def _of_practice(view: ErasedView, here: str) -> str:
    """What was there: a file by its name and size, or words by their revision."""
    if view.what == "reason":
        return _("Here was the reason for which a practice was withdrawn.")
    if view.what == "record":
        return _("Here were the words of revision %(number)s of a practice.") % {
            "number": view.revision
        }
    shown = queries.file_shown(view.blob)
    if shown is None:
        return _("Here was a file of a practice.")
    name, size = shown
    told = {"name": name, "size": format_size(size, here)}
    if name and view.named:
        return _("Here was the file %(name)s (%(size)s).") % told
    return _("Here was a file of a practice (%(size)s).") % told


def _of_course(view: ErasedView, here: str) -> str:
    """As `_of_practice`, of a course."""
    if view.what == "reason":
        return _("Here was the reason for which a course was withdrawn.")
    if view.what == "record":
        return _("Here were the words of revision %(number)s of a course.") % {
            "number": view.revision
        }
    shown = courses.file_shown(view.blob)
    if shown is None:
        return _("Here was a file of a course.")
    name, size = shown
    told = {"name": name, "size": format_size(size, here)}
    if name and view.named:
        return _("Here was the file %(name)s (%(size)s).") % told
    return _("Here was a file of a course (%(size)s).") % told
