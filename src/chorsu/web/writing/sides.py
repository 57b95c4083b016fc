"""A translation beside its source, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorsu.kernel.text import normalise
from chorsu.practices.diff import diff_text
from chorsu.practices.rules import FIELDS_BY_NAME, order_words
from chorsu.practices.shapes import TranslationView
from chorsu.web.labels import PROVENANCES, label
from chorsu.web.practice_history import to_html
from chorsu.web.writing.labels import Text, name_of
from chorsu.web.writing.merging import MINE, Clash


@dataclass(frozen=True, slots=True)
class Typed:
    """A translation as typed: words by field name, and what is said about them."""

    words: Mapping[str, str]
    provenance: str
    translated_by: str
    revision: int


@dataclass(frozen=True, slots=True)
class Side:
    """One field: the source's text, one's own, and what moved in the source since.

    `changed` is empty where the source says what it said when the translation was made.
    """

    name: str
    label: Text
    source: str
    text: str
    tall: bool
    error: str
    changed: SafeString
    is_new: bool


def sides_of(
    view: TranslationView,
    words: Mapping[str, str],
    errors: Mapping[str, str],
    made_from: Mapping[str, str],
) -> list[Side]:
    """The fields of the source in reading order. `made_from`: its words then; empty: as now."""
    found = []
    for name, source in order_words(view.source.words):
        before = made_from.get(name, "") if made_from else source
        field = FIELDS_BY_NAME.get(name)
        found.append(
            Side(
                name=name,
                label=name_of(name),
                source=source,
                text=words.get(name, ""),
                tall=field is not None and field.lines,
                error=errors.get(name, ""),
                changed=_marked(before, source),
                is_new=before == "",
            )
        )
    return found


def _marked(before: str, source: str) -> SafeString:
    return SafeString("") if before in ("", source) else to_html(diff_text(before, source))


def clashing_sides(typed: Typed, theirs: TranslationView) -> list[Clash]:
    """What differs between one's own translation and the one that was saved meanwhile.

    First the fields of words, then what is said about the translation (units `provenance`,
    `translated_by` and `revision`).
    """
    return [*_clashing_words(typed.words, theirs), *_clashing_claims(typed, theirs)]


def _clashing_words(typed: Mapping[str, str], theirs: TranslationView) -> list[Clash]:
    # Browsers end lines with CR LF; what is stored has LF.
    mine = {name: normalise(text) for name, text in typed.items()}
    return [
        Clash(
            unit=name,
            name=name_of(name),
            mine=to_html(diff_text(theirs.words.get(name, ""), mine.get(name, ""))),
            theirs=format_html("{}", theirs.words.get(name, "")),
            both=True,
            picked=MINE,
            own_words=True,
        )
        for name, _source in order_words(theirs.source.words)
        if mine.get(name, "") != theirs.words.get(name, "")
    ]


def _clashing_claims(typed: Typed, theirs: TranslationView) -> list[Clash]:
    said = (
        (
            "provenance",
            _("How was it made?"),
            label(PROVENANCES, typed.provenance),
            label(PROVENANCES, theirs.provenance),
        ),
        (
            "translated_by",
            _("Translated by"),
            " ".join(normalise(typed.translated_by).split()),
            theirs.translated_by,
        ),
        ("revision", _("Made from revision"), str(typed.revision), str(theirs.revision)),
    )
    return [
        Clash(
            unit=unit,
            name=name,
            mine=format_html("{}", mine),
            theirs=format_html("{}", other),
            both=True,
            picked=MINE,
            own_words=False,
        )
        for unit, name, mine, other in said
        if mine != other
    ]
