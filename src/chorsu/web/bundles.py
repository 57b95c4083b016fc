"""Bundles for where no wire reaches: make, take in, see how far it is, download. Administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from chorsu.exchange import queries, works
from chorsu.exchange.queries import PeerState
from chorsu.exchange.troubles import Trouble, explain
from chorsu.exchange.works import Direction, NoSuchWork, State, WorkView
from chorsu.flows import carrying
from chorsu.flows.carrying import NamedLack
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.records.viewer import Viewer
from chorsu.web.access import node_administrator
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import format_size, page_language
from chorsu.web.parts import PartsForm, take_parts
from chorsu.web.sending import whole_file
from chorsu.web.stopping import Stop, stop
from chorsu.web.uploads import PartFile
from chorsu.web.viewer import viewer_of

SIZES = ("700M", "2G", "4G", "16G", "64G")
"""What fits a disc, and sticks of common sizes (FAT32 takes files of 4 GB)."""
OWN, MIRROR = "own", "mirror"
TONES = {State.DONE: "ok", State.FAILED: "trouble"}


@dataclass(frozen=True, slots=True)
class BundleCard:
    """One bundle on the page. `missing`: of the newest import of a node, what is not here yet.
    `stop`: why nothing is published since, while that lasts.
    """

    work: WorkView
    tone: str
    title: str
    trouble: Trouble | None
    log_trouble: Trouble | None
    missing: list[NamedLack]
    stop: Stop | None


class ExportForm(forms.Form):
    """What to carry, and to whom."""

    peer = forms.ChoiceField(label=gettext_lazy("For which node"))
    what = forms.ChoiceField(
        label=gettext_lazy("What to carry"),
        choices=(
            (OWN, gettext_lazy("What this node has published")),
            (MIRROR, gettext_lazy("The log of that node itself, as this node keeps it")),
        ),
        initial=OWN,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "A node that lost its data restores from its own log, which others keep."
        ),
    )
    since = forms.IntegerField(
        label=gettext_lazy("From entry"),
        min_value=0,
        max_value=2**53,
        initial=0,
        help_text=gettext_lazy(
            "0 carries everything. The other node's page tells how many entries it has read."
        ),
    )
    max_size = forms.ChoiceField(label=gettext_lazy("Largest part"), initial="4G")

    def __init__(self, data: object, peers: Sequence[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        tag = page_language().tag
        sizes = [(one, format_size(carrying.parse_size(one), tag)) for one in SIZES]
        self.fields["peer"].choices = [(one, one) for one in peers]  # type: ignore[attr-defined]
        self.fields["max_size"].choices = sizes  # type: ignore[attr-defined]


@login_required
def bundles(request: HttpRequest) -> HttpResponse:
    """All bundles of the last days; having one made (POST)."""
    person = node_administrator(request)
    names = [one.name for one in queries.peers() if one.state != PeerState.REFUSED]
    form = ExportForm(request.POST or None, names)
    if request.method == "POST" and form.is_valid():
        carrying.ask_export(
            peer_name=form.cleaned_data["peer"],
            since=form.cleaned_data["since"],
            max_bytes=carrying.parse_size(form.cleaned_data["max_size"]),
            by=person,
            now=utc_now(),
            mirror=form.cleaned_data["what"] == MIRROR,
        )
        _say_asked(request)
        return redirect("bundles")
    return _page(request, form, PartsForm(), names)


@csrf_exempt
@login_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take in uploaded parts. Who asks and how much is looked at before the form is parsed."""
    person = node_administrator(request)
    take = partial(_take_in, request, person)
    return take_parts(request, command="chorsu bundle import", take=take)


def _take_in(request: HttpRequest, person: Person, parts: list[PartFile]) -> HttpResponse:
    if not parts:
        names = [one.name for one in queries.peers() if one.state != PeerState.REFUSED]
        return _page(request, ExportForm(None, names), PartsForm(request.POST), names)
    for part in parts:
        carrying.ask_import(path=part.path, name=part.name or "part", by=person, now=utc_now())
    _say_asked(request)
    return redirect("bundles")


@login_required
@require_safe
def download(request: HttpRequest, number: int, part: int) -> HttpResponseBase:
    """One part of a bundle that was made here."""
    node_administrator(request)
    one = _work_or_404(number)
    if one.direction != Direction.OUT or not 0 < part <= len(one.files):
        raise Http404
    name, _size = one.files[part - 1]
    try:
        file = (works.work_folder(number) / name).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return whole_file(request, file, name=name, content_type="application/octet-stream")


@login_required
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a bundle that has ended, with its files."""
    person = node_administrator(request)
    try:
        carrying.remove(number=number, by=person, now=utc_now())
    except NoSuchWork as error:
        raise Http404 from error
    return redirect("bundles")


def _page(
    request: HttpRequest, export: ExportForm, imports: PartsForm, peers: Sequence[str]
) -> HttpResponse:
    cards = _cards(viewer_of(request))
    context = {
        "export": export,
        "imports": imports,
        "peers": peers,
        "cards": cards,
        "watching": any(not card.work.ended for card in cards),
    }
    wrong = export.errors or imports.errors
    return page_or_part(
        request,
        "exchange/bundles.html",
        "exchange/_bundles.html",
        context,
        status=400 if wrong else 200,
    )


def _cards(viewer: Viewer) -> list[BundleCard]:
    cards, told = [], set[str]()
    found = works.works()
    stopped = stop() if any(one.report.get("stopped") for one in found) else None
    for one in found:
        fresh = one.direction == Direction.IN and one.state == State.DONE and one.peer not in told
        if fresh:
            told.add(one.peer)
        cards.append(_card(one, carrying.missing_of(one.peer, viewer) if fresh else [], stopped))
    return cards


def _card(one: WorkView, missing: list[NamedLack], stopped: Stop | None) -> BundleCard:
    report = one.report
    return BundleCard(
        work=one,
        tone=TONES.get(State(one.state), "wait"),
        title=str(State(one.state).label),
        trouble=explain(one.trouble) if one.trouble else None,
        log_trouble=explain(str(report["trouble"])) if report.get("trouble") else None,
        missing=missing,
        stop=stopped if report.get("stopped") else None,
    )


def _say_asked(request: HttpRequest) -> None:
    messages.info(request, _("A worker does it; this page shows how far it is."))


def _work_or_404(number: int) -> WorkView:
    try:
        return works.work(number)
    except NoSuchWork as error:
        raise Http404 from error
