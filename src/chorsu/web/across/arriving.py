"""At the teaching node: out to the home academy, and back in as a guest."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chorsu.exchange.client import PeerTrouble
from chorsu.flows import signing_in
from chorsu.flows.signing_in import SignInRefused
from chorsu.institutions.errors import GuestForgotten, GuestShutOut
from chorsu.kernel.clock import utc_now
from chorsu.web.across.academies import academies
from chorsu.web.errors import error_page
from chorsu.wire.errors import WireError

KEPT = "chorsu-signing-in"
GUEST_SESSION = timedelta(hours=8)
"""A working day: then the home is asked again, and with it whether the person still agrees."""
BACKEND = settings.AUTHENTICATION_BACKENDS[0]
TITLE = _("You are not signed in")
REFUSED: dict[str, Promise] = {
    "not-a-peer": _("This academy is no peer of this node, or no network reaches it."),
    "denied": _("You did not allow it, and nothing was told."),
    "not-ours": _("The answer belongs to another sign-in. Begin again here."),
    "too-late": _("It took more than ten minutes. Begin again here."),
}

logger = logging.getLogger(__name__)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which academy is yours."""
    onward = _onward(request, request.GET.get("next", ""))
    context = {"academies": academies(), "onward": onward}
    return render(request, "across/choose.html", context)


@require_safe
def depart(request: HttpRequest, home: str) -> HttpResponse:
    """Off to the home academy, with a question in the address and the rest in the session."""
    onward = _onward(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(onward)
    try:
        departure = signing_in.depart(home=home, onward=onward, now=utc_now())
    except SignInRefused as refused:
        return error_page(request, 404, str(TITLE), str(REFUSED[refused.code]))
    request.session[KEPT] = departure.kept
    request.session.set_expiry(int(signing_in.ON_THE_WAY.total_seconds()))
    answer = HttpResponseRedirect(departure.url)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def returned(request: HttpRequest, home: str) -> HttpResponse:
    """Back from the home academy: signed in as a guest, or told why not."""
    kept = request.session.pop(KEPT, {})
    if request.user.is_authenticated:
        return redirect("home")
    try:
        person = signing_in.arrive(kept=kept, home=home, answer=request.GET.dict(), now=utc_now())
    except SignInRefused as refused:
        return _not_in(request, REFUSED[refused.code], 403)
    except GuestForgotten:
        return _not_in(request, _("This node was asked to forget you. Begin again."), 403)
    except GuestShutOut:
        return _not_in(request, _("An administrator here has shut you out."), 403)
    except (PeerTrouble, WireError) as trouble:
        logger.warning("nobody signed in from %s: %s", home[:120], trouble.code)
        return _not_in(request, _("Your academy did not say who you are. Try again later."), 502)
    login(request, person, backend=BACKEND)
    request.session.set_expiry(int(GUEST_SESSION.total_seconds()))
    answer = HttpResponseRedirect(kept["onward"])
    answer["Cache-Control"] = "no-store"
    return answer


def _not_in(request: HttpRequest, text: str | Promise, status: int) -> HttpResponse:
    more = {"back_url": reverse("sign-in-academy"), "back_label": gettext("Begin again")}
    return error_page(request, status, str(TITLE), str(text), **more)


def _onward(request: HttpRequest, wanted: str) -> str:
    """Where to go once signed in: a path of this node and nothing else."""
    inside = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if inside and wanted.startswith("/") else reverse("learning")
