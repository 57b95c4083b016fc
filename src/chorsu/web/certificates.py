"""Certificates: a person's own with what can be downloaded, and the pages of whoever issues."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chorsu.exchange.proofs import known_keys
from chorsu.flows import certifying
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.training.credentials.errors import (
    AlreadyEnded,
    AlreadyIssued,
    NoSuchCertificate,
    NotIssuable,
    NotPassed,
)
from chorsu.training.credentials.shapes import CertificateLine, CertificateView, ToIssue
from chorsu.training.documents.certificate import render as print_sheet
from chorsu.training.documents.engine import NotPrintable
from chorsu.training.queries import certificates as queries
from chorsu.training.queries.brought import brought_certificates, brought_file
from chorsu.web.access import signed_in
from chorsu.web.certificate_sheet import sheet_of
from chorsu.web.errors import not_printable
from chorsu.web.fragments import page_or_part
from chorsu.web.locales import page_language
from chorsu.web.verifying_certificates import said_by
from chorsu.wire.credential import MEDIA_TYPE as CREDENTIAL_TYPE
from chorsu.wire.credential import parse
from chorsu.wire.credential_file import signer_of
from chorsu.wire.saved import EXTENSION, MEDIA_TYPE

EXPIRING = timedelta(days=90)
REASON_MAX = 500
WHYS = (
    ("name", gettext_lazy("The holder's name has changed")),
    ("error", gettext_lazy("It holds an error")),
    ("result", gettext_lazy("The result was changed")),
    ("misconduct", gettext_lazy("It was obtained by misconduct")),
    ("other", gettext_lazy("Another reason")),
)
WHY_LABELS = dict(WHYS)
TROUBLES = {
    "no-course": gettext_lazy("The course, as this cohort read it, is not here any more."),
    "no-name": gettext_lazy("The account has no name to print."),
    "no-title": gettext_lazy("The course has no title in its original language."),
    "expired": gettext_lazy("It has expired. A new one is issued when the course is passed again."),
    "form": gettext_lazy("What it would say does not fit into a certificate."),
}


class EndForm(forms.Form):
    """Revoking a certificate, or replacing it by a corrected one."""

    act = forms.ChoiceField(
        label=gettext_lazy("What is to happen"),
        choices=(
            ("correct", gettext_lazy("Issue it anew, as person and result are now")),
            ("revoke", gettext_lazy("Revoke it for good")),
        ),
        widget=forms.RadioSelect,
    )
    why = forms.ChoiceField(label=gettext_lazy("Ground"), choices=WHYS)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For your files and for the holder; it does not leave this node."),
    )


class IssueForm(forms.Form):
    """Issuing to all who passed."""

    renewable = forms.BooleanField(
        label=gettext_lazy("Renewable by taking the same course again"), required=False
    )


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My certificates."""
    person = signed_in(request)
    here = page_language().tag
    context = {
        "certificates": _named(queries.my_certificates(person)),
        "brought": [(one.name(here), one) for one in brought_certificates(person)],
    }
    return render(request, "certificates/mine.html", context)


@login_required
@require_safe
def brought(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """A certificate of another node that came home, as it came."""
    try:
        one, content = brought_file(certificate_id, signed_in(request))
    except NoSuchCertificate:
        raise Http404 from None
    return _download(content, MEDIA_TYPE, f"{one.credential.document}{EXTENSION}")


@login_required
@require_safe
def show(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """One certificate: what it says, how it stands, what can be downloaded."""
    person, view = _certificate(request, certificate_id)
    here = page_language().tag
    context = {
        "certificate": view,
        "name": view.name(here),
        "lines": said_by(view.credential),
        "why": WHY_LABELS.get(view.why, ""),
        "languages": LANGUAGES,
        "first": here,
        "second": next(tag for tag in (*view.languages, *TAGS) if tag != here),
        "is_holder": view.person_id == person.pk,
        "may_issue": queries.may_issue(person, view.institution_id),
    }
    return render(request, "certificates/show.html", context)


@login_required
@require_safe
def file(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The certificate with what proves it offline."""
    _person, view = _certificate(request, certificate_id)
    return _download(certifying.file_of(view), MEDIA_TYPE, f"{view.number}{EXTENSION}")


@login_required
@require_safe
def credential(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The bare credential, as wallets for Open Badges take it."""
    _person, view = _certificate(request, certificate_id)
    return _download(view.compact, CREDENTIAL_TYPE, f"{view.number}.jwt")


@login_required
@require_safe
def pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """The certificate on paper, in two languages; one that no longer counts is not printed."""
    _person, view = _certificate(request, certificate_id)
    if view.state != "valid":
        raise Http404
    first, second = (request.GET.get(name, "") for name in ("first", "second"))
    if first not in TAGS or second not in TAGS:
        raise Http404
    key = signer_of(parse(view.compact), known_keys())
    if key is None:
        raise Http404
    try:
        printed = print_sheet(
            sheet_of(view, first, second, key), view.issued_at, certifying.file_of(view)
        )
    except NotPrintable:
        return not_printable(request, _("The certificate can't be printed now"))
    return _download(printed, "application/pdf", f"{view.number}.pdf")


@login_required
def end(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Revoke or correct a certificate, with a reason."""
    person, view = _certificate(request, certificate_id)
    if not queries.may_issue(person, view.institution_id):
        raise PermissionDenied
    form = EndForm(request.POST or None, initial={"act": "correct"})
    if request.method == "POST" and form.is_valid():
        try:
            return _ended(request, view, form, person)
        except AlreadyEnded:
            messages.warning(request, _("It was revoked or replaced before; nothing was changed."))
            return redirect("certificate", certificate_id=certificate_id)
        except (NotIssuable, NotPassed) as refusal:
            code = getattr(refusal, "code", "form")
            form.add_error(None, str(TROUBLES.get(code, TROUBLES["form"])))
    context = {"certificate": view, "name": view.name(page_language().tag), "form": form}
    status = 400 if form.errors else 200
    return render(request, "certificates/end.html", context, status=status)


@login_required
@require_safe
def issuing(request: HttpRequest) -> HttpResponse:
    """For whoever issues: cohorts with certificates to issue, and certificates due to expire."""
    person = signed_in(request)
    places = queries.issuing_institutions(person)
    if not places:
        raise PermissionDenied
    context = {
        "cohorts": queries.cohorts_to_issue(person),
        "expiring": _named(queries.expiring(places, utc_now() + EXPIRING)),
        "days": EXPIRING.days,
    }
    return render(request, "certificates/issuing.html", context)


@login_required
def cohort(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Issue the certificates of a cohort (POST), and see how far it is."""
    person = signed_in(request)
    try:
        one = queries.cohort_to_issue(cohort_id, person)
    except NoSuchCertificate:
        raise PermissionDenied from None
    form = IssueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _ask(request, one, person, again=form.cleaned_data["renewable"])
        return redirect("cohort-certificates", cohort_id=cohort_id)
    work = queries.last_work(cohort_id)
    context = {
        "cohort": one,
        "form": form,
        "work": work,
        "watching": work is not None and not work.ended,
        "percent": 100 * work.done // work.total if work and work.total else 0,
        "refused": [(name, TROUBLES[code]) for name, code in work.refused] if work else [],
        "trouble": TROUBLES.get(work.trouble, "") if work else "",
        "certificates": _named(queries.cohort_certificates(cohort_id)),
    }
    return page_or_part(request, "certificates/cohort.html", "certificates/_cohort.html", context)


def _named(found: list[CertificateLine]) -> list[tuple[str, CertificateLine]]:
    """Each with its name in the page's language."""
    here = page_language().tag
    return [(one.name(here), one) for one in found]


def _ask(request: HttpRequest, one: ToIssue, person: Person, *, again: bool) -> None:
    course = one.course_id if again else ""
    try:
        certifying.ask_all(cohort_id=one.cohort_id, renewable_by=course, by=person, now=utc_now())
    except AlreadyIssued:
        messages.warning(request, _("All who passed have their certificates, or get them now."))
    except (NotAllowed, NotPassed):
        raise PermissionDenied from None
    else:
        messages.info(request, _("A worker does it; this page shows how far it is."))


def _ended(
    request: HttpRequest, view: CertificateView, form: EndForm, person: Person
) -> HttpResponse:
    asked = form.cleaned_data
    given = {"certificate_id": view.id, "why": asked["why"], "reason": asked["reason"]}
    if asked["act"] == "revoke":
        certifying.revoke(**given, by=person, now=utc_now())
        messages.success(request, _("The certificate is revoked; the network is told."))
        return redirect("certificate", certificate_id=view.id)
    new = certifying.correct(**given, by=person, now=utc_now())
    messages.success(request, _("This is the new certificate; the old one no longer counts."))
    return redirect("certificate", certificate_id=new)


def _certificate(request: HttpRequest, certificate_id: UUID) -> tuple[Person, CertificateView]:
    person = signed_in(request)
    try:
        return person, queries.certificate(certificate_id, person)
    except NoSuchCertificate:
        raise Http404 from None


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {
        "Content-Disposition": disposition or "attachment",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)
