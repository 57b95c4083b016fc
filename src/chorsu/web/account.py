"""One's own account: name, reading languages, the way to passwords and passkeys."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chorsu.institutions import actions, queries
from chorsu.institutions.models import Person, Role
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS, by_tag
from chorsu.training.rules.framework import positions
from chorsu.web.access import signed_in
from chorsu.web.across.academies import academy
from chorsu.web.across.consent import CLAIM_LABELS
from chorsu.web.context import page_in_any
from chorsu.web.locales import page_language
from chorsu.web.people_forms import NameForm
from chorsu.wire.identity import CLAIMS


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """My account; POST changes name and position."""
    person = signed_in(request)
    if person.is_guest:
        return _guest(request, person)
    form = NameForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            now = utc_now()
            actions.rename_person(person=person, name=form.cleaned_data["name"], now=now)
            actions.set_position(person=person, position=form.cleaned_data["position"], now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("account")
    context = {
        "form": form,
        "person": person,
        "places": _places(person),
        "languages": [by_tag(tag) for tag in queries.reading_languages(person)],
        "administers": bool(queries.administered_institutions(person)),
        "reads_audit": queries.may(person, Role.ADMINISTRATOR, queries.node_institution_id()),
    }
    return render(request, "account/account.html", context, status=400 if form.errors else 200)


def _guest(request: HttpRequest, person: Person) -> HttpResponse:
    """What a guest's home told of them; they change it there."""
    told = {"name": person.name, **person.told}
    if told.get("position") in positions():
        told["position"] = positions()[told["position"]].name(page_language().tag)
    context = {
        "person": person,
        "academy": academy(person.home),
        "connections_path": page_in_any("connections"),
        "facts": _said(told),
        "languages": [by_tag(tag) for tag in queries.reading_languages(person)],
    }
    return render(request, "account/guest.html", context)


def _said(told: dict[str, str]) -> list[tuple[str, str]]:
    """(label, value); the languages stand by themselves, for the guest may choose others here."""
    shown = [claim for claim in CLAIMS if claim != "language" and told.get(claim)]
    return [(str(CLAIM_LABELS[claim]), told[claim]) for claim in shown]


def _places(person: Person) -> list[tuple[str, list[Role]]]:
    here = page_language().tag
    held = [
        (view.name(here), queries.roles(person, view.id)) for view in queries.own_institutions()
    ]
    return [(name, [role for role in Role if role in roles]) for name, roles in held if roles]


@login_required
def languages(request: HttpRequest) -> HttpResponse:
    """The languages one reads, best first; each button posts one step and saves it."""
    person = signed_in(request)
    chosen = queries.reading_languages(person)
    if request.method == "POST":
        after = moved(chosen, request.POST.dict())
        if after != chosen:
            actions.set_languages(person=person, languages=after, now=utc_now())
        return redirect("account-languages")
    context = {
        "chosen": [by_tag(tag) for tag in chosen],
        "others": [language for language in LANGUAGES if language.tag not in chosen],
    }
    return render(request, "account/languages.html", context)


def moved(chosen: list[str], step: dict[str, str]) -> list[str]:
    """`chosen` after a step: `up`, `down`, `add` or `remove` with a tag; unfit ones do nothing."""
    after = list(chosen)
    tag = next((step[verb] for verb in ("up", "down", "add", "remove") if verb in step), "")
    if "add" in step and tag in TAGS and tag not in after:
        return [*after, tag]
    if tag not in after or "add" in step:
        return after
    place = after.index(tag)
    after.remove(tag)
    if "up" in step:
        after.insert(max(place - 1, 0), tag)
    elif "down" in step:
        after.insert(place + 1, tag)
    return after
