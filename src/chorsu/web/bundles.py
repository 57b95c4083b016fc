"""Bundles for where no wire reaches: make, take in, see how far it is, download. Administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
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
from chorsu.web.errors import error_page
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import format_size, page_language
from chorsu.web.uploads import BesideBundles, PartFile
from chorsu.web.viewer import viewer_of

SIZES = ("700M", "2G", "4G", "16G", "64G")
"""What fits a disc, and sticks of common sizes (FAT32 takes files of 4 GB)."""
FORM_BYTES = 64 * 1024
MAX_PARTS = 32
MB = 1024 * 1024
TONES = {State.DONE: "ok", State.FAILED: "trouble"}


@dataclass(frozen=True, slots=True)
class BundleCard:
    """One bundle on the page. `missing`: of the newest import of a node, what is not here yet."""

    work: WorkView
    tone: str
    title: str
    trouble: Trouble | None
    log_trouble: Trouble | None
    missing: list[NamedLack]


class ExportForm(forms.Form):
    """What to carry, and to whom."""

    peer = forms.ChoiceField(label=gettext_lazy("For which node"))
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


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ImportForm(forms.Form):
    """Parts that somebody brought; the files themselves are read by the view."""

    parts = forms.FileField(
        label=gettext_lazy("Parts of a bundle"),
        help_text=gettext_lazy("Several may be chosen at once, in any order."),
        widget=_ManyFiles(attrs={"accept": ".zip,.age"}),
    )


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
        )
        _say_asked(request)
        return redirect("bundles")
    return _page(request, form, ImportForm(), names)


@csrf_exempt
@login_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take in uploaded parts. Who asks and how much is looked at before the form is parsed."""
    person = node_administrator(request)
    most = settings.NODE.number("bundles.max_mb")
    length = request.headers.get("Content-Length") or ""
    if not length.isdecimal() or int(length) > most * MB + FORM_BYTES:
        text = _(
            "At most %(number)s MB can be uploaded at once. Use the command chorsu bundle import."
        ) % {"number": most}
        return error_page(request, 413, _("Too much at once"), text)
    request.upload_handlers = [BesideBundles(request)]
    answer: HttpResponse = csrf_protect(_take_in)(request, person)
    return answer


def _take_in(request: HttpRequest, person: Person) -> HttpResponse:
    parts = [one for one in request.FILES.getlist("parts") if isinstance(one, PartFile)]
    if not parts:
        names = [one.name for one in queries.peers() if one.state != PeerState.REFUSED]
        return _page(request, ExportForm(None, names), ImportForm(request.POST), names)
    if len(parts) > MAX_PARTS:
        for part in parts:
            part.path.unlink()
        text = _("There are too many files to be sent at once: at most %(number)s.")
        return error_page(request, 413, _("Too much at once"), text % {"number": MAX_PARTS})
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
    return FileResponse(file, as_attachment=True, filename=name)


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
    request: HttpRequest, export: ExportForm, imports: ImportForm, peers: Sequence[str]
) -> HttpResponse:
    cards = _cards(viewer_of(request))
    context = {
        "export": export,
        "imports": imports,
        "peers": peers,
        "cards": cards,
        "watching": any(not card.work.ended for card in cards),
        "most": settings.NODE.number("bundles.max_mb"),
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
    for one in works.works():
        fresh = one.direction == Direction.IN and one.state == State.DONE and one.peer not in told
        if fresh:
            told.add(one.peer)
        cards.append(_card(one, carrying.missing_of(one.peer, viewer) if fresh else []))
    return cards


def _card(one: WorkView, missing: list[NamedLack]) -> BundleCard:
    report = one.report
    return BundleCard(
        work=one,
        tone=TONES.get(State(one.state), "wait"),
        title=str(State(one.state).label),
        trouble=explain(one.trouble) if one.trouble else None,
        log_trouble=explain(str(report["trouble"])) if report.get("trouble") else None,
        missing=missing,
    )


def _say_asked(request: HttpRequest) -> None:
    messages.info(request, _("A worker does it; this page shows how far it is."))


def _work_or_404(number: int) -> WorkView:
    try:
        return works.work(number)
    except NoSuchWork as error:
        raise Http404 from error
