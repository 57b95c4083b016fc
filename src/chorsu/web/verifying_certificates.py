"""What the page that checks documents says of a certificate."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorsu.flows import certifying
from chorsu.flows.certifying import CheckedCertificate
from chorsu.institutions.queries import find_institution
from chorsu.kernel.clock import utc_now
from chorsu.verifier import certificate_words, words
from chorsu.verifier.words import Hosted, Line, Value
from chorsu.web.answers import Answer
from chorsu.web.locales import page_language
from chorsu.wire.credential import Credential
from chorsu.wire.errors import WireError

_TONES = {
    "genuine": "success",
    "unconfirmed": "warning",
    "unknown-key": "warning",
    "revoked": "error",
    "expired": "warning",
    "not-yet": "warning",
}


def answer_to(data: bytes) -> Answer:
    """Check a certificate in any of its forms; nothing of it is kept."""
    try:
        checked = certifying.check(data, utc_now())
    except WireError as error:
        text = f"{certificate_words.failure(error, _)} {words.advice('refused', _)}"
        return Answer("error", words.headline("refused", _), text, code=error.code)
    verdict = checked.verdict
    institution = _hosted(verdict.credential)
    found = certificate_words.warnings(verdict, _, institution)
    if checked.set_aside:
        found.insert(0, _("This node has set that node aside: its log does not add up."))
    return Answer(
        tone=_TONES[verdict.standing],
        headline=certificate_words.headline(verdict.standing, _),
        text=certificate_words.advice(verdict.standing, _),
        warnings=found,
        lines=certificate_words.lines(verdict, _, institution) + _recognition(checked),
    )


def _recognition(checked: CheckedCertificate) -> list[Line]:
    """Whether a genuine certificate of another node counts here, and by which rule."""
    if checked.own or checked.verdict.standing != "genuine":
        return []
    if checked.recognised is None:
        said = _("No rule of this institution recognises it.")
    else:
        number, basis = checked.recognised
        hours = ngettext("%(number)s academic hour", "%(number)s academic hours", number)
        said = _("%(hours)s, by %(basis)s") % {"hours": hours % {"number": number}, "basis": basis}
    return [Line("recognised", _("Recognised here"), (Value(said),))]


def said_by(credential: Credential) -> list[Line]:
    """What a certificate says, for the page of its holder."""
    return certificate_words.said(credential, _, _hosted(credential))


def _hosted(credential: Credential) -> Hosted | None:
    known = find_institution(credential.institution)
    return Hosted(known.name(page_language().tag), known.node) if known else None
