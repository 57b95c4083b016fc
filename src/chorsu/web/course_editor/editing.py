"""Writing a course: its page and the pages of its units, which save themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chorsu.institutions.errors import WrongState
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import InvalidRecord
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import NoSuchCourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import TEXT_FIELDS
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.web.access import signed_in
from chorsu.web.course_editor.conflict import conflict_page, settle
from chorsu.web.course_editor.desk import AUTOSAVE, CourseDesk, Desk, UnitDesk, mark_of
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.labels import LABELS, name_of
from chorsu.web.course_editor.outline import step_of
from chorsu.web.course_editor.saving import PartConflict, save_part
from chorsu.web.course_editor.scopes import Mark, UnitScope
from chorsu.web.drafting.forms import RecordForm
from chorsu.web.drafting.messages import message
from chorsu.web.drafting.people import may_save

FILES = "files-part"
_ADD = re.compile(r"add-(competences|courses|terms|draws|variants|captions|rubrics|questions)")
_REMOVE_ROW = re.compile(_ADD.pattern.replace("add", "remove", 1) + r"-([0-9]{1,3})", re.ASCII)
_REMOVE_FILE = re.compile(r"remove-file-([0-9a-f]{64})", re.ASCII)
_ADD_UNIT = re.compile(r"add-unit:.*")
GoOn = Callable[[HttpRequest, Desk, str], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def edit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Show a course to write on; a POST saves it and does what its `do` says."""
    try:
        desk = CourseDesk(queries.draft(str(draft_id), signed_in(request)))
    except NoSuchCourseDraft:
        return _gone(request, str(draft_id))
    if request.method == "POST":
        return _save(request, desk, _on_from_course)
    if not may_save(desk.draft, signed_in(request)):
        return redirect("course-draft-review", draft_id=desk.draft.id)
    return desk.page(request, desk.form())


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def unit(request: HttpRequest, draft_id: UUID, key: str) -> HttpResponse:
    """Show a unit to write on; a POST saves it and does what its `do` says."""
    try:
        draft = queries.draft(str(draft_id), signed_in(request))
    except NoSuchCourseDraft:
        return _gone(request, str(draft_id))
    found = UnitScope(key).unit(draft)
    if found is None:
        return _gone(request, draft.id)
    desk = UnitDesk(draft, found, find=request.POST.get("find", ""))
    if request.method == "POST":
        return _save(request, desk, _on_from_unit)
    if not may_save(draft, signed_in(request)):
        return redirect("course-draft-review", draft_id=draft.id)
    return desk.page(request, desk.form())


def _save(request: HttpRequest, desk: Desk, go_on: GoOn) -> HttpResponse:
    quiet = request.headers.get("Accept") == "application/json"
    action = AUTOSAVE if quiet else request.POST.get("do", "save")
    mark, person = Mark.read(request.POST.get("version", "")), signed_in(request)
    form = desk.form(_without(request.POST, action))
    asking, part = desk.asked(form, action)
    try:
        if action in ("merge", "take"):
            saved = settle(request, asking, part, mark, person)
        else:
            saved = save_part(asking, part, mark, person)
    except PartConflict as conflict:
        if quiet:
            return _faster(conflict.current)
        try:
            return conflict_page(request, asking.on(conflict.current), part, mark)
        except InvalidRecord as invalid:
            # First what is wrong; the mark stays, so that the next save meets the conflict.
            return _to_correct(request, desk, form, invalid, mark)
    except InvalidRecord as invalid:
        if quiet:
            form.show_errors(invalid.errors)
            return JsonResponse({"errors": form.first_errors()}, status=422)
        return _to_correct(request, desk, form, invalid, mark)
    except WrongState:
        return _gone(request, desk.draft.id)
    now = desk.on(saved)
    if quiet:
        return _kept(now)
    if request.FILES or action == "upload" or _REMOVE_FILE.fullmatch(action):
        return _change_files(request, now, action)
    return go_on(request, now, action)


def _to_correct(
    request: HttpRequest, desk: Desk, form: RecordForm, invalid: InvalidRecord, mark: Mark
) -> HttpResponse:
    form.show_errors(invalid.errors)
    return desk.page(request, form, status=422, mark=mark)


def _kept(desk: Desk) -> JsonResponse:
    """What the page's script is told after a save."""
    said = _("Saved %(time)s") % {"time": f"{localtime(desk.draft.saved_at):%H:%M}"}
    return JsonResponse({"version": str(mark_of(desk)), "state": said})


def _faster(draft: CourseDraftView) -> JsonResponse:
    """What it is told instead of a save when somebody else's came between."""
    said = _("%(who)s saved this draft at %(time)s. Your text is not saved yet.")
    told = {"who": draft.saved_by, "time": f"{localtime(draft.saved_at):%H:%M}"}
    return JsonResponse({"state": said % told}, status=409)


def _on_from_course(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    draft = desk.draft
    if _ADD_UNIT.fullmatch(action):
        made = _newest_unit(desk, action.partition(":")[2])
        if made and request.POST.get(f"new-{action.partition(':')[2]}-title", "").strip():
            return redirect("course-draft-unit", draft_id=draft.id, key=made)
        return redirect(f"{desk.address}#outline")
    if action == "add-module" or step_of(action):
        return redirect(f"{desk.address}#outline")
    if action in ("preview", "review"):
        return redirect(f"course-draft-{action}", draft_id=draft.id)
    return _back_to_page(request, desk, action)


def _on_from_unit(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    draft = desk.draft
    assert isinstance(desk, UnitDesk)  # noqa: S101 - its own page
    if action == "find":
        return desk.page(request, desk.form())
    if action == "back":
        return redirect(f"{reverse('course-draft-edit', args=[draft.id])}#outline")
    if action == "preview":
        return redirect("course-draft-preview-unit", draft_id=draft.id, key=desk.unit["key"])
    return _back_to_page(request, desk, action)


def _back_to_page(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    if moved := _ADD.fullmatch(action) or _REMOVE_ROW.fullmatch(action):
        return redirect(f"{desk.address}#{moved[1]}")
    messages.success(request, _("The draft is saved."))
    return redirect(desk.address)


def _newest_unit(desk: Desk, module: str) -> str:
    for one in desk.draft.facts["modules"]:
        if one["key"] == module and one["units"]:
            return one["units"][-1]["key"]
    return ""


def _change_files(request: HttpRequest, desk: Desk, action: str) -> HttpResponse:
    """Take in what was uploaded, or take a file off; the page with errors if one is refused."""
    person, draft = signed_in(request), desk.draft
    if removed := _REMOVE_FILE.fullmatch(action):
        actions.remove_file(draft_id=draft.id, sha256=removed[1], by=person, now=utc_now())
        return redirect(f"{desk.address}#{FILES}")
    refused = [] if request.FILES else [_("Choose a file first.")]
    for upload in request.FILES.getlist("file"):
        try:
            actions.add_file(
                draft_id=draft.id,
                upload=cast("BinaryIO", upload.file),
                name=upload.name or "",
                language=request.POST.get("file_language", ""),
                by=person,
                now=utc_now(),
            )
        except InvalidRecord as invalid:
            refused += [f"{upload.name}: {message(error)}" for error in invalid.errors]
    now = desk.on(queries.draft(draft.id, person))
    if not refused:
        return redirect(f"{desk.address}#{FILES}")
    form = now.form()
    form.refuse_files(refused)
    return now.page(request, form, status=422)


def _gone(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The draft or its unit is not there: 404, or 409 with what was typed, to be copied."""
    if request.method != "POST":
        raise Http404
    if request.headers.get("Accept") == "application/json":
        state = _("This draft can no longer be changed.")
        return JsonResponse({"state": state}, status=410)
    names = {field.name: LABELS[field.name].name for field in TEXT_FIELDS}
    names |= {name: name_of(f"units.{name}") for name in ("body", "key_points")}
    typed = [
        (name, request.POST[field]) for field, name in names.items() if request.POST.get(field)
    ]
    context = {"draft_id": draft_id, "typed": typed}
    return render(request, "course_editor/not_saved.html", context, status=409)


def _without(data: QueryDict, action: str) -> QueryDict:
    """What was posted, without the row that is to be removed."""
    removed = _REMOVE_ROW.fullmatch(action)
    if removed is None:
        return data
    left = data.copy()
    for name in [name for name in left if name.startswith(f"{removed[1]}-{removed[2]}-")]:
        del left[name]
    return left
