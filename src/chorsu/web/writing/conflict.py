"""When somebody else saved the draft meanwhile: both texts, and the ways on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchDraft
from chorsu.practices.rules import InvalidPractice, clean_facts, clean_words
from chorsu.practices.shapes import DraftVersionView, DraftView
from chorsu.web.access import signed_in
from chorsu.web.drafting.merging import Copy, clashes, merged, picked
from chorsu.web.drafting.people import number
from chorsu.web.writing.forms import DraftForm
from chorsu.web.writing.merging import LAYOUT, copy_of, typed_copy

_NOT_KEPT = ("csrfmiddlewaretoken", "do", "version", "base")


def conflict_page(
    request: HttpRequest, form: DraftForm, version: int, theirs: DraftView
) -> HttpResponse:
    """409: what differs, side by side. Every value that was typed travels on in the page.

    Where both say the same there is nothing to decide, and the write page follows. Raises
    `InvalidPractice` if what was typed cannot be saved as it is.
    """
    mine = posted_copy(form)
    base = _base(request, theirs.id, version)
    start = typed_copy(base, {}) if base else None
    found = clashes(mine, copy_of(theirs), start, LAYOUT)
    if not found:
        messages.success(request, _("The draft is saved."))
        return redirect("draft-edit", draft_id=theirs.id)
    context = {
        "draft": theirs,
        "address": reverse("draft-edit", args=[theirs.id]),
        "version": theirs.version,
        "clashes": found,
        "base": base.version if base else "",
        "kept": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _NOT_KEPT and not name.startswith("pick-")
            for value in values
        ],
    }
    return render(request, "writing/conflict.html", context, status=409)


def settle(request: HttpRequest, theirs: DraftView, form: DraftForm, person: Person) -> DraftView:
    """Save what was chosen on the conflict page; raises as `actions.save_draft`.

    `merge` takes each part from the chosen side. `take` saves one's own text and then theirs
    again, so that one's own stays in the list of earlier versions.
    """
    mine = posted_copy(form)
    version = number(request.POST.get("version"))
    if request.POST.get("do") == "merge":
        chosen = merged(mine, copy_of(theirs), picked(request.POST), LAYOUT)
        return _save_copy(theirs, version, chosen, person)
    own = _save_copy(theirs, version, mine, person)
    return _save_copy(theirs, own.version, copy_of(theirs), person)


def posted_copy(form: DraftForm) -> Copy:
    """What the form holds, cleaned; raises `InvalidPractice`."""
    errors = []
    words, facts = None, None
    try:
        words = clean_words(form.words())
    except InvalidPractice as invalid:
        errors += invalid.errors
    try:
        facts = clean_facts(form.facts())
    except InvalidPractice as invalid:
        errors += invalid.errors
    if words is None or facts is None:
        raise InvalidPractice(errors)
    return Copy(words, facts, form.record())


def _save_copy(draft: DraftView, version: int, copy: Copy, person: Person) -> DraftView:
    return actions.save_draft(
        draft_id=draft.id,
        version=version,
        words=copy.words,
        facts=copy.facts,
        audience=copy.record.get("audience") or None,
        licence=copy.record.get("licence") or None,
        note=copy.record.get("note"),
        by=person,
        now=utc_now(),
        keep_refused=True,
    )


def _base(request: HttpRequest, draft_id: str, version: int) -> DraftVersionView | None:
    """The save that both began from: after a second conflict still the first one's."""
    first = number(request.POST.get("base"))
    try:
        return queries.draft_version(draft_id, first if first > 0 else version, signed_in(request))
    except NoSuchDraft:
        return None
