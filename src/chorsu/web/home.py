"""Home: the network as it is; the way in at `/`; what robots may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chorsu.exchange.queries import PeerState, PeerView, peers
from chorsu.institutions.queries import InstitutionView, institutions, node_institution_id
from chorsu.kernel.languages import by_tag
from chorsu.practices.queries import counts, latest
from chorsu.web.cards import cards
from chorsu.web.locales import country_name, page_language
from chorsu.web.viewer import browser_languages, viewer_of

LATEST = 6


@dataclass(frozen=True, slots=True)
class Member:
    """An institution of the network on the home page. `tone` is one of the CSS states."""

    id: str
    name: str
    country: str
    branches: int
    practices: int
    tone: str
    state: str
    since: datetime | None


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who is in, what came lately from whom, search."""
    viewer = viewer_of(request)
    counted = counts(viewer)
    context = {
        "latest": cards(latest(viewer, LATEST)),
        "members": members(counted.institution, peers()),
        "total": counted.total,
        "languages": len(counted.language),
    }
    return render(request, "home/home.html", context)


def members(practices: Mapping[str, int], known: list[PeerView]) -> list[Member]:
    """The institutions that are no branches, each with its branches' practices counted in."""
    everyone = institutions()
    by_node = {peer.name: peer for peer in known}
    return [
        _member(
            view,
            [one for one in everyone if one.parent_id == view.id],
            practices,
            by_node.get(view.node),
        )
        for view in everyone
        if view.parent_id is None
    ]


def _member(
    view: InstitutionView,
    branches: list[InstitutionView],
    practices: Mapping[str, int],
    peer: PeerView | None,
) -> Member:
    language = page_language().tag
    tone, state = node_state(view, peer)
    return Member(
        id=view.id,
        name=view.name(language),
        country=country_name(view.country, language),
        branches=len(branches),
        practices=sum(practices.get(one.id, 0) for one in (view, *branches)),
        tone=tone,
        state=state,
        since=peer.answered_at if peer else None,
    )


def node_state(view: InstitutionView, peer: PeerView | None) -> tuple[str, str]:
    """(CSS state, words) of the node that hosts an institution, as seen from here."""
    if node_institution_id() in {view.id, view.parent_id}:
        return "ok", _("This node")
    if peer is not None and peer.state == PeerState.SET_ASIDE:
        return "trouble", _("Peer set aside")
    if peer is None or peer.state != PeerState.CONFIRMED:
        return "off", _("Not connected yet")
    if peer.trouble:
        return "trouble", _("Out of reach")
    if peer.in_sync:
        return "ok", _("Up to date")
    return "wait", _("Catching up")


@require_safe
def way_in(request: HttpRequest) -> HttpResponse:
    """`/`: to the home page in the reader's language."""
    person = getattr(request.user, "languages", [])
    wanted = [*person, *browser_languages(request), settings.NODE.text("node.language")]
    response = HttpResponseRedirect(f"/{by_tag(wanted[0]).django_code}/")
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Pages may be read by robots; forms, lists under filters and the exchange need not be."""
    lines = [
        "User-agent: *",
        "Disallow: /*/account/",
        "Disallow: /*/search/",
        "Disallow: /*/files/",
        "Disallow: /*?",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
