"""What a certificate's verdict says to people, for the page and for the command alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from chorsu.kernel.languages import TAGS
from chorsu.verifier import words
from chorsu.verifier.lists import competence_in, level_in
from chorsu.verifier.words import Gettext, Hosted, Line, Reader, Value, gettext_noop
from chorsu.wire.credential import Competence, Credential
from chorsu.wire.credential_file import CertificateVerdict, Standing
from chorsu.wire.errors import WireError

_HEADLINES: Mapping[Standing, str] = MappingProxyType(
    {
        "genuine": gettext_noop(
            "Genuine and valid: issued as stated below, unchanged, and not revoked."
        ),
        "unconfirmed": gettext_noop(
            "The signature holds, but whether the certificate still counts is not known here."
        ),
        "unknown-key": gettext_noop(
            "The certificate is whole, but nobody here knows the key that signed it."
        ),
        "revoked": gettext_noop("Revoked: it was issued as stated below and no longer counts."),
        "expired": gettext_noop("Genuine, but it has expired."),
        "not-yet": gettext_noop("Genuine, but not valid yet."),
    }
)
_ADVICE: Mapping[Standing, str] = MappingProxyType(
    {
        "genuine": "",
        "unconfirmed": gettext_noop(
            "Ask its holder for the file instead of the code, or ask again when this node has "
            "read the log of the node that issued it."
        ),
        "unknown-key": gettext_noop(
            "Do not rely on it before the node that issued it is a peer of this one."
        ),
        "revoked": gettext_noop("Ask the institution that issued it for the reason."),
        "expired": "",
        "not-yet": "",
    }
)
_FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "bad-signature": gettext_noop(
            "The signature does not hold: the certificate was changed after it was signed."
        ),
        "wrong-key": gettext_noop(
            "It is not signed by the node it names: no signature under it is by a key of that node."
        ),
        "old-key": gettext_noop(
            "It is signed by a key that its node had replaced, and the node's log does not have "
            "it from before that."
        ),
        "code-malformed": gettext_noop(
            "The code is damaged, or it is not that of a certificate of this network."
        ),
        "certificate-mismatch": gettext_noop(
            "What the file brings as proof belongs to another certificate."
        ),
        "credential-format": gettext_noop(
            "The certificate is of a newer form than this software reads. Update the software."
        ),
        "certificate-format": gettext_noop(
            "The certificate is of a newer form than this software reads. Update the software."
        ),
    }
)
_DAMAGED = gettext_noop("The certificate is damaged, or it is not one of this network.")
_OURS = ("credential-malformed", "certificate-malformed", "json-", "status-malformed")


def headline(standing: Standing, gettext: Gettext) -> str:
    """The answer in one sentence."""
    return gettext(_HEADLINES[standing])


def advice(standing: Standing, gettext: Gettext) -> str:
    """What to do about it; empty if nothing."""
    return gettext(_ADVICE[standing]) if _ADVICE[standing] else ""


def failure(error: WireError, gettext: Gettext) -> str:
    """What does not hold, in one sentence."""
    if error.code in _FAILURES:
        return gettext(_FAILURES[error.code])
    if error.code.startswith(_OURS):
        return gettext(_DAMAGED)
    return words.failure(error, gettext)


def unread(form: str, gettext: Gettext) -> tuple[str, str]:
    """Of a picture without a readable code: what is the matter, and what to do.

    `form` names the form of a picture, such as HEIC, if it is that which is not read.
    """
    _ = gettext
    if form:
        return (
            _("Pictures of the form %(form)s are not read here.") % {"form": form},
            _(
                "Save the picture as JPEG or PNG and choose it again. A telephone that takes "
                "pictures as HEIC can be set to take them as JPEG. Or ask the holder for the file."
            ),
        )
    return (
        _("No certificate's code could be read in it."),
        _(
            "Take the picture again: straight from above, in good light, the code as large as "
            "it fits. Or ask the holder for the file."
        ),
    )


def picture(gettext: Gettext) -> tuple[str, str]:
    """Of a picture or PDF where no program is at hand that finds a code in it; and what to do."""
    _ = gettext
    return (
        _("Nothing was checked: pictures and PDF files are read only at a node."),
        _(
            "Choose it on a node's page “Check a document”, or run the command at a node without "
            "naming keys. Or ask the holder for the file."
        ),
    )


def set_aside(gettext: Gettext) -> str:
    """What must be known of a certificate whose node this one has set aside."""
    _ = gettext
    return _("This node has set that node aside: its log does not add up.")


def recognition(recognised: tuple[int, str] | None, reader: Reader) -> Line:
    """Whether it counts at this node's institution: hours and the order by which, or no rule."""
    _, ngettext = reader.gettext, reader.ngettext
    if recognised is None:
        said = _("No rule of this institution recognises it.")
    else:
        number, basis = recognised
        hours = ngettext("%(number)s academic hour", "%(number)s academic hours", number)
        said = _("%(hours)s, by %(basis)s") % {"hours": hours % {"number": number}, "basis": basis}
    return Line("recognised", _("Recognised here"), (Value(said),))


def warnings(
    verdict: CertificateVerdict, gettext: Gettext, institution: Hosted | None = None
) -> list[str]:
    """What a reader must know besides."""
    _, found = gettext, []
    if institution and not institution.is_at(verdict.credential.node):
        found.append(_("It speaks for an institution that another node hosts."))
    if verdict.key is not None and verdict.issued_at is None:
        found.append(
            _("The log of the node that issued it, as far as it is known here, has no word of it.")
        )
    return found


def lines(
    verdict: CertificateVerdict, reader: Reader, institution: Hosted | None = None
) -> list[Line]:
    """All that is known, in the order to read it."""
    return said(verdict.credential, reader, institution) + _proof(verdict, reader.gettext)


def said(credential: Credential, reader: Reader, institution: Hosted | None = None) -> list[Line]:
    """What the certificate itself says."""
    _ = gettext = reader.gettext
    titles = sorted(
        credential.names.items(),
        key=lambda one: (one[0] != credential.language, TAGS.index(one[0])),
    )
    named = Value(credential.institution_name, language=credential.language)
    if institution and institution.is_at(credential.node):
        named = Value(institution.name)
    return [
        Line("holder", _("Holder"), (Value(credential.holder),)),
        Line("title", _("Course"), tuple(Value(name, language=tag) for tag, name in titles)),
        Line("institution", _("Institution"), (named,)),
        Line("document", _("Document number"), (Value(credential.document, machine=True),)),
        Line("hours", _("Academic hours"), (Value(_hours(credential, gettext)),)),
        *_learning(credential, reader),
        Line(
            "taught",
            _("Taught"),
            (Value(day=credential.starts_on), Value(day=credential.ends_on)),
        ),
        Line("issued", _("Issued"), (Value(day=credential.valid_from.date()),)),
        Line("until", _("Valid until"), (_until(credential, gettext),)),
        Line("origin", _("Issued by the node"), (Value(credential.node, machine=True),)),
    ]


def _learning(credential: Credential, reader: Reader) -> list[Line]:
    _, found = reader.gettext, []
    if credential.result:
        result = _("%(result)s %% (passed from %(required)s %%)") % {
            "result": credential.result,
            "required": credential.required,
        }
        found.append(Line("result", _("Result"), (Value(result),)))
    if credential.competences:
        reached = tuple(_reached(one, credential, reader) for one in credential.competences)
        found.append(Line("competences", _("Competences"), reached))
    return found


def _reached(competence: Competence, credential: Credential, reader: Reader) -> Value:
    """A competence and its level by the network's framework, else as the certificate names it."""
    level = level_in(competence.level, reader.language)
    if not level:
        level = reader.gettext("level %(level)s") % {"level": competence.level}
    if name := competence_in(competence.code, reader.language):
        return Value(name, more=level)
    return Value(competence.name, language=credential.language, more=level)


def _proof(verdict: CertificateVerdict, gettext: Gettext) -> list[Line]:
    _, found = gettext, []
    if verdict.issued_at is not None:
        found.append(Line("logged", _("In the node's log since"), (Value(time=verdict.issued_at),)))
    if verdict.seen_at is not None:
        found.append(Line("seen", _("Seen there by a witness"), (Value(time=verdict.seen_at),)))
    if verdict.as_of is not None:
        label = _("Revocations known up to")
        found.append(Line("as-of", label, (Value(time=verdict.as_of),)))
    if verdict.key is not None:
        key = Value(verdict.key.fingerprint, machine=True)
        found.append(Line("fingerprint", _("Key fingerprint"), (key,)))
    return found


def _hours(credential: Credential, gettext: Gettext) -> str:
    """`72 (in person 40, self-study 32)`."""
    _, hours = gettext, credential.hours
    forms: Sequence[tuple[str, int]] = (
        (_("in person"), hours["in_person"]),
        (_("live online"), hours["live"]),
        (_("self-study"), hours["self_study"]),
    )
    by_form = ", ".join(f"{form} {number}" for form, number in forms if number)
    return f"{credential.all_hours} ({by_form})" if by_form else str(credential.all_hours)


def _until(credential: Credential, gettext: Gettext) -> Value:
    if credential.valid_until is None:
        return Value(gettext("without end"))
    return Value(day=credential.valid_until.date())
