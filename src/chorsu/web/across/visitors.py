"""Guests, for administrators of the node: what is known of each, and shutting one out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chorsu.institutions.actions.guests import let_in, remove_visitor
from chorsu.institutions.queries import GuestView, guests, homes_of_guests
from chorsu.kernel.clock import utc_now
from chorsu.training.rules.programmes import category_name
from chorsu.web.access import node_administrator
from chorsu.web.across.academies import academies_by_node
from chorsu.web.context import NavItem
from chorsu.web.locales import language_name, listed, page_language


@login_required
@require_safe
def visitors(request: HttpRequest) -> HttpResponse:
    """The guests of this node, of all homes or of one."""
    node_administrator(request)
    homes = homes_of_guests()
    asked = request.GET.get("home", "")
    chosen = asked if asked in {home for home, _number in homes} else ""
    names = academies_by_node({home for home, _number in homes})
    here = reverse("guests")
    tabs = [NavItem(here, _("All"), not chosen)] + [
        NavItem(f"{here}?home={home}", f"{names[home].name} ({number})", home == chosen)
        for home, number in homes
    ]
    context = {
        "tabs": tabs if len(homes) > 1 else [],
        "guests": [(one, names[one.home].name, _told(one)) for one in guests(chosen)],
    }
    return render(request, "across/guests.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, person_id: int) -> HttpResponse:
    """Shut a guest out, or with `active=1` let them in again."""
    by = node_administrator(request)
    active = request.POST.get("active") == "1"
    try:
        let_in(person_id=person_id, active=active, by=by, now=utc_now())
    except LookupError:
        raise Http404 from None
    messages.success(
        request,
        _("The guest may sign in again.") if active else _("The guest is shut out."),
    )
    return redirect("guests")


@login_required
@require_POST
def remove(request: HttpRequest, person_id: int) -> HttpResponse:
    """Forget a guest who came by a learning system's link."""
    by = node_administrator(request)
    try:
        remove_visitor(person_id=person_id, by=by, now=utc_now())
    except LookupError:
        raise Http404 from None
    messages.success(request, _("The guest is forgotten."))
    return redirect("guests")


def _told(one: GuestView) -> list[tuple[str, str]]:
    """(label, value) of what the guest agreed to tell, in the order of the consent page."""
    here = page_language().tag
    position = one.told.get("position", "")
    found = [
        (_("E-mail address"), one.told.get("email", "")),
        (_("Category of the position"), category_name(position, here) if position else ""),
        (_("Language"), listed([language_name(tag, here) for tag in one.languages], here)),
    ]
    return [(label, value) for label, value in found if value]
