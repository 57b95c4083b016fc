"""What a verdict says to people, for the page and for the command alike.

The door passes its own `gettext`; messages are marked here and translated there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, TypeAlias

from chorsu.wire.entry import NETWORK, WITHDRAW, Entry
from chorsu.wire.errors import WireError
from chorsu.wire.saved import Verdict

Gettext: TypeAlias = Callable[[str], str]
Ngettext: TypeAlias = Callable[[str, str, int], str]
Result: TypeAlias = Literal["proven", "unknown-key", "refused"]


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a line: a text in a language (empty: the reader's), and a time or day beside it.

    `machine` marks what is the same in every language: names of nodes, keys. `more` stands beside
    the text in the reader's language, whatever that of the text.
    """

    text: str = ""
    time: datetime | None = None
    language: str = ""
    machine: bool = False
    day: date | None = None
    more: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom it is said to: the tag of the language, and what translates into it."""

    language: str
    gettext: Gettext
    ngettext: Ngettext


@dataclass(frozen=True, slots=True)
class Hosted:
    """What the reader knows of an institution: its name, and the node that hosts it if any does."""

    name: str
    node: str

    def is_at(self, origin: str) -> bool:
        """Whether that node may speak for it."""
        return self.node in ("", origin)


@dataclass(frozen=True, slots=True)
class Line:
    """A fact with its label; `name` is stable."""

    name: str
    label: str
    values: tuple[Value, ...]


_CHANGED = gettext_noop(
    "The text in the file is not the one that was published: it was changed afterwards."
)
_FORM = gettext_noop("The file is damaged, or it was not made by the software of this network.")
_SIGNATURE = gettext_noop(
    "A signature does not hold: either it or what it signs was changed afterwards."
)
_FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "blob-size": _CHANGED,
        "blob-hash": _CHANGED,
        "saved-mismatch": gettext_noop(
            "The text says something else of itself than the entry in the log."
        ),
        "proof-invalid": gettext_noop(
            "The entry is not in the log that was signed: the entry or its proof was changed."
        ),
        "wrong-key": gettext_noop(
            "It is not signed by the node it names: no signature under it is by a key of that node."
        ),
        "old-key": gettext_noop(
            "It is signed by a key that its node had replaced, and nothing shows that it was "
            "signed before that."
        ),
        "bad-signature": _SIGNATURE,
        "cosignature-malformed": _SIGNATURE,
        "saved-format": gettext_noop(
            "The file is of a newer form than this software reads. Update the software."
        ),
        "json-too-large": gettext_noop("The file is larger than a saved record may be."),
        "saved-lacks-file": gettext_noop(
            "The file given with it is not one of the files of this record, or it was changed."
        ),
    }
)
_RESULTS: Mapping[Result, str] = MappingProxyType(
    {
        "proven": gettext_noop("Genuine: published as stated below, and not changed since."),
        "unknown-key": gettext_noop(
            "The file is whole, but nobody here knows the key that signed it."
        ),
        "refused": gettext_noop("Not genuine, or damaged."),
    }
)
_ADVICE: Mapping[Result, str] = MappingProxyType(
    {
        "proven": "",
        "unknown-key": gettext_noop(
            "Compare the fingerprint below with the node it names, by telephone or in person. "
            "Only if it is the same did that node publish this."
        ),
        "refused": gettext_noop("Do not rely on it. Ask whoever gave it to you for another copy."),
    }
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "practice": gettext_noop("Practice"),
        "practice-text": gettext_noop("Translation of a practice"),
        "course": gettext_noop("Course"),
        "course-text": gettext_noop("Translation of a course"),
    }
)
_LEFT_OUT = gettext_noop("The text itself is not in the file, only its hash.")
_TOO_EARLY = gettext_noop(
    "A witness saw it before the time that it states. The time it states is wrong."
)
_NOT_THE_HOST = gettext_noop("It speaks for an institution that another node hosts.")
_UNKNOWN_ENTRY = gettext_noop(
    "The entry is of a newer form than this software reads; that it was published is proven, "
    "what it says is not shown."
)
_AS_OF = gettext_noop(
    "This is how the log stood. Whether the record was replaced or withdrawn later, the file "
    "cannot say; a node that follows the log can."
)


def result_of(verdict: Verdict) -> Result:
    """`proven` by a key the reader knows, or `unknown-key`."""
    return "proven" if verdict.trusted else "unknown-key"


def headline(result: Result, gettext: Gettext) -> str:
    """The answer in one sentence."""
    return gettext(_RESULTS[result])


def advice(result: Result, gettext: Gettext) -> str:
    """What to do about it; empty if nothing."""
    return gettext(_ADVICE[result]) if _ADVICE[result] else ""


def failure(error: WireError, gettext: Gettext) -> str:
    """What does not hold, in one sentence."""
    return gettext(_FAILURES.get(error.code, _FORM))


def warnings(verdict: Verdict, gettext: Gettext, institution: Hosted | None = None) -> list[str]:
    """What a reader must know besides; `institution` as in `lines`."""
    found = []
    if institution and not institution.is_at(verdict.origin):
        found.append(gettext(_NOT_THE_HOST))
    if not isinstance(verdict.entry, Entry):
        found.append(gettext(_UNKNOWN_ENTRY))
    elif verdict.record is None:
        found.append(gettext(_LEFT_OUT))
    if verdict.time_contradicted:
        found.append(gettext(_TOO_EARLY))
    return found


def as_of(gettext: Gettext) -> str:
    """What no file can say, where nobody else can either."""
    return gettext(_AS_OF)


def lines(verdict: Verdict, gettext: Gettext, institution: Hosted | None = None) -> list[Line]:
    """All that is known, in the order to read it.

    `institution` is the record's, where the reader knows it; a node that does not host it does not
    get to show its name.
    """
    _ = gettext
    found = []
    if verdict.titles:
        titles = (Value(title, language=tag) for tag, title in verdict.titles.items())
        found.append(Line("title", _("Title"), tuple(titles)))
    if verdict.institution:
        named = Value(verdict.institution, machine=True)
        if institution and institution.is_at(verdict.origin):
            named = Value(institution.name)
        found.append(Line("institution", _("Institution"), (named,)))
    origin = Value(verdict.origin, machine=True)
    found.append(Line("origin", _("Published at the node"), (origin,)))
    found += _entry_lines(verdict, gettext)
    found += _witness_lines(verdict, gettext)
    place = _("Number %(index)s of %(size)s")
    numbers = {"index": verdict.index + 1, "size": verdict.checkpoint.size}
    found.append(Line("place", _("Place in the log"), (Value(place % numbers),)))
    key = Value(verdict.key.fingerprint, machine=True)
    found.append(Line("fingerprint", _("Key fingerprint"), (key,)))
    return found


def _entry_lines(verdict: Verdict, gettext: Gettext) -> list[Line]:
    _, entry = gettext, verdict.entry
    kind = _KINDS.get(entry.kind)
    kinds = Value(gettext(kind)) if kind else Value(entry.kind, machine=True)
    found = [Line("kind", _("Kind"), (kinds,))]
    if not isinstance(entry, Entry):
        return found
    withdrawn = entry.action == WITHDRAW
    label = _("Withdrawn on") if withdrawn else _("Published on")
    found.append(Line("time", label, (Value(time=entry.time),)))
    found.append(Line("revision", _("Revision"), (Value(str(entry.revision)),)))
    readers = _("For the network only") if entry.audience == NETWORK else _("For everybody")
    found.append(Line("audience", _("For whom"), (Value(readers),)))
    return found


def _witness_lines(verdict: Verdict, gettext: Gettext) -> list[Line]:
    _ = gettext
    found = []
    nobody = (Value(_("None that is known here")),)
    seen = tuple(Value(one.witness, one.time, machine=True) for one in verdict.witnesses)
    found.append(Line("witnesses", _("Witnesses that saw it"), seen or nobody))
    if verdict.claimed_witnesses:
        claimed = tuple(
            Value(one.witness, one.time, machine=True) for one in verdict.claimed_witnesses
        )
        found.append(Line("claimed", _("Witnesses whose keys are not known here"), claimed))
    if verdict.strangers:
        count = Value(str(verdict.strangers))
        found.append(Line("strangers", _("Further signatures that can't be checked"), (count,)))
    return found
