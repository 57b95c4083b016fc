"""The write page: a draft as a form that saves itself, and the ways on from it."""

from __future__ import annotations

import re
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.institutions.errors import WrongState
from chorsu.institutions.models import Person
from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import DraftConflict, NoSuchDraft
from chorsu.practices.rules import InvalidPractice, refusals
from chorsu.practices.shapes import DraftView
from chorsu.web.access import signed_in
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_discard, may_publish, may_save, number
from chorsu.web.drafting.talking import open_thread
from chorsu.web.locales import page_language
from chorsu.web.writing.conflict import conflict_page, settle
from chorsu.web.writing.forms import DraftForm
from chorsu.web.writing.guards import for_members
from chorsu.web.writing.lost import not_saved_page
from chorsu.web.writing.parts import parts_of

_ADD = re.compile(r"add-(indicators|contacts|sources)", re.ASCII)
_REMOVE_ROW = re.compile(r"remove-(indicators|contacts|sources)-([0-9]{1,3})", re.ASCII)
_REMOVE_FILE = re.compile(r"remove-file-([0-9a-f]{64})", re.ASCII)
FILES = "files-part"
# After these one goes on to something that needs every field right.
_MEANT_WHOLE = ("save", "preview", "submit", "publish")


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def edit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Show a draft to write on; a POST saves it and does what its `do` says."""
    person = signed_in(request)
    if request.method == "POST":
        return _save(request, str(draft_id), person)
    draft = queries.draft(str(draft_id), person)
    if not may_save(draft, person):
        return redirect("draft-review", draft_id=draft.id)
    return edit_page(request, draft, DraftForm.of_draft(draft))


def edit_page(
    request: HttpRequest, draft: DraftView, form: DraftForm, *, status: int = 200, version: int = 0
) -> HttpResponse:
    """The write page; with `version`, what the form holds was read at that one and is not saved."""
    person = signed_in(request)
    context = {
        "draft": draft,
        "form": form,
        "version": version or draft.version,
        "is_saved": not version,
        "parts": parts_of(form, draft),
        "whole": open_thread(draft.comments, ""),
        "institution": institution(draft.institution_id).name(page_language().tag),
        "may_publish": may_publish(person, draft.institution_id),
        "may_discard": may_discard(draft, person),
    }
    return render(request, "writing/edit.html", context, status=status)


def _save(request: HttpRequest, draft_id: str, person: Person) -> HttpResponse:
    action, version = request.POST.get("do", "save"), number(request.POST.get("version"))
    quiet = request.headers.get("Accept") == "application/json"
    try:
        draft = queries.draft(draft_id, person)
        form = DraftForm(
            language=draft.language, attached=draft.files, data=_without(request.POST, action)
        )
        if action in ("merge", "take"):
            saved = settle(request, draft, form, person)
        else:
            saved = save_form(form, draft_id, version, person)
    except DraftConflict as conflict:
        if quiet:
            return _faster(conflict.current)
        try:
            return conflict_page(request, form, version, conflict.current)
        except InvalidPractice as invalid:
            # First what is wrong; the version stays, so that the next save meets the conflict.
            form.show_errors(invalid.errors)
            return edit_page(request, draft, form, status=422, version=version)
    except InvalidPractice as invalid:
        form.show_errors(invalid.errors)
        if quiet:
            return JsonResponse({"errors": form.first_errors()}, status=422)
        return edit_page(request, draft, form, status=422, version=version)
    except (NoSuchDraft, WrongState) as gone:
        if isinstance(gone, NoSuchDraft) and queries.moved_draft(draft_id):
            raise
        if quiet:
            return JsonResponse({"state": _("This draft can no longer be changed.")}, status=410)
        return not_saved_page(request, draft_id)
    errors = refusals(saved.words, saved.facts, saved.refused)
    if errors and (quiet or action in _MEANT_WHOLE):
        form.show_errors(errors)
    if quiet:
        return _kept(saved, form)
    if errors and action in _MEANT_WHOLE:
        return _to_correct(request, saved, form, person)
    return _go_on(request, saved, action, person)


def _to_correct(
    request: HttpRequest, saved: DraftView, form: DraftForm, person: Person
) -> HttpResponse:
    """The page again, all saved and what is refused marked; a browser would forget chosen files."""
    if not request.FILES:
        return edit_page(request, saved, form, status=422)
    refused = _take_files(request, saved, person)
    if refused is not None:
        return refused
    draft = queries.draft(saved.id, person)
    return edit_page(request, draft, DraftForm.of_draft(draft), status=422)


def save_form(form: DraftForm, draft_id: str, version: int, person: Person) -> DraftView:
    """Save what the form holds, what is refused as it was typed; raises as `actions.save_draft`."""
    record = form.record()
    return actions.save_draft(
        draft_id=draft_id,
        version=version,
        words=form.words(),
        facts=form.facts(),
        audience=record["audience"] or None,
        licence=record["licence"] or None,
        note=record["note"],
        by=person,
        now=utc_now(),
        keep_refused=True,
    )


def _kept(draft: DraftView, form: DraftForm) -> JsonResponse:
    """What the page's script is told after a save: `errors` are kept as typed."""
    at = {"time": f"{localtime(draft.saved_at):%H:%M}"}
    errors = form.first_errors() if draft.refused else {}
    said = _("Saved %(time)s. Please correct the marked fields.") if errors else _("Saved %(time)s")
    return JsonResponse({"version": draft.version, "state": said % at, "errors": errors})


def _faster(draft: DraftView) -> JsonResponse:
    """What it is told instead of a save when somebody else's came between."""
    said = _("%(who)s saved this draft at %(time)s. Your text is not saved yet.")
    told = {"who": draft.saved_by, "time": f"{localtime(draft.saved_at):%H:%M}"}
    return JsonResponse({"state": said % told}, status=409)


def _go_on(request: HttpRequest, draft: DraftView, action: str, person: Person) -> HttpResponse:
    """The page after a save."""
    address = reverse("draft-edit", args=[draft.id])
    if added := _ADD.fullmatch(action):
        return redirect(f"{address}#{added[1]}")
    if removed := _REMOVE_ROW.fullmatch(action):
        return redirect(f"{address}#{removed[1]}")
    if removed := _REMOVE_FILE.fullmatch(action):
        actions.remove_file(draft_id=draft.id, sha256=removed[1], by=person, now=utc_now())
        return redirect(f"{address}#{FILES}")
    if action == "upload" or request.FILES:
        refused = _take_files(request, draft, person)
        if refused is not None:
            return refused
    if action == "upload":
        return redirect(f"{address}#{FILES}")
    if action == "submit":
        return _submit(request, draft, person)
    if action in ("preview", "publish"):
        return redirect(f"draft-{action}", draft_id=draft.id)
    messages.success(request, _("The draft is saved."))
    return redirect(address)


def _submit(request: HttpRequest, draft: DraftView, person: Person) -> HttpResponse:
    try:
        actions.submit_draft(draft_id=draft.id, version=draft.version, by=person, now=utc_now())
    except InvalidPractice as invalid:
        form = DraftForm.of_draft(draft)
        form.show_errors(invalid.errors)
        return edit_page(request, draft, form, status=422)
    messages.success(request, _("The draft is with the editors now."))
    return redirect("work")


def _take_files(request: HttpRequest, draft: DraftView, person: Person) -> HttpResponse | None:
    """Take in what was uploaded; the page with errors if something was refused."""
    refused: list[str] = []
    uploads = request.FILES.getlist("file")
    if not uploads:
        refused.append(_("Choose a file first."))
    for upload in uploads:
        try:
            actions.add_file(
                draft_id=draft.id,
                upload=cast("BinaryIO", upload.file),
                name=upload.name or "",
                language=request.POST.get("file_language", ""),
                by=person,
                now=utc_now(),
            )
        except InvalidPractice as invalid:
            refused += [f"{upload.name}: {message(error)}" for error in invalid.errors]
    if not refused:
        return None
    form = DraftForm.of_draft(queries.draft(draft.id, person))
    form.refuse_files(refused)
    return edit_page(request, draft, form, status=422)


def _without(data: QueryDict, action: str) -> QueryDict:
    """What was posted, without the row that is to be removed."""
    removed = _REMOVE_ROW.fullmatch(action)
    if removed is None:
        return data
    left = data.copy()
    for name in [name for name in left if name.startswith(f"{removed[1]}-{removed[2]}-")]:
        del left[name]
    return left
