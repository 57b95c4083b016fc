"""Earlier saves of a draft: the list, what one said against now, and going back to it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.errors import WrongState
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import DraftConflict
from chorsu.practices.rules import InvalidPractice
from chorsu.web.access import signed_in
from chorsu.web.drafting.merging import clashes
from chorsu.web.drafting.people import may_save, number
from chorsu.web.drafting.talking import changed_meanwhile
from chorsu.web.writing.guards import for_members
from chorsu.web.writing.merging import LAYOUT, copy_of, typed_copy


@require_safe
@for_members
def index(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The saves that are kept, newest first."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    context = {"draft": draft, "versions": queries.draft_versions(draft.id, person)}
    return render(request, "writing/versions.html", context)


@require_safe
@for_members
def show(request: HttpRequest, draft_id: UUID, version: int) -> HttpResponse:
    """What an earlier save said: what has changed since is marked, and the texts stand whole."""
    person = signed_in(request)
    draft = queries.draft(str(draft_id), person)
    earlier = queries.draft_version(draft.id, version, person)
    now = copy_of(draft)
    then = typed_copy(earlier, now.record)
    context = {
        "draft": draft,
        "earlier": earlier,
        "words": then.words,
        # From the earlier save (`mine`) to what is saved now (`theirs`).
        "changes": clashes(now, then, then, LAYOUT),
        "may_save": may_save(draft, person),
    }
    return render(request, "writing/version.html", context)


@require_POST
@for_members
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
    except (DraftConflict, WrongState):
        return changed_meanwhile(request, "draft", draft_id)
    except InvalidPractice:
        messages.error(request, _("This version no longer fits the rules and cannot come back."))
        return redirect("draft-versions", draft_id=draft_id)
    messages.success(request, _("The earlier version is the newest one again."))
    return redirect("draft-edit", draft_id=draft_id)
