"""Bringing this node's log back from its peers: what is missing, how far it is. Administrators."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chorsu.exchange import queries, restorations, works
from chorsu.exchange.restorations import Lost, RestorationView
from chorsu.exchange.troubles import Trouble, explain
from chorsu.flows import restoring
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.practices.queries import file_names, practices_by_id
from chorsu.web.access import node_administrator
from chorsu.web.fragments import page_or_part
from chorsu.web.parts import PartsForm, drop, take_parts
from chorsu.web.stopping import stop
from chorsu.web.uploads import PartFile
from chorsu.web.viewer import viewer_of

MOST_SHOWN = 50
TONES = {restorations.State.DONE: "ok", restorations.State.FAILED: "trouble"}


@dataclass(frozen=True, slots=True)
class LostLine:
    """Something no peer gave, with the names a person knows: empty where nobody here does."""

    lost: Lost
    title: str
    title_language: str
    file_name: str
    why: str | Promise


@dataclass(frozen=True, slots=True)
class PeerLine:
    """What a peer showed of this node's log, or in words why nothing."""

    name: str
    size: int
    why: str | Promise


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a restoring is: entries back of those missing, then records of them rebuilt."""

    missing: int
    back: int
    rebuilt: int

    @property
    def percent(self) -> int:
        """0 to 100, of both steps together."""
        done = self.back + self.rebuilt
        return min(100, done * 50 // self.missing) if self.missing else 0


@login_required
def restore(request: HttpRequest) -> HttpResponse:
    """What is known of the log's loss and the last restoring; having it done (POST)."""
    person = node_administrator(request)
    last = restorations.restoration()
    if request.method == "POST":
        if not restoring.is_under_way(last):
            restoring.ask(by=person, now=utc_now())
            messages.info(request, _("A worker does it; this page shows how far it is."))
        return redirect("restore")
    return _page(request, last, PartsForm())


@csrf_exempt
@login_required
@require_POST
def take_copies(request: HttpRequest) -> HttpResponse:
    """Restore also from uploaded parts, in which a peer gives this node its log back."""
    person = node_administrator(request)
    take = partial(_take_copies, request, person)
    return take_parts(request, command="chorsu restore --from", take=take)


@login_required
@require_POST
def remove_copies(request: HttpRequest) -> HttpResponse:
    """Remove the parts that were uploaded and not restored from."""
    restoring.remove_uploaded(by=node_administrator(request))
    return redirect("restore")


def _take_copies(request: HttpRequest, person: Person, parts: list[PartFile]) -> HttpResponse:
    last = restorations.restoration()
    if not parts:
        return _page(request, last, PartsForm(request.POST))
    if restoring.is_under_way(last):
        drop(parts)
        trouble = explain("restore-busy")
        messages.warning(request, f"{trouble.message} {trouble.advice}")
        return redirect("restore")
    files = [(part.path, part.name or "part") for part in parts]
    restoring.ask(by=person, now=utc_now(), parts=files)
    messages.info(request, _("A worker does it; this page shows how far it is."))
    return redirect("restore")


def _page(request: HttpRequest, last: RestorationView | None, form: PartsForm) -> HttpResponse:
    size = queries.feed_size()
    lost = restorations.lost(MOST_SHOWN)
    context: dict[str, object] = {
        "stopped": stop(),
        "size": size,
        "last": last,
        "tone": TONES.get(last.state, "wait") if last else "",
        "progress": _progress(last, size) if last else None,
        "trouble": explain(last.trouble) if last and last.trouble else None,
        "peers": _peers(last),
        "lost": _named(request, lost),
        "lost_count": restorations.count_lost() if len(lost) == MOST_SHOWN else len(lost),
        "copies": _uploaded(),
        "form": form,
        "watching": restoring.is_under_way(last),
    }
    status = 400 if form.errors else 200
    return page_or_part(
        request, "exchange/restore.html", "exchange/_restore.html", context, status=status
    )


def _uploaded() -> list[tuple[str, int]]:
    """Names and bytes of the parts to restore from; a worker that is done with one removes it."""
    lines = []
    for path in works.copies():
        with suppress(FileNotFoundError):
            lines.append((path.name, path.stat().st_size))
    return lines


def _progress(last: RestorationView, size: int) -> Progress:
    missing = max(last.size - last.since, 0)
    back = min(max(size - last.since, 0), missing)
    return Progress(missing, back, min(last.position - last.since, missing))


def _peers(last: RestorationView | None) -> list[PeerLine]:
    return [
        PeerLine(one.peer, one.size, _reason(one.code).message if one.code else "")
        for one in (last.peers if last else ())
    ]


def _reason(code: str) -> Trouble:
    return explain("no-copy-there" if code == "peer-lacks" else code)


def _named(request: HttpRequest, lost: list[Lost]) -> list[LostLine]:
    viewer = viewer_of(request)
    cards = practices_by_id({str(one.record_id) for one in lost}, viewer) if lost else {}
    names = file_names({one.sha256 for one in lost if one.is_file}) if lost else {}
    lines = []
    for one in lost:
        card = cards.get(str(one.record_id))
        title, language = (card.title, card.text_language) if card else ("", "")
        reason = explain(one.reason).message
        lines.append(LostLine(one, title, language, names.get(one.sha256, ""), reason))
    return lines
