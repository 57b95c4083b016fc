"""When somebody else saved the same page meanwhile: both texts, and the ways on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chorsu.institutions.models import Person
from chorsu.training.errors.courses import NoSuchCourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.desk import Desk, mark_of
from chorsu.web.course_editor.saving import cleaned, save_part
from chorsu.web.course_editor.scopes import Mark
from chorsu.web.drafting.merging import Copy, clashes, merged, picked
from chorsu.web.drafting.people import number

_NOT_KEPT = ("csrfmiddlewaretoken", "do", "version", "base")


def conflict_page(request: HttpRequest, desk: Desk, part: Copy, mark: Mark) -> HttpResponse:
    """409: what differs, side by side; `desk` has their save. All that was typed travels on.

    Where both say the same there is nothing to decide, and the page follows. Raises
    `InvalidRecord` if what was typed cannot be saved as it is.
    """
    theirs = desk.draft
    mine, other = cleaned(desk, part), desk.scope.take(theirs, desk.record)
    first = number(request.POST.get("base"))
    base = first if first > 0 else mark.version
    found = clashes(mine, other, _start(desk, base, signed_in(request)), desk.layout)
    if not found:
        messages.success(request, _("The draft is saved."))
        return redirect(desk.address)
    context = {
        "draft": theirs,
        "address": desk.address,
        "version": mark_of(desk),
        "clashes": found,
        "base": base,
        "kept": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _NOT_KEPT and not name.startswith("pick-")
            for value in values
        ],
    }
    return render(request, "writing/conflict.html", context, status=409)


def settle(
    request: HttpRequest, desk: Desk, part: Copy, mark: Mark, person: Person
) -> CourseDraftView:
    """Save what was chosen on the conflict page; raises as `save_part`.

    `merge` takes each unit from the chosen side. `take` saves one's own text and then theirs
    again, so that one's own stays in the list of earlier versions.
    """
    theirs = desk.scope.take(desk.draft, desk.record)
    if request.POST.get("do") == "merge":
        mine = cleaned(desk, part)
        chosen = merged(mine, theirs, picked(request.POST), desk.layout)
        return save_part(desk, chosen, mark, person)
    own = desk.on(save_part(desk, part, mark, person))
    return save_part(own, theirs, mark_of(own), person)


def _start(desk: Desk, version: int, person: Person) -> Copy | None:
    """The save that both began from; None if it is too old to be there."""
    try:
        return desk.scope.take(queries.draft_version(desk.draft.id, version, person), {})
    except NoSuchCourseDraft:
        return None
