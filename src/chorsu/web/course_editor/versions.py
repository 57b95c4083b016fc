"""Earlier saves of a course's draft: the list, what has changed since, and going back to one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.errors import WrongState
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import InvalidRecord
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import CourseDraftConflict
from chorsu.training.queries import courses as queries
from chorsu.web.access import signed_in
from chorsu.web.course_editor.changes import changes
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.drafting.people import may_save, number
from chorsu.web.drafting.talking import changed_meanwhile


@require_safe
@for_authors
def index(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The saves that are kept, newest first."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    context = {"draft": draft, "versions": queries.draft_versions(draft.id, person)}
    return render(request, "course_editor/versions.html", context)


@require_safe
@for_authors
def show(request: HttpRequest, draft_id: UUID, version: int) -> HttpResponse:
    """What has changed since an earlier save."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    earlier = queries.draft_version(draft.id, version, person)
    context = {
        "draft": draft,
        "earlier": earlier,
        "changes": changes(earlier, draft),
        "may_save": may_save(draft, person),
    }
    return render(request, "course_editor/version.html", context)


@require_POST
@for_authors
def restore(request: HttpRequest, draft_id: UUID, version: int) -> HttpResponse:
    """Make an earlier save the newest one; what is there now stays in the list."""
    try:
        actions.restore_version(
            draft_id=str(draft_id),
            version=number(request.POST.get("version")),
            restored=version,
            by=signed_in(request),
            now=utc_now(),
        )
    except (CourseDraftConflict, WrongState):
        return changed_meanwhile(request, "course-draft", draft_id)
    except InvalidRecord:
        messages.error(request, _("This version no longer fits the rules and cannot come back."))
        return redirect("course-draft-versions", draft_id=draft_id)
    messages.success(request, _("The earlier version is the newest one again."))
    return redirect("course-draft-edit", draft_id=draft_id)
