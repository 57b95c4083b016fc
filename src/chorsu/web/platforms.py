"""Learning systems that open courses here, for administrators of the node."""

from __future__ import annotations

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
from chorsu.tools.actions import ToolRefused
from chorsu.tools.actions import platforms as actions
from chorsu.tools.claims import CHOOSE_PATH, LAUNCH_PATH, LOGIN_PATH, PlatformView
from chorsu.tools.queries import platforms as queries
from chorsu.tools.queries.platforms import NoSuchPlatform
from chorsu.tools.rules import MAX_TEXT, MAX_URL
from chorsu.web.access import node_administrator
from chorsu.web.tools import Told, url_input

_CODE = {"autocomplete": "off", "dir": "ltr", "lang": "en"}


class PlatformForm(forms.Form):
    """What the administrators of a learning system say of it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    issuer = forms.CharField(
        label=gettext_lazy("Platform (issuer)"),
        help_text=gettext_lazy("As its messages name it, to the letter."),
        max_length=MAX_URL,
        widget=url_input(),
    )
    moved = forms.BooleanField(
        label=gettext_lazy(
            "It is the same learning system at a new address, and its users kept their numbers"
        ),
        required=False,
    )
    client_id = forms.CharField(
        label=gettext_lazy("Client ID"),
        help_text=gettext_lazy("What the learning system calls this node."),
        max_length=MAX_TEXT,
        widget=forms.TextInput(attrs=_CODE),
    )
    deployments = forms.CharField(
        label=gettext_lazy("Deployment IDs"),
        help_text=gettext_lazy("One a line: messages of no others are taken."),
        widget=forms.Textarea(attrs={**_CODE, "rows": 3}),
        max_length=30_000,
    )
    auth_url = forms.CharField(
        label=gettext_lazy("Authentication requests"), max_length=MAX_URL, widget=url_input()
    )
    token_url = forms.CharField(
        label=gettext_lazy("Access tokens"), max_length=MAX_URL, widget=url_input()
    )
    keys_url = forms.CharField(
        label=gettext_lazy("Public keys"),
        help_text=gettext_lazy("Where the learning system's JWK Set is read."),
        max_length=MAX_URL,
        widget=url_input(),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Its links are taken"), required=False, initial=True
    )


@login_required
@require_safe
def platforms(request: HttpRequest) -> HttpResponse:
    """All registered learning systems."""
    node_administrator(request)
    return render(request, "tools/platforms.html", {"platforms": queries.platforms()})


@login_required
def edit(request: HttpRequest, platform_id: int | None = None) -> HttpResponse:
    """Register a learning system or change it; what it needs to know of this node stands beside."""
    person = node_administrator(request)
    known = _platform(platform_id) if platform_id is not None else None
    form = PlatformForm(request.POST or None, initial=_initial(known) if known else None)
    if known is None or request.POST.get("issuer", known.issuer).strip() == known.issuer:
        del form.fields["moved"]
    if request.method == "POST" and form.is_valid():
        lines = form.cleaned_data["deployments"].splitlines()
        given = {**form.cleaned_data, "deployments": [one.strip() for one in lines if one.strip()]}
        try:
            saved = actions.save_platform(
                platform_id=platform_id, by=person, now=utc_now(), **given
            )
        except ToolRefused as refused:
            for name, code in refused.fields.items():
                form.add_error(name, _why(code))
        else:
            messages.success(request, _("Saved."))
            return redirect("platform", saved.id)
    context = {"form": form, "platform": known, "told": told()}
    return render(request, "tools/platform.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, platform_id: int) -> HttpResponse:
    """Forget a learning system."""
    person = node_administrator(request)
    known = _platform(platform_id)
    actions.remove_platform(platform_id=known.id, by=person, now=utc_now())
    messages.success(request, _("Forgotten."))
    return redirect("platforms")


def told() -> list[Told]:
    """What a learning system needs to know of this node."""
    return [
        Told(_("Login initiation"), address(LOGIN_PATH)),
        Told(_("Redirect address"), address(LAUNCH_PATH)),
        Told(_("Choosing what a link opens (Deep Linking)"), address(CHOOSE_PATH)),
        Told(_("Public keys of this node"), address("/lti/keys")),
    ]


def _platform(platform_id: int) -> PlatformView:
    try:
        return queries.platform(platform_id)
    except NoSuchPlatform as error:
        raise Http404 from error


def _initial(known: PlatformView) -> dict[str, object]:
    return {
        "name": known.name, "issuer": known.issuer, "client_id": known.client_id,
        "deployments": "\n".join(known.deployments), "auth_url": known.auth_url,
        "token_url": known.token_url, "keys_url": known.keys_url, "active": known.active,
    }  # fmt: skip


def _why(code: str) -> str:
    return {
        "missing": _("This is needed."),
        "long": _("At most %(number)s characters.") % {"number": MAX_TEXT},
        "many": _("At most %(number)s deployments.") % {"number": actions.MAX_DEPLOYMENTS},
        "taken": _("This client ID of this platform is registered already."),
        "guests": _(
            "Guests have come from the platform that stood here, and users of another one would be "
            "taken for them. Register another learning system anew; if this one has only moved, "
            "say so below."
        ),
    }.get(code) or _("Write the whole address, beginning with https://.")
