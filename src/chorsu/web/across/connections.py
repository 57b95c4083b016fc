"""My connected academies: what each may know, and to be forgotten there."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chorsu.flows import forgetting
from chorsu.institutions.actions.connections import end
from chorsu.institutions.connections import ConnectionView, connections, own_connection
from chorsu.institutions.errors import NotConnected
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.web.access import signed_in
from chorsu.web.across.academies import Academy, academies_by_node
from chorsu.web.across.consent import CLAIM_LABELS


@dataclass(frozen=True, slots=True)
class Line:
    """A connection with the academy's name and what it may know, in words."""

    connection: ConnectionView
    academy: Academy
    claims: list[str | Promise]


@login_required
@require_safe
def connected(request: HttpRequest) -> HttpResponse:
    """Every academy at which the person has signed in."""
    found = connections(_own(request))
    names = academies_by_node({one.node for one in found})
    lines = [
        Line(one, names[one.node], [CLAIM_LABELS[claim] for claim in one.claims]) for one in found
    ]
    return render(request, "across/connections.html", {"lines": lines})


@login_required
@require_POST
def decide(request: HttpRequest, connection_id: int) -> HttpResponse:
    """End a connection."""
    try:
        end(person=_own(request), connection_id=connection_id, now=utc_now())
    except NotConnected:
        raise Http404 from None
    messages.success(request, _("The connection is ended."))
    return redirect("connections")


@login_required
def forget(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask whether that is meant; POST asks the academy."""
    person = _own(request)
    try:
        shown = own_connection(person, connection_id)
        if request.method == "POST":
            forgetting.want(person=person, connection_id=connection_id, now=utc_now())
            messages.success(request, _("The academy is asked to forget you."))
            return redirect("connections")
    except NotConnected:
        raise Http404 from None
    if shown.state not in ("live", "ended"):
        return redirect("connections")
    there = academies_by_node({shown.node})[shown.node]
    return render(request, "across/forget.html", {"connection": shown, "academy": there})


@login_required
@require_safe
def confirmation(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The signed note by which the academy says that it forgot the person."""
    try:
        shown = own_connection(_own(request), connection_id)
    except NotConnected:
        raise Http404 from None
    if not shown.confirmation:
        raise Http404
    name = f"forgotten-{shown.node}-{shown.id}.note"
    return HttpResponse(
        shown.confirmation,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _own(request: HttpRequest) -> Person:
    """Somebody of this node: a guest's connections are kept at their home."""
    person = signed_in(request)
    if person.is_guest:
        raise Http404
    return person
