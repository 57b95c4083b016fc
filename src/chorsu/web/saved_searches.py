"""Searches one keeps: the list, what is told of them and where; stopping the mails by a link."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from chorsu.flows.alerting import search_query
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.search import saving
from chorsu.search.errors import NoSuchSavedSearch, NothingToSave, TooManySaved
from chorsu.search.saved import Alert, SavedView, by_token, saved_searches
from chorsu.web.access import signed_in
from chorsu.web.atom import absolute
from chorsu.web.locales import page_language
from chorsu.web.saved_names import name_of
from chorsu.web.search import read_filters

ALERTS: dict[str, str | Promise] = {
    Alert.AT_ONCE.value: gettext_lazy("By mail, at once"),
    Alert.DAILY.value: gettext_lazy("By mail, once a day"),
    Alert.NEVER.value: pgettext_lazy("alert", "No mail"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One saved search on the page."""

    id: int
    name: str
    url: str
    alert: str
    feed_url: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def searches(request: HttpRequest) -> HttpResponse:
    """The searches a person keeps; POST keeps one more."""
    person = signed_in(request)
    if request.method == "POST":
        return _save(request, person)
    lines = [_line(saved) for saved in saved_searches(person)]
    context = {"lines": lines, "alerts": ALERTS.items(), "email": person.email}
    return render(request, "search/saved.html", context)


def _line(saved: SavedView) -> Line:
    return Line(
        saved.id,
        name_of(saved),
        reverse("search") + search_query(saved),
        saved.alert,
        absolute(reverse("saved-search-feed", args=[saved.token("feed")])),
    )


def _save(request: HttpRequest, person: Person) -> HttpResponse:
    try:
        saving.save(
            person=person,
            question=request.POST.get("q", ""),
            filters=read_filters(request.POST),
            alert=_alert(request),
            language=page_language().tag,
            now=utc_now(),
        )
    except NothingToSave:
        messages.error(request, _("Search for a word or choose a filter first."))
        return redirect("search")
    except TooManySaved:
        messages.error(
            request,
            _("You keep %(most)s searches, as many as one may. Remove one first.")
            % {"most": saving.MOST_SAVED},
        )
    else:
        messages.success(request, _("The search is saved."))
    return redirect("saved-searches")


def _alert(request: HttpRequest) -> str:
    asked = request.POST.get("alert", "")
    return asked if asked in ALERTS else Alert.DAILY.value


@login_required
@require_POST
def change(request: HttpRequest, saved_id: int) -> HttpResponse:
    """Choose the alert, renew the secret address, or remove; each is one button."""
    person = signed_in(request)
    try:
        if "remove" in request.POST:
            saving.remove(person=person, saved_id=saved_id)
            messages.success(request, _("The search is removed."))
        elif "renew" in request.POST:
            saving.renew(person=person, saved_id=saved_id, now=utc_now())
            messages.success(request, _("The address is new; the old one leads nowhere any more."))
        elif request.POST.get("alert") in ALERTS:
            saving.set_alert(person=person, saved_id=saved_id, alert=request.POST["alert"])
            messages.success(request, _("Your choice is saved."))
    except NoSuchSavedSearch:
        raise Http404 from None
    return redirect("saved-searches")


@csrf_exempt  # a mail program posts here (RFC 8058); the secret in the address is the leave
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the mails of one saved search without signing in; GET asks, POST does it."""
    try:
        saved = by_token(token, "stop")
    except NoSuchSavedSearch:
        raise Http404 from None
    if request.method == "POST":
        saving.stop(saved_id=saved.id)
    context = {"name": name_of(saved), "stopped": request.method == "POST"}
    return render(request, "search/stop.html", context)
