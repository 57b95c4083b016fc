"""The page behind the link of an invitation."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from chorsu.institutions import actions, queries
from chorsu.institutions.errors import AlreadyHere, InvitationState, InvitationUnusable
from chorsu.institutions.models import Person
from chorsu.institutions.queries import InvitationView
from chorsu.kernel.clock import utc_now
from chorsu.web.locales import page_language
from chorsu.web.people_forms import JoinForm


@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what the invitation is for; POST joins and signs in."""
    found = queries.invitation_for(token, now=utc_now())
    state = InvitationState.UNKNOWN if found is None else found.state
    if found is None or state is not InvitationState.OPEN:
        return _closed(request, state)
    owner = queries.person_by_email(found.email)
    if owner is not None or request.user.is_authenticated:
        return _with_account(request, token, found, owner)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _join(request, token, form)
        if answer is not None:
            return answer
    context = {"invitation": found, "place_name": _place_name(found), "form": form}
    return render(request, "people/join.html", context, status=400 if form.errors else 200)


def _place_name(found: InvitationView) -> str:
    return queries.institution(found.institution_id).name(page_language().tag)


def _join(request: HttpRequest, token: str, form: JoinForm) -> HttpResponse | None:
    password = form.cleaned_data["password"]
    try:
        person = actions.accept_invitation(
            token=token, name=form.cleaned_data["name"], password=password, now=utc_now()
        )
    except InvitationUnusable as error:
        return _closed(request, error.state)
    except AlreadyHere:
        return redirect("invitation", token)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    messages.success(request, _("Welcome. You can now add a passkey or a second step."))
    login = Login(user=person, redirect_url=reverse("account"))
    answer: HttpResponse = perform_password_login(request, {"email": person.email}, login)
    return answer


def _with_account(
    request: HttpRequest, token: str, found: InvitationView, owner: Person | None
) -> HttpResponse:
    """Somebody who has an account joins with it; a person signed in as another is told so."""
    user = request.user
    is_owner = isinstance(user, Person) and owner is not None and user.pk == owner.pk
    if request.method == "POST" and is_owner and isinstance(user, Person):
        try:
            actions.join_by_invitation(token=token, person=user, now=utc_now())
        except InvitationUnusable as error:
            return _closed(request, error.state)
        messages.success(request, _("You have joined."))
        return redirect("account")
    context = {"invitation": found, "place_name": _place_name(found), "is_owner": is_owner}
    return render(request, "people/join_with_account.html", context)


def _closed(request: HttpRequest, state: InvitationState) -> HttpResponse:
    status = 404 if state is InvitationState.UNKNOWN else 410
    return render(request, "people/invitation_closed.html", {"state": state.value}, status=status)
