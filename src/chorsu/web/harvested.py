"""Foreign repositories, for administrators; a foreign record with its mark, for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.troubles import Trouble, explain
from chorsu.flows import harvesting
from chorsu.harvested import queries
from chorsu.harvested.errors import NoSuchHarvested, NotHarvestable
from chorsu.harvested.queries import RepositoryView
from chorsu.harvested.rules import language_of
from chorsu.kernel.clock import utc_now
from chorsu.web.access import node_administrator
from chorsu.web.locales import html_lang, language_name, page_language

_LATER = gettext_lazy("Nothing to do: this node tries again by itself.")
_ASK = gettext_lazy("Ask the administrator of the repository.")
TROUBLES = {
    "address": Trouble(
        gettext_lazy("This is not the address of a repository."),
        gettext_lazy("Write the whole address, beginning with https://."),
    ),
    "not-a-repository": Trouble(
        gettext_lazy("Something answers there, but not an OAI-PMH repository."),
        gettext_lazy("The address often ends in /oai or /oai/request; ask its administrator."),
    ),
    "malformed": Trouble(gettext_lazy("Its answer is not well-formed or not safe to read."), _ASK),
    "answer-too-large": Trouble(gettext_lazy("Its answer is larger than allowed."), _ASK),
    "refuses": Trouble(gettext_lazy("The repository refuses what was asked."), _ASK),
    "circle": Trouble(
        gettext_lazy("Its list goes in a circle: the same pages come again and again."), _ASK
    ),
    "too-many": Trouble(
        gettext_lazy("It has more records than one repository may bring in."), _ASK
    ),
    "tokens-refused": Trouble(
        gettext_lazy("It forgets again and again where the list was being read."), _LATER
    ),
    "unreachable": Trouble(gettext_lazy("The repository can't be reached."), _LATER),
    "peer-error": Trouble(gettext_lazy("The repository reports an error or asks to wait."), _LATER),
    "peer-lacks": Trouble(gettext_lazy("There is nothing at this address."), _ASK),
    "timeout": Trouble(gettext_lazy("The repository answers too slowly or not at all."), _LATER),
    "private-address": Trouble(
        gettext_lazy("The address leads into a private network."),
        gettext_lazy(
            "If that is meant, name its host in exchange.private_hosts, or set "
            "exchange.private_peers to true."
        ),
    ),
    "redirected": Trouble(
        gettext_lazy("The repository has moved: its address sends elsewhere."),
        gettext_lazy("Ask its administrator for the new address and add it."),
    ),
}
FIELDS: dict[str, str | Promise] = {
    "title": gettext_lazy("Title"),
    "creator": pgettext_lazy("Dublin Core", "Creator"),
    "contributor": pgettext_lazy("Dublin Core", "Contributor"),
    "publisher": pgettext_lazy("Dublin Core", "Publisher"),
    "description": pgettext_lazy("Dublin Core", "Description"),
    "subject": pgettext_lazy("Dublin Core", "Subject"),
    "date": pgettext_lazy("Dublin Core", "Date"),
    "type": pgettext_lazy("Dublin Core", "Type"),
    "language": gettext_lazy("Language"),
    "coverage": pgettext_lazy("Dublin Core", "Place or time"),
    "source": pgettext_lazy("Dublin Core", "Source"),
    "rights": pgettext_lazy("Dublin Core", "Rights"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a foreign record; values are (text, `lang=""` or empty)."""

    name: str
    label: str | Promise
    values: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RepositoryCard:
    """A repository on the page; `tone` is ok, wait, trouble or off."""

    repository: RepositoryView
    tone: str
    status: str
    trouble: Trouble | None


class RepositoryForm(forms.Form):
    """Where a repository is."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=harvesting.MAX_ADDRESS,
        help_text=gettext_lazy("Where it answers OAI-PMH, such as https://library.example/oai"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "lang": "en"}),
    )


@login_required
def repositories(request: HttpRequest) -> HttpResponse:
    """All repositories with what each says of itself; adding one by its address (POST)."""
    person = node_administrator(request)
    form = RepositoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            address = harvesting.parse_repository(form.cleaned_data["address"])
            harvesting.add(address=address, by=person, now=utc_now())
        except (NotHarvestable, PeerTrouble) as refusal:
            words = trouble_of(refusal.code)
            advice = _("Check the address and try again.")
            if words.advice is not _LATER:
                advice = str(words.advice)
            form.add_error("address", f"{words.message} {advice}")
        else:
            messages.success(request, _("Added. Look at what it says of itself, then begin."))
            return redirect("repositories")
    cards = [_card(one) for one in queries.repositories()]
    context = {"form": form, "cards": cards}
    status = 400 if form.errors else 200
    return render(request, "harvested/repositories.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, repository_id: int) -> HttpResponse:
    """Begin, read anew or forget a repository: the button's value says which."""
    person, now = node_administrator(request), utc_now()
    decision = request.POST.get("decision", "")
    try:
        if decision in ("begin", "everything"):
            harvesting.begin(
                repository_id=repository_id,
                by=person,
                now=now,
                everything=decision == "everything",
            )
            messages.success(request, _("It is being read; load the page again in a moment."))
        elif decision == "forget":
            harvesting.forget(repository_id=repository_id, by=person, now=now)
            messages.success(request, _("Forgotten, with all that came from it."))
    except NoSuchHarvested as error:
        raise Http404 from error
    return redirect("repositories")


@require_safe
def show(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """One foreign record, read-only, with where it comes from."""
    try:
        record = queries.record(record_id)
    except NoSuchHarvested as error:
        raise Http404 from error
    lines = [
        Line(name, label, [_shown(name, text, tag) for text, tag in record.values[name]])
        for name, label in FIELDS.items()
        if record.values.get(name) and not (name == "title" and len(record.values[name]) == 1)
    ]
    context = {"record": record, "title_lang": _lang(record.title_language), "lines": lines}
    return render(request, "harvested/show.html", context)


def trouble_of(code: str) -> Trouble:
    """Words for a code: of a repository, or of whatever is at an address."""
    return TROUBLES.get(code) or explain(code)


def _shown(name: str, text: str, declared: str) -> tuple[str, str]:
    """A value and its `lang=""`; a language that is one of the eight by its name."""
    tag = language_of(text) if name == "language" else ""
    return (language_name(tag, page_language().tag), "") if tag else (text, _lang(declared))


def _lang(declared: str) -> str:
    tag = language_of(declared)
    return html_lang(tag) if tag else ""


def _card(one: RepositoryView) -> RepositoryCard:
    if one.trouble:
        return RepositoryCard(one, "trouble", _("Not read"), trouble_of(one.trouble))
    if not one.wanted:
        return RepositoryCard(one, "off", _("Not begun"), None)
    if one.running or one.finished_at is None:
        return RepositoryCard(one, "wait", _("Being read"), None)
    return RepositoryCard(one, "ok", _("Up to date"), None)
