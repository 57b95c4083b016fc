"""The words of a printed certificate, in any two of the languages."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from chorsu.institutions.queries import find_institution
from chorsu.kernel.languages import by_tag
from chorsu.training.credentials.shapes import CertificateView
from chorsu.training.documents.certificate import Row, Sheet, Side
from chorsu.training.rules.framework import framework
from chorsu.web.locales import format_day, format_number, listed
from chorsu.wire.credential import Competence, Credential, parse
from chorsu.wire.credential_code import encode_code
from chorsu.wire.keys import VerifyKey

# What the engine takes for a language: Chinese in the forms of the mainland.
_ENGINE = {"zh-Hans": ("zh", "CN")}


def sheet_of(view: CertificateView, first: str, second: str, key: VerifyKey) -> Sheet:
    """A certificate ready to be set, in the languages of these tags; `key` signed it."""
    signed = parse(view.compact)
    left, right = _side(signed.credential, first), _side(signed.credential, second)
    return Sheet(
        title=f"{left.heading} {view.number}",
        holder=view.holder,
        number=view.number,
        sides=(left, right),
        code=encode_code(signed),
        code_alt=f"{left.check} {right.check}",
        address=f"{settings.NODE_NAME} · {settings.NODE_ADDRESS}/verify/",
        fingerprint=key.fingerprint,
    )


def engine_language(tag: str) -> tuple[str, str]:
    """Language and region as the engine takes them; the region is mostly empty."""
    return _ENGINE.get(tag, (tag, ""))


def _side(credential: Credential, tag: str) -> Side:
    known = find_institution(credential.institution)
    language, region = engine_language(tag)
    with override(by_tag(tag).django_code):
        return Side(
            language=language,
            region=region,
            institution=known.name(tag) if known else credential.institution_name,
            heading=pgettext("document", "Certificate"),
            number=_("No. %(number)s") % {"number": credential.document},
            certifies=pgettext("certificate", "This certifies that"),
            completed=pgettext("certificate", "has completed the course"),
            title=credential.names.get(tag) or credential.names[credential.language],
            rows=_rows(credential, tag),
            check=_(
                "Check this certificate with a picture of the code, at any node of the network "
                "or with the command chorsu verify."
            ),
            signature=pgettext("certificate", "Signature"),
            seal=pgettext("certificate", "Seal"),
        )


def _rows(credential: Credential, tag: str) -> list[Row]:
    dates = _("%(first)s to %(last)s") % {
        "first": format_day(credential.starts_on, tag),
        "last": format_day(credential.ends_on, tag),
    }
    rows = [
        Row(_("Taught"), dates),
        Row(_("Academic hours"), _hours(credential, tag)),
    ]
    if credential.competences:
        level = _("level %(level)s")
        reached = [
            f"{_competence(one, tag)} ({level % {'level': one.level}})"
            for one in credential.competences
        ]
        rows.append(Row(_("Competences"), listed(reached, tag)))
    if credential.result:
        result = f"{format_number(credential.result, tag)} %"
        rows.append(Row(_("Result"), result))
    until = credential.valid_until
    rows.append(Row(_("Issued"), format_day(credential.valid_from, tag)))
    rows.append(
        Row(_("Valid until"), _("without end") if until is None else format_day(until, tag))
    )
    if credential.renewable_by:
        rows.append(Row(_("Renewable"), _renewable(credential)))
    return rows


def _competence(competence: Competence, tag: str) -> str:
    known = framework().competences.get(competence.code)
    return known.name(tag) if known else competence.name


def _renewable(credential: Credential) -> str:
    if credential.renewable_by == credential.course:
        return _("by taking this course again")
    return _("by the course with the number %(number)s") % {"number": credential.renewable_by}


def _hours(credential: Credential, tag: str) -> str:
    hours = credential.hours
    forms = (
        (_("in person"), hours["in_person"]),
        (_("live online"), hours["live"]),
        (_("self-study"), hours["self_study"]),
    )
    by_form = [f"{form} {format_number(number, tag)}" for form, number in forms if number]
    total = format_number(credential.all_hours, tag)
    return f"{total} ({', '.join(by_form)})" if by_form else total
