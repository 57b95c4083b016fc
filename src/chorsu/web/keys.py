"""The node's own key, for its administrators: which it is, which it was, and changing it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chorsu.exchange import keys
from chorsu.exchange.actions import ChainFull
from chorsu.flows.rekeying import change_key
from chorsu.kernel.clock import utc_now
from chorsu.web.access import node_administrator
from chorsu.web.stopping import stop
from chorsu.wire.succession import REVOKED, ROTATED


class KeyForm(forms.Form):
    """Why the key is changed, and that it is meant."""

    why = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[
            (
                ROTATED,
                gettext_lazy(
                    "A regular change. The old key is kept only to open bundles that are on "
                    "their way."
                ),
            ),
            (
                REVOKED,
                gettext_lazy(
                    "The key may be in other hands. It is destroyed: bundles encrypted to it can't "
                    "be opened any more, and what it signed counts only where others witnessed it."
                ),
            ),
        ],
        widget=forms.RadioSelect,
    )
    meant = forms.BooleanField(label=gettext_lazy("Change the key now; this can't be undone."))


@login_required
def own_key(request: HttpRequest) -> HttpResponse:
    """The key and its forerunners; changing it (POST)."""
    person = node_administrator(request)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_key(revoked=form.cleaned_data["why"] == REVOKED, by=person, now=utc_now())
        except ChainFull:
            messages.error(request, _("The key was changed as often as it can be."))
        else:
            messages.success(
                request,
                _("The key was changed. Peers take it up by themselves. Back up the keys today."),
            )
        return redirect("node-key")
    own = keys.own_keys()
    context = {
        "form": form,
        "key": own.key.verify_key,
        "changes": own.chain[::-1],
        "stopped": stop(),
    }
    return render(request, "exchange/key.html", context, status=400 if form.errors else 200)
