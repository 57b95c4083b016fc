"""A translation beside its source, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorsu.kernel.text import normalise
from chorsu.web.drafting.marking import marked
from chorsu.web.drafting.merging import MINE, Clash
from chorsu.web.labels import PROVENANCES, label


@dataclass(frozen=True, slots=True)
class TypedText:
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
    label: str | Promise
    source: str
    text: str
    tall: bool
    error: str
    changed: SafeString
    is_new: bool


@dataclass(frozen=True, slots=True)
class Fields:
    """The words of a kind of record: what a field is called, and whether it has several lines."""

    name_of: Callable[[str], str | Promise]
    is_tall: Callable[[str], bool]


def sides_of(
    source: Sequence[tuple[str, str]],
    words: Mapping[str, str],
    errors: Mapping[str, str],
    made_from: Mapping[str, str],
    fields: Fields,
) -> list[Side]:
    """The fields of the source, as it orders them. `made_from`: its words then; empty: as now."""
    found = []
    for name, text in source:
        before = made_from.get(name, "") if made_from else text
        found.append(
            Side(
                name=name,
                label=fields.name_of(name),
                source=text,
                text=words.get(name, ""),
                tall=fields.is_tall(name),
                error=errors.get(name, ""),
                changed=SafeString("") if before in ("", text) else marked(before, text),
                is_new=before == "",
            )
        )
    return found


def clashing_sides(
    mine: TypedText, theirs: TypedText, source: Sequence[tuple[str, str]], fields: Fields
) -> list[Clash]:
    """What differs between one's own translation and the one that was saved meanwhile.

    First the fields of words, then what is said about the translation (units `provenance`,
    `translated_by` and `revision`).
    """
    names = [name for name, _text in source]
    return [*_clashing_words(mine.words, theirs.words, names, fields), *_claims(mine, theirs)]


def _clashing_words(
    typed: Mapping[str, str], theirs: Mapping[str, str], names: Sequence[str], fields: Fields
) -> list[Clash]:
    # Browsers end lines with CR LF; what is stored has LF.
    mine = {name: normalise(text) for name, text in typed.items()}
    return [
        Clash(
            unit=name,
            name=fields.name_of(name),
            mine=marked(theirs.get(name, ""), mine.get(name, "")),
            theirs=format_html("{}", theirs.get(name, "")),
            both=True,
            picked=MINE,
            own_words=True,
        )
        for name in names
        if mine.get(name, "") != theirs.get(name, "")
    ]


def _claims(mine: TypedText, theirs: TypedText) -> list[Clash]:
    said = (
        (
            "provenance",
            _("How was it made?"),
            label(PROVENANCES, mine.provenance),
            label(PROVENANCES, theirs.provenance),
        ),
        (
            "translated_by",
            _("Translated by"),
            " ".join(normalise(mine.translated_by).split()),
            theirs.translated_by,
        ),
        ("revision", _("Made from revision"), str(mine.revision), str(theirs.revision)),
    )
    return [
        Clash(
            unit=unit,
            name=name,
            mine=format_html("{}", ours),
            theirs=format_html("{}", other),
            both=True,
            picked=MINE,
            own_words=False,
        )
        for unit, name, ours, other in said
        if ours != other
    ]
