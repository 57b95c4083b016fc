"""The change log of a published course: its revisions, and what each changed in the original."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import institution
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import TaughtCourse
from chorsu.web.course_editor.changes import Said, changes
from chorsu.web.course_editor.guards import for_readers
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of


@require_safe
@for_readers
def index(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """All revisions, newest first, with what their authors said of them."""
    viewer = viewer_of(request)
    view = queries.course(str(course_id), viewer)
    context = {
        "course": view,
        "institution": institution(view.institution_id).name(page_language().tag),
        "revisions": queries.history(view.id, viewer),
    }
    return render(request, "course_editor/history.html", context)


@require_safe
@for_readers
def show(request: HttpRequest, course_id: UUID, revision: int) -> HttpResponse:
    """What a revision changed against the one before it of which this node has the words, or
    against the one that is asked for (`since`): what comes to a cohort that goes by that.
    """
    viewer = viewer_of(request)
    view = queries.course(str(course_id), viewer)
    lines = queries.history(view.id, viewer)
    line = next((one for one in lines if one.revision == revision and one.is_here), None)
    if line is None:
        raise Http404
    since = request.GET.get("since", "")
    if since and not (since.isdecimal() and 0 < int(since[:9]) < revision):
        raise Http404
    before = [one for one in lines if one.revision < revision and one.is_here]
    if since:
        before = [one for one in before if one.revision == int(since[:9])]
    earlier = before[0] if before else None
    found = queries.taught(view.id, revision)
    context = {
        "course": view,
        "line": line,
        "earlier": earlier,
        "language": found.original_language,
        "changes": changes(_said(queries.taught(view.id, earlier.revision)), _said(found))
        if earlier
        else [],
    }
    return render(request, "course_editor/revision.html", context)


def _said(course: TaughtCourse) -> Said:
    return Said(course.original.words, course.facts)
