"""At home: what another academy may know of me, asked anew at each sign-in there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.views import AuthorizationView
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chorsu.flows.signing_in import homes, return_address
from chorsu.institutions.actions.connections import agree
from chorsu.institutions.connections import connection
from chorsu.institutions.errors import StillForgetting
from chorsu.institutions.models import Person
from chorsu.institutions.queries import is_member, reading_languages
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import by_tag
from chorsu.training.rules.framework import positions
from chorsu.web.access import signed_in
from chorsu.web.across.academies import Academy, academy
from chorsu.web.across.provider import registered
from chorsu.web.errors import error_page
from chorsu.web.locales import page_language
from chorsu.wire.identity import CLAIMS

CLAIM_LABELS: dict[str, str | Promise] = {
    "name": pgettext_lazy("what another academy may know", "Name"),
    "email": gettext_lazy("E-mail address"),
    "position": gettext_lazy("Category of my position"),
    "language": pgettext_lazy("what another academy may know", "Language I read"),
}
TICKED = ("name", "email", "language")
"""What the home knows by itself; the category of the position is chosen from a list."""
MAX_QUERY = 2000


class ConsentForm(forms.Form):
    """Which claims may be told; none is chosen for the person."""

    request = forms.CharField(widget=forms.HiddenInput)
    claims = forms.MultipleChoiceField(
        choices=[(claim, CLAIM_LABELS[claim]) for claim in TICKED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    results = forms.BooleanField(
        label=gettext_lazy("Have certificates that I earn there sent here, into my own training"),
        required=False,
    )
    transcript = forms.BooleanField(
        label=gettext_lazy("Ask there how my courses ended, also where there is no certificate"),
        help_text=gettext_lazy(
            "With hours and result. Passed or not, my training officer here sees it."
        ),
        required=False,
    )
    position = forms.ChoiceField(label=gettext_lazy("Category of my position"), required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's own
        requested_scopes: list[str],
        user: Person,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = user
        here = page_language().tag
        names = [(one.code, one.name(here)) for one in positions().values()]
        self.fields["position"].choices = [("", _("Not to be told")), *names]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """The scopes as the provider reads them: each claim is one."""
        cleaned = super().clean() or {}
        told = {*cleaned.get("claims", ()), *(["position"] if cleaned.get("position") else [])}
        claims = [claim for claim in CLAIMS if claim in told]
        return {**cleaned, "claims": claims, "scopes": ["openid", *claims]}

    @property
    def lines(self) -> list[dict[str, object]]:
        """The claims with what would be told."""
        person, chosen = self.person, self["claims"].value() or []
        languages = reading_languages(person) or [page_language().tag]
        values = {
            "name": person.name,
            "email": person.email,
            "language": by_tag(languages[0]).endonym,
        }
        return [
            {
                "claim": claim,
                "label": CLAIM_LABELS[claim],
                "value": values.get(claim, ""),
                "chosen": claim in chosen,
            }
            for claim in TICKED
        ]


class AllowView(AuthorizationView):  # type: ignore[misc]
    """OpenID Connect's authorization endpoint: asks for a sign-in, then for the person's word."""

    form_class = ConsentForm
    template_name = "across/allow.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Only a question of a confirmed peer, put in the one way this network puts it.

        A guest, or who is only nominated, is nobody for whom this academy speaks.
        """
        person = request.user
        if isinstance(person, Person) and not is_member(person):
            raise PermissionDenied
        client_id = request.GET.get("client_id", "")
        if not is_proper(request):
            return _refused(request)
        # Whoever has still to sign in writes nothing.
        if request.user.is_authenticated and registered(client_id) is None:
            return _refused(request)
        self.academy: Academy = academy(client_id)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        # The form is sent here and answered by a way back there, which a browser counts as well.
        address = urlsplit(homes()[client_id])
        there = f"{address.scheme}://{address.netloc}"
        response._csp_update = {"form-action": [there]}  # type: ignore[attr-defined]
        response["Cache-Control"] = "private, no-store"
        return response

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The person's word."""
        if "request" not in request.POST:
            return _refused(request)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, object]:
        """What was agreed last time; at the first, nothing."""
        before = connection(signed_in(self.request), self.academy.node)
        last = before if before is not None and before.state == "live" else None
        return {
            **super().get_initial(),
            "claims": list(last.claims) if last else [],
            "position": last.position if last else "",
            "results": last.results if last else False,
            "transcript": last.transcript if last else False,
        }

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        """Agreed: kept, and told by the code that the person now carries there."""
        if self._request_info.get("client_id") != self.academy.node:
            # The signed question is of another page than the one it was sent from.
            raise PermissionDenied
        try:
            agree(
                person=signed_in(self.request),
                node=self.academy.node,
                claims=form.cleaned_data["claims"],
                position=form.cleaned_data["position"],
                results=form.cleaned_data["results"],
                transcript=form.cleaned_data["transcript"],
                now=utc_now(),
            )
        except StillForgetting:
            form.add_error(
                None,
                _("That academy was asked to forget you and has not answered yet."),
            )
            return self.form_invalid(form)
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: ConsentForm) -> HttpResponse:
        """The page again, with what is wrong."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 400
        return response

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """The page's own words; allauth's name the client by its id."""
        context = super().get_context_data(**kwargs)
        return {**context, "academy": self.academy, "here": self.request.get_full_path()}


def is_proper(request: HttpRequest) -> bool:
    """Whether a question is as nodes of this network put it: exact address, state, nonce, S256."""
    given = request.GET
    address = homes().get(given.get("client_id", ""), "")
    wanted = {
        "response_type": "code",
        "code_challenge_method": "S256",
        "redirect_uri": return_address(teaching=address, home=settings.NODE_NAME),
    }
    extra = {"client_id", "scope", "state", "nonce", "code_challenge"}
    return (
        bool(address)
        and len(request.META.get("QUERY_STRING", "")) <= MAX_QUERY
        and given.keys() == wanted.keys() | extra
        and all(len(given.getlist(name)) == 1 and given[name] for name in given)
        and all(given[name] == value for name, value in wanted.items())
        and set(given["scope"].split()) <= {"openid", *CLAIMS}
        and "openid" in given["scope"].split()
    )


def _refused(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        400,
        _("This sign-in can't go on"),
        _("The question did not come from an academy of this network as it should."),
    )
