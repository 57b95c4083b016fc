"""`chorsu verify` over a certificate: offline, with the keys that were given.

Exit codes beside those of a saved record: 4 the signature holds, but what tells whether it was
revoked is not in the file; 5 revoked, expired, or not valid yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.kernel.clock import format_time
from chorsu.verifier import certificate_words, words
from chorsu.verifier.words import Gettext
from chorsu.wire.credential_file import (
    CertificateVerdict,
    Standing,
    parse_certificate,
    verify_certificate,
)
from chorsu.wire.envelope import Json
from chorsu.wire.errors import WireError
from chorsu.wire.succession import KnownKey

EXIT_CODES: dict[Standing, int] = {
    "genuine": 0, "unknown-key": 3, "unconfirmed": 4, "revoked": 5, "expired": 5, "not-yet": 5,
}  # fmt: skip
REFUSED = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command says. `verdict` is None for a certificate that is refused."""

    code: int
    headline: str
    text: Sequence[str]
    report: Json
    verdict: CertificateVerdict | None = None


def answer(data: bytes, known: Sequence[KnownKey], now: datetime, gettext: Gettext) -> Answer:
    """Check a certificate in any of its forms."""
    try:
        verdict = verify_certificate(parse_certificate(data), known, now)
    except WireError as error:
        text = (
            certificate_words.failure(error, gettext),
            words.advice("refused", gettext),
            f"({error})",
        )
        report = {"result": "refused", "code": error.code, "detail": error.detail}
        return Answer(REFUSED, words.headline("refused", gettext), text, report)
    standing = verdict.standing
    return Answer(
        code=EXIT_CODES[standing],
        headline=certificate_words.headline(standing, gettext),
        text=tuple(filter(None, (certificate_words.advice(standing, gettext),))),
        report=_report(verdict),
        verdict=verdict,
    )


def _report(verdict: CertificateVerdict) -> Json:
    credential, key = verdict.credential, verdict.key
    return {
        "result": verdict.standing,
        "origin": credential.node,
        "institution": credential.institution,
        "document": credential.document,
        "holder": credential.holder,
        "course": credential.course,
        "revision": credential.revision,
        "names": dict(credential.names),
        "hours": {
            "in_person": credential.hours["in_person"],
            "live": credential.hours["live"],
            "self_study": credential.hours["self_study"],
        },
        "competences": {one.code: one.level for one in credential.competences},
        "score": credential.result,
        "valid_from": format_time(credential.valid_from),
        "valid_until": _time(credential.valid_until),
        "issued_at": _time(verdict.issued_at),
        "seen_at": _time(verdict.seen_at),
        "as_of": _time(verdict.as_of),
        "vkey": key.vkey if key else None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
