"""External tools, for administrators of the node: registering, changing, forgetting."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chorsu.flows.launching import address
from chorsu.kernel.clock import utc_now
from chorsu.tools import actions, queries
from chorsu.tools.actions import ToolRefused
from chorsu.tools.queries import NoSuchTool
from chorsu.tools.rules import MAX_URL, ToolView
from chorsu.web.access import node_administrator

URL_ATTRIBUTES = {"inputmode": "url", "autocomplete": "off", "dir": "ltr", "lang": "en"}


def url_input() -> forms.TextInput:
    """For an address: no help of a keyboard that expects words."""
    return forms.TextInput(attrs=URL_ATTRIBUTES)


class ToolForm(forms.Form):
    """What a tool's makers say of it, and what it may know here."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    address = forms.CharField(
        label=gettext_lazy("Address of the tool"),
        help_text=gettext_lazy("Units whose address begins with it open the tool by LTI."),
        max_length=MAX_URL,
        widget=url_input(),
    )
    login_url = forms.CharField(
        label=gettext_lazy("Login initiation"),
        help_text=gettext_lazy("The tool's OpenID Connect login address."),
        max_length=MAX_URL,
        widget=url_input(),
    )
    redirect_urls = forms.CharField(
        label=gettext_lazy("Redirect addresses"),
        help_text=gettext_lazy("One a line: only to these is a learner ever sent."),
        widget=forms.Textarea(attrs={**URL_ATTRIBUTES, "rows": 3}),
        max_length=5_500,
    )
    keys_url = forms.CharField(
        label=gettext_lazy("Public keys"),
        help_text=gettext_lazy("Where the tool's JWK Set is read."),
        max_length=MAX_URL,
        widget=url_input(),
    )
    choose_url = forms.CharField(
        label=gettext_lazy("Choosing content (Deep Linking)"),
        help_text=gettext_lazy(
            "Where authors of courses choose in the tool what a unit opens. Not every tool has it."
        ),
        max_length=MAX_URL,
        required=False,
        widget=url_input(),
    )
    names = forms.BooleanField(
        label=gettext_lazy("It is told the names of learners and teachers"), required=False
    )
    grades = forms.BooleanField(label=gettext_lazy("It may give scores"), required=False)
    members = forms.BooleanField(
        label=gettext_lazy("It may ask who is in a cohort"), required=False
    )
    active = forms.BooleanField(
        label=gettext_lazy("It can be opened"), required=False, initial=True
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the tool's makers need to know of this node."""

    label: str
    value: str


@login_required
@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """All registered tools."""
    node_administrator(request)
    return render(request, "tools/tools.html", {"tools": queries.tools()})


@login_required
def edit(request: HttpRequest, tool_id: int | None = None) -> HttpResponse:
    """Register a tool or change it; what its makers need to know of this node stands beside."""
    person = node_administrator(request)
    tool = _tool(tool_id) if tool_id is not None else None
    form = ToolForm(request.POST or None, initial=_initial(tool) if tool else None)
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "redirect_urls": form.cleaned_data["redirect_urls"].split()}
        try:
            saved = actions.save_tool(tool_id=tool_id, by=person, now=utc_now(), **given)
        except ToolRefused as refused:
            for name, code in refused.fields.items():
                form.add_error(name, _why(code))
        else:
            messages.success(request, _("Saved."))
            return redirect("tool", saved.id)
    context = {"form": form, "tool": tool, "told": _told(tool) if tool else []}
    return render(request, "tools/tool.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, tool_id: int) -> HttpResponse:
    """Forget a tool."""
    person = node_administrator(request)
    actions.remove_tool(tool_id=_tool(tool_id).id, by=person, now=utc_now())
    messages.success(request, _("Forgotten."))
    return redirect("tools")


def _tool(tool_id: int) -> ToolView:
    try:
        return queries.tool(tool_id)
    except NoSuchTool as error:
        raise Http404 from error


def _initial(tool: ToolView) -> dict[str, object]:
    return {
        "name": tool.name, "address": tool.address, "login_url": tool.login_url,
        "redirect_urls": "\n".join(tool.redirect_urls), "keys_url": tool.keys_url,
        "choose_url": tool.choose_url,
        "names": tool.names, "grades": tool.grades, "members": tool.members,
        "active": tool.active,
    }  # fmt: skip


def _told(tool: ToolView) -> list[Told]:
    return [
        Told(_("Platform (issuer)"), address("")),
        Told(_("Client ID"), tool.client_id),
        Told(_("Deployment ID"), tool.deployment),
        Told(_("Authentication requests"), address("/lti/authorize")),
        Told(_("Access tokens"), address("/lti/token")),
        Told(_("Public keys of this node"), address("/lti/keys")),
    ]


def _why(code: str) -> str:
    return {
        "missing": _("This is needed."),
        "taken": _("Another tool is registered at this address."),
        "many": _("At most %(number)s addresses.") % {"number": actions.MAX_REDIRECTS},
    }.get(code) or _("Write the whole address, beginning with https://.")
