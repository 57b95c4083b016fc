"""What the page that checks documents says of a certificate."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorsu.flows import certifying
from chorsu.institutions.queries import find_institution
from chorsu.kernel.clock import utc_now
from chorsu.verifier import certificate_words, certificates, words
from chorsu.verifier.words import Hosted, Line, Reader
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
    said = certificates.at_node(checked, _reader(), _hosted(checked.verdict.credential))
    return Answer(
        tone=_TONES[checked.verdict.standing],
        headline=said.headline,
        text=" ".join(said.text),
        warnings=list(said.warnings),
        lines=list(said.lines),
    )


def answer_to_unread(form: str) -> Answer:
    """Of a picture in which no certificate was found; `form`: its own, where that is not read."""
    headline, text = certificate_words.unread(form, _)
    return Answer("warning", headline, text)


def said_by(credential: Credential) -> list[Line]:
    """What a certificate says, for the page of its holder."""
    return certificate_words.said(credential, _reader(), _hosted(credential))


def _reader() -> Reader:
    return Reader(page_language().tag, _, ngettext)


def _hosted(credential: Credential) -> Hosted | None:
    known = find_institution(credential.institution)
    return Hosted(known.name(page_language().tag), known.node) if known else None
