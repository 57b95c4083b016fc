"""Revoking by what stands on the paper, also where this node has deleted the certificate."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chorsu.flows import certifying
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.training.credentials.errors import AlreadyEnded, NoSuchCertificate
from chorsu.training.documents.scanning import NoCodeFound, OtherPicture, certificate_in, is_picture
from chorsu.training.queries.certificates import issuing_institutions
from chorsu.training.queries.issued import IssuedPaper, by_number, deleted_certificate
from chorsu.web.access import signed_in
from chorsu.web.certificates import REASON_MAX, WHYS
from chorsu.wire.errors import WireError

MAX_UPLOAD = 12 * 1024 * 1024
"""As where certificates are checked: what a camera makes of a sheet."""


class FindForm(forms.Form):
    """The number on a certificate, or its file."""

    number = forms.CharField(
        label=gettext_lazy("Document number"), max_length=60, required=False, empty_value=""
    )
    file = forms.FileField(
        label=gettext_lazy("Or its file, PDF or a picture of its code"), required=False
    )


class RevokeForm(forms.Form):
    """Ground and reason of a revocation."""

    why = forms.ChoiceField(label=gettext_lazy("Ground"), choices=WHYS, initial="error")
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For your files; it does not leave this node."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Find a certificate by its number or file, to revoke it."""
    person = signed_in(request)
    if not issuing_institutions(person):
        raise PermissionDenied
    form = FindForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = _found(form, person)
        except (NoSuchCertificate, NoCodeFound, OtherPicture, WireError):
            form.add_error(None, _("No certificate that your institution issued here is found."))
        else:
            if found.certificate_id:
                return redirect("certificate", certificate_id=found.certificate_id)
            return redirect("certificate-deleted", place_id=found.place_id)
    status = 400 if form.errors else 200
    return render(request, "certificates/find.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deleted(request: HttpRequest, place_id: int) -> HttpResponse:
    """Revoke a certificate of which only the number is left here."""
    person = signed_in(request)
    try:
        paper = deleted_certificate(place_id, person)
    except NoSuchCertificate:
        raise Http404 from None
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            certifying.revoke_deleted(
                place_id=place_id, **form.cleaned_data, by=person, now=utc_now()
            )
        except AlreadyEnded:
            messages.warning(request, _("It was revoked or replaced before; nothing was changed."))
        else:
            messages.success(request, _("The certificate is revoked; the network is told."))
        return redirect("certificate-deleted", place_id=place_id)
    context = {"paper": paper, "form": form}
    status = 400 if form.errors else 200
    return render(request, "certificates/deleted.html", context, status=status)


def _found(form: FindForm, person: Person) -> IssuedPaper:
    upload = form.cleaned_data["file"]
    if not upload:
        return by_number(form.cleaned_data["number"], person)
    if upload.size > MAX_UPLOAD:
        raise NoSuchCertificate(upload.name)
    data = upload.read()
    if is_picture(data):
        data = certificate_in(data)
    return certifying.find_by_file(data, person, utc_now())
