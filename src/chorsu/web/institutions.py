"""Institutions of the network: all of them, and each with its branches and latest practices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chorsu.exchange.queries import peers
from chorsu.institutions.models import Institution
from chorsu.institutions.queries import (
    InstitutionView,
    find_institution,
    institutions,
    may_edit_institution,
)
from chorsu.practices.queries import counts, practices
from chorsu.practices.shapes import Filters
from chorsu.web.cards import Link, cards
from chorsu.web.home import node_state
from chorsu.web.labels import label
from chorsu.web.locales import country_name, page_language
from chorsu.web.viewer import viewer_of

LATEST = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """An institution in the list, with its branches under it."""

    id: str
    name: str
    country: str
    kind: str
    practices: int
    branches: list[Entry]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The network's institutions, branches under their parents."""
    counted = counts(viewer_of(request)).institution
    entries = [_entry(view, counted) for view in institutions() if view.parent_id is None]
    return render(request, "institutions/index.html", {"entries": entries})


@require_safe
def show(request: HttpRequest, institution_id: str) -> HttpResponse:
    """One institution: who it is, its branches, what it published lately."""
    view = find_institution(institution_id)
    if view is None:
        raise Http404
    here = page_language().tag
    viewer = viewer_of(request)
    page = practices(viewer, Filters(institution=view.id), limit=LATEST)
    peer = next((one for one in peers() if one.name == view.node), None)
    tone, state = node_state(view, peer)
    parent = find_institution(view.parent_id) if view.parent_id else None
    counted = counts(viewer).institution
    own_list = f"{reverse('practices')}?institution={view.id}"
    context = {
        "institution": view,
        "name": view.name(here),
        "kind": label(dict(Institution.Kind.choices), view.kind),
        "country": country_name(view.country, here),
        "parent": parent and Link(parent.name(here), reverse("institution", args=[parent.id])),
        "branches": [_entry(one, counted) for one in institutions() if one.parent_id == view.id],
        "tone": tone,
        "state": state,
        "peer": peer,
        "latest": cards(page.items),
        "search_kept": [("institution", view.id)],
        "count": counted.get(view.id, 0),
        "all_url": own_list if page.next_cursor else "",
        "may_edit": may_edit_institution(request.user, view.id),
    }
    return render(request, "institutions/show.html", context)


def _entry(view: InstitutionView, counted: Mapping[str, int]) -> Entry:
    here = page_language().tag
    branches = [_entry(one, counted) for one in institutions() if one.parent_id == view.id]
    return Entry(
        id=view.id,
        name=view.name(here),
        country=country_name(view.country, here),
        kind=label(dict(Institution.Kind.choices), view.kind),
        practices=counted.get(view.id, 0),
        branches=branches,
    )
