"""What is said of a certificate, on a page as by `chorsu verify`: alone, or at a node.

Exit codes beside those of a saved record: 4 the signature holds, but what tells whether it was
revoked is not at hand; 5 revoked, expired, or not valid yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chorsu.kernel.clock import format_time
from chorsu.verifier import certificate_words, words
from chorsu.verifier.lists import institution_in
from chorsu.verifier.words import Hosted, Line, Reader
from chorsu.wire.credential_file import (
    CertificateVerdict,
    Standing,
    is_certificate,
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
UNREAD = 2
_PICTURES = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """A verdict with what a node knows besides.

    `here`: the issuer's log is read here and has it. `set_aside`: that log does not add up.
    `recognised`: hours that count at this node's institution and the order by which; None if no
    rule there speaks of it, or it is the institution's own.
    """

    verdict: CertificateVerdict
    here: bool = False
    set_aside: bool = False
    own: bool = False
    recognised: tuple[int, str] | None = None

    @property
    def may_count(self) -> bool:
        """Whether it is a question if it counts here: a genuine one of another node."""
        return not self.own and self.verdict.standing == "genuine"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, in the reader's language; `code` ends the command, `report` is for programs.

    `warnings` and `lines` are empty for a certificate that is refused or was not found.
    """

    code: int
    headline: str
    text: Sequence[str]
    report: dict[str, Json]
    warnings: Sequence[str] = ()
    lines: Sequence[Line] = ()


def answer(data: bytes, known: Sequence[KnownKey], now: datetime, reader: Reader) -> Answer | None:
    """What a certificate proves by itself and by these keys, offline; None for what is none."""
    if data.startswith(_PICTURES):
        headline, text = certificate_words.picture(reader.gettext)
        return Answer(UNREAD, headline, (text,), {"result": "unread", "form": None})
    if not is_certificate(data):
        return None
    try:
        verdict = verify_certificate(parse_certificate(data), known, now)
    except WireError as error:
        return refused(error, reader)
    institution = institution_in(verdict.credential.institution, reader.language)
    return proven(verdict, reader, institution)


def proven(verdict: CertificateVerdict, reader: Reader, institution: Hosted | None) -> Answer:
    """What a verdict says to a reader who knows the institution."""
    standing, gettext = verdict.standing, reader.gettext
    return Answer(
        code=EXIT_CODES[standing],
        headline=certificate_words.headline(standing, gettext),
        text=tuple(filter(None, (certificate_words.advice(standing, gettext),))),
        report=_report(verdict),
        warnings=certificate_words.warnings(verdict, gettext, institution),
        lines=certificate_words.lines(verdict, reader, institution),
    )


def at_node(checked: CheckedCertificate, reader: Reader, institution: Hosted | None) -> Answer:
    """The same with what the node knows: whether it trusts that log, and whether it counts."""
    said = proven(checked.verdict, reader, institution)
    aside = [certificate_words.set_aside(reader.gettext)] if checked.set_aside else []
    counted = [certificate_words.recognition(checked.recognised, reader)]
    hours, basis = checked.recognised or (None, None)
    here: dict[str, Json] = {
        "here": checked.here,
        "own": checked.own,
        "set_aside": checked.set_aside,
        "recognised_hours": hours if checked.may_count else None,
        "recognised_by": basis if checked.may_count else None,
    }
    return replace(
        said,
        report={**said.report, **here},
        warnings=[*aside, *said.warnings],
        lines=[*said.lines, *(counted if checked.may_count else ())],
    )


def refused(error: WireError, reader: Reader) -> Answer:
    """What is said of one that does not hold: nothing of what stands in it."""
    text = (
        certificate_words.failure(error, reader.gettext),
        words.advice("refused", reader.gettext),
        f"({error})",
    )
    report: dict[str, Json] = {"result": "refused", "code": error.code, "detail": error.detail}
    return Answer(REFUSED, words.headline("refused", reader.gettext), text, report)


def unread(form: str, reader: Reader) -> Answer:
    """What is said of a picture in which no certificate was found; `form`: why, if it is that."""
    headline, text = certificate_words.unread(form, reader.gettext)
    return Answer(UNREAD, headline, (text,), {"result": "unread", "form": form or None})


def _report(verdict: CertificateVerdict) -> dict[str, Json]:
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
