"""External tools as an author meets them: opening one, and choosing in it what a unit opens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chorsu.flows import launching
from chorsu.institutions.errors import WrongState
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.records.fields import InvalidRecord
from chorsu.tools.actions.content import drop_content
from chorsu.tools.content import Item
from chorsu.tools.queries import tool_for, tools_to_choose_in
from chorsu.tools.queries.content import ContentView, NoSuchContent, content
from chorsu.training.queries import courses as queries
from chorsu.training.rules.outline import PlacedUnit, find_unit, placed
from chorsu.web.access import signed_in
from chorsu.web.course_editor.desk import UnitDesk, mark_of
from chorsu.web.course_editor.guards import for_authors
from chorsu.web.course_editor.saving import PartConflict, save_part
from chorsu.web.course_editor.scopes import Mark, UnitScope
from chorsu.web.course_editor.titles import unit_titles
from chorsu.web.drafting.merging import Copy
from chorsu.web.drafting.messages import message
from chorsu.web.locales import page_language


@require_safe
@for_authors
def open_tool(request: HttpRequest, draft_id: UUID, key: str) -> HttpResponse:
    """Send an author's browser to the tool that a unit of the draft opens."""
    one, person = _unit(draft_id, key, signed_in(request))
    tool = tool_for(one.unit["tool"]) if one.unit["tool"] else None
    if tool is None:
        raise Http404
    to = launching.begin(tool=tool, person_id=person.pk, at=draft_id, one=one, way=launching.WRITE)
    return HttpResponseRedirect(to)


@require_safe
@for_authors
def choose(request: HttpRequest, draft_id: UUID, key: str, tool_id: int) -> HttpResponse:
    """Send an author's browser to a tool, to choose there what a unit of the draft opens."""
    one, person = _unit(draft_id, key, signed_in(request))
    tool = next((tool for tool in tools_to_choose_in() if tool.id == tool_id), None)
    if tool is None:
        raise Http404
    to = launching.begin(
        tool=tool,
        person_id=person.pk,
        at=draft_id,
        one=one,
        way=launching.CHOOSE,
        language=page_language().tag,
    )
    return HttpResponseRedirect(to)


def _unit(draft_id: UUID, key: str, person: Person) -> tuple[PlacedUnit, Person]:
    draft = queries.draft(str(draft_id), person)
    one = find_unit(placed(draft.facts), key)
    if one is None or one.kind != "tool":
        raise Http404
    return one, person


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def show(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """What was chosen in a tool, for its author to look at; a POST takes it over or leaves it."""
    person = signed_in(request)
    try:
        found = content(content_id, person.pk, utc_now())
    except NoSuchContent:
        raise Http404 from None
    draft = queries.draft(str(found.draft_id), person)
    unit = UnitScope(found.unit).unit(draft)
    if unit is None or unit["kind"] != "tool":
        raise Http404
    desk = UnitDesk(draft, unit)
    if request.method != "POST":
        return _page(request, desk, found)
    if found.item is not None and request.POST.get("do") == "take":
        return _take(request, desk, found, found.item)
    drop_content(content_id=found.id)
    return redirect(desk.address)


def _take(request: HttpRequest, desk: UnitDesk, found: ContentView, item: Item) -> HttpResponse:
    part = desk.scope.take(desk.draft, desk.record)
    words, facts = dict(part.words), {**part.facts, "tool": item.url}
    for name, value in (("custom", dict(item.custom)), ("points", item.points)):
        facts.pop(name, None)
        if value:
            facts[name] = value
    if item.title and "title" in request.POST:
        words[f"units.{found.unit}.title"] = item.title
    mark = Mark.read(request.POST.get("version", ""))
    try:
        save_part(desk, Copy(words, facts, part.record), mark, signed_in(request))
    except PartConflict as conflict:
        why = [_("Somebody saved this unit meanwhile. Look at it once more, then take it over.")]
        return _page(request, desk.on(conflict.current), found, why, status=409)
    except InvalidRecord as invalid:
        return _page(request, desk, found, [message(one) for one in invalid.errors], status=422)
    except WrongState:
        raise Http404 from None
    drop_content(content_id=found.id)
    messages.success(request, _("The draft is saved."))
    return redirect(desk.address)


def _page(
    request: HttpRequest,
    desk: UnitDesk,
    found: ContentView,
    refused: list[str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "draft": desk.draft,
        "address": desk.address,
        "title": unit_titles(desk.draft)[found.unit],
        "tool": found.tool,
        "item": found.item,
        "told": found.told,
        "before": desk.unit["tool"],
        "mark": mark_of(desk),
        "refused": refused or [],
        "takes_title": request.method != "POST" or "title" in request.POST,
    }
    return render(request, "course_editor/tool_content.html", context, status=status)
