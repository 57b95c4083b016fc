"""The network as this node sees it, for everybody; deciding on peers, for its administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from chorsu.exchange import keys, queries
from chorsu.exchange.actions import KeyDiffers
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.queries import KeptEntry, NotThere, PeerState, PeerView
from chorsu.exchange.sightings import sightings_of
from chorsu.exchange.troubles import Trouble, explain
from chorsu.flows import peering
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import institution, may, node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.search.backlog import backlog
from chorsu.search.queries import waiting_records
from chorsu.web.access import node_administrator
from chorsu.web.errors import error_page
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import page_language
from chorsu.web.peer_policy import PolicyForm
from chorsu.web.stopping import stop
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.node import FILE_SUFFIX, MAX_ADDRESS, parse_address
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note

READ = (PeerState.CONFIRMED, PeerState.SET_ASIDE)
LOOK_WITHIN = timedelta(minutes=2)
FORM_BYTES = 64 * 1024
KINDS = {
    "practice": gettext_lazy("Practice"),
    "practice-text": gettext_lazy("Translation of a practice"),
    "course": gettext_lazy("Course"),
    "course-text": gettext_lazy("Translation of a course"),
    "question-bank": gettext_lazy("Questions of a course"),
}
ENTRY_STATES = {
    "stored": pgettext_lazy("entry of a log", "Waiting"),
    "fetched": pgettext_lazy("entry of a log", "Waiting"),
    "unknown": pgettext_lazy("entry of a log", "Kept"),
    "refused": pgettext_lazy("entry of a log", "Refused"),
}


@dataclass(frozen=True, slots=True)
class PeerCard:
    """A peer on a page; `tone` is ok, wait, trouble or off; `moving` while its log is read."""

    peer: PeerView
    institutions: list[str]
    tone: str
    status: str | Promise
    trouble: Trouble | None
    moving: bool


@dataclass(frozen=True, slots=True)
class KeptLine:
    """An entry that is kept and not shown, with why, in words."""

    entry: KeptEntry
    kind: str | Promise
    state: str | Promise
    trouble: Trouble


class AddressForm(forms.Form):
    """Where another node is."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_ADDRESS,
        help_text=gettext_lazy("As in a browser, such as https://chorsu.academy.example"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "lang": "en"}),
    )

    def clean_address(self) -> str:
        """The address without a slash at its end."""
        try:
            return parse_address(str(self.cleaned_data["address"]).strip().rstrip("/"))
        except WireError as error:
            raise forms.ValidationError(
                _("Write the whole address, beginning with https://, without a path.")
            ) from error


class NodeFileForm(forms.Form):
    """What another node's administrator saved there."""

    document = forms.FileField(
        label=gettext_lazy("File of the node"),
        help_text=gettext_lazy(
            "Its administrator saves it on this page there, and it is carried here. No network is "
            "needed; from then on bundles are carried."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": FILE_SUFFIX}),
    )


@require_safe
def node(request: HttpRequest) -> HttpResponse:
    """What this node publishes, and how far it has read each peer."""
    newest = parse_checkpoint(parse_note(queries.checkpoint()).text)
    peers = [one for one in queries.peers() if one.state in READ]
    own = peering.own_document()
    indexing = waiting_records() > 0
    cards = [_card(one, indexing=indexing) for one in peers]
    administers = _administers(request)
    context = {
        "own": own,
        "own_institutions": _names(own.institutions),
        "size": newest.size,
        "root": newest.root.hex(),
        "changes": keys.chain()[::-1],
        "stopped": stop(),
        "cards": cards,
        "watching": any(card.moving for card in cards),
        "kept": [(one.name, lines) for one in peers if (lines := _kept(one))],
        "administers": administers,
        "backlog": backlog(now=utc_now()) if administers else None,
    }
    return page_or_part(request, "exchange/node.html", "exchange/_peers.html", context)


@login_required
def peers(request: HttpRequest) -> HttpResponse:
    """All peers and those who ask to be; adding one by its address (POST)."""
    person = node_administrator(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = _add(form, person)
        if name:
            return redirect("peer", name)
    return _peers_page(request, form, NodeFileForm())


@csrf_exempt
@login_required
@require_POST
def add_from_file(request: HttpRequest) -> HttpResponse:
    """Add a node by its file. Who asks and how much is looked at before the form is parsed."""
    person = node_administrator(request)
    length = request.headers.get("Content-Length") or ""
    if not length.isdecimal() or int(length) > MAX_NOTE_BYTES + FORM_BYTES:
        text = _("That is not the file of a node: it is too large.")
        return error_page(request, 413, _("Too much at once"), text)
    answer: HttpResponse = csrf_protect(_add_from_file)(request, person)
    return answer


def _add_from_file(request: HttpRequest, person: Person) -> HttpResponse:
    form = NodeFileForm(request.POST, request.FILES)
    if form.is_valid():
        name = _take_file(form, person)
        if name:
            return redirect("peer", name)
    return _peers_page(request, AddressForm(), form)


def _peers_page(request: HttpRequest, form: AddressForm, file_form: NodeFileForm) -> HttpResponse:
    own = peering.own_document()
    indexing = waiting_records() > 0
    cards = [_card(one, indexing=indexing) for one in queries.peers()]
    context = {
        "cards": cards,
        "form": form,
        "file_form": file_form,
        "own": own,
        "peer_pages": True,
        "watching": any(card.moving for card in cards),
    }
    status = 400 if form.errors or file_form.errors else 200
    return page_or_part(
        request, "exchange/peers.html", "exchange/_peers.html", context, status=status
    )


@login_required
def peer(request: HttpRequest, name: str) -> HttpResponse:
    """One peer: its fingerprint to compare, its evidence, and what may be decided.

    Its files are decided on here (POST).
    """
    person = node_administrator(request)
    shown = _peer_or_404(name)
    policy = PolicyForm(request.POST or None, shown)
    if request.method == "POST" and policy.is_valid():
        policy.save(person)
        messages.success(request, _("It is done so from now on."))
        return redirect("peer", name)
    card = _card(shown, indexing=waiting_records() > 0)
    context = {
        "card": card,
        "cards": [card],
        "changes": shown.successions[::-1],
        "kept": _kept(shown),
        "policy": policy,
        "own": peering.own_document(),
        "sightings": sightings_of(name),
        "watching": card.moving or _look_is_due(shown, request.GET.get("asked", "")),
    }
    status = 400 if policy.errors else 200
    return page_or_part(request, "exchange/peer.html", "exchange/_log.html", context, status=status)


def _look_is_due(shown: PeerView, asked: str) -> bool:
    """Whether a look asked for at this second (of the address) has yet to come, and still may."""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        return False
    when = datetime.fromtimestamp(int(asked), UTC)
    come = shown.looked_at is not None and shown.looked_at >= when
    return not come and timedelta(0) <= utc_now() - when < LOOK_WITHIN


@login_required
@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Confirm, refuse, look at, reach otherwise, trust again or forget a peer: the button's value
    says which.
    """
    person, now = node_administrator(request), utc_now()
    shown = _peer_or_404(name)
    decision = request.POST.get("decision", "")
    if decision == "confirm":
        carried = _("Confirmed. Bundles can be carried now.")
        try:
            peering.confirm(name=name, vkey=request.POST.get("vkey", ""), by=person, now=now)
        except KeyDiffers:
            messages.error(
                request, _("Its key has changed since this page was shown. Compare once more.")
            )
        else:
            read = _("Confirmed. Its log is being read now.")
            messages.success(request, carried if shown.carried else read)
    elif decision == "refuse":
        peering.refuse(name=name, by=person, now=now)
        messages.success(request, _("Refused. Nothing more is read from it."))
    elif decision in ("bundles", "network"):
        peering.reach(name=name, carried=decision == "bundles", by=person, now=now)
        messages.success(request, _("It is done so from now on."))
    elif decision == "look" and shown.state == PeerState.CONFIRMED and not shown.carried:
        peering.look_now(name=name, now=now)
        messages.info(request, _("A look has been asked for; load the page again in a moment."))
        return redirect(f"{reverse('peer', args=[name])}?asked={int(now.timestamp())}")
    elif decision == "trust":
        peering.trust_again(name=name, by=person, now=now)
        messages.success(request, _("It is read again."))
    elif decision == "forget":
        peering.forget(name=name, by=person, now=now)
        messages.success(request, _("Forgotten. What was accepted from it stays readable."))
        return redirect("peers")
    return redirect("peer", name)


def _add(form: AddressForm, person: Person) -> str:
    """Look at the node and keep it as one to be confirmed; what is wrong goes to the form."""
    try:
        document = peering.add(address=form.cleaned_data["address"], by=person, now=utc_now())
    except peering.OwnAddress:
        form.add_error("address", _("That is this node itself."))
    except KeyDiffers:
        form.add_error(
            "address",
            _("A node of that name is known here by another key. Compare fingerprints with it."),
        )
    except PeerTrouble as trouble:
        words = explain(trouble.code)
        form.add_error("address", f"{words.message} {words.advice}")
    except WireError as error:
        nobody = _("Something answers there, but not a node of this network.")
        form.add_error("address", f"{nobody} {explain(error.code).message}")
    else:
        return document.name
    return ""


def _take_file(form: NodeFileForm, person: Person) -> str:
    """Keep the node of the file as one to be confirmed; what is wrong goes to the form."""
    data = form.cleaned_data["document"].read(MAX_NOTE_BYTES + 1)
    try:
        document = peering.add_from_file(data=data, by=person, now=utc_now())
    except peering.OwnAddress:
        form.add_error("document", _("That is this node itself."))
    except KeyDiffers:
        form.add_error(
            "document",
            _("A node of that name is known here by another key. Compare fingerprints with it."),
        )
    except WireError as error:
        other = _("That is not the file of a node, or it was changed on the way.")
        form.add_error("document", f"{other} {explain(error.code).message}")
    else:
        return document.name
    return ""


def _peer_or_404(name: str) -> PeerView:
    try:
        return queries.peer(name)
    except NotThere as error:
        raise Http404 from error


def _administers(request: HttpRequest) -> bool:
    return isinstance(request.user, Person) and may(
        request.user, Role.ADMINISTRATOR, node_institution_id()
    )


def _card(shown: PeerView, *, indexing: bool) -> PeerCard:
    tone, status = _status(shown, indexing=indexing)
    trouble = explain(shown.trouble) if shown.trouble else None
    moving = tone == "wait" and shown.state == PeerState.CONFIRMED and not shown.carried
    return PeerCard(shown, _names(shown.institutions), tone, status, trouble, moving)


def _status(shown: PeerView, *, indexing: bool) -> tuple[str, str]:
    if shown.state == PeerState.CONFIRMED:
        if shown.trouble:
            return "trouble", _("Not in sync")
        if shown.carried:
            return _carried(shown)
        if shown.answered_at is None:
            return "wait", _("Not read yet")
        if not shown.in_sync:
            return "wait", _("Catching up")
        if indexing:
            return "wait", _("In sync; search is still taking records in")
        return "ok", _("In sync")
    tones = {PeerState.SET_ASIDE: "trouble", PeerState.ADDED: "wait", PeerState.ASKED_US: "wait"}
    return tones.get(shown.state, "off"), str(shown.state.label)


def _carried(shown: PeerView) -> tuple[str, str]:
    if shown.carried_at is None:
        return "wait", _("Carried by bundles; none has come yet")
    return "ok" if shown.in_sync else "wait", _("Carried by bundles")


def _kept(shown: PeerView) -> list[KeptLine]:
    if not (shown.unknown or shown.refused or shown.waiting):
        return []
    return [
        KeptLine(
            entry,
            KINDS.get(entry.kind, entry.kind),
            ENTRY_STATES[entry.state],
            explain(entry.reason),
        )
        for entry in queries.entries_to_explain(shown.name)
    ]


def _names(ids: tuple[str, ...]) -> list[str]:
    language = page_language().tag
    return [institution(one).name(language) for one in ids]
