"""The facts of a practice in the words of the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from chorsu.exchange.wanting import ComingFile, coming_files
from chorsu.institutions.queries import institution
from chorsu.practices.shapes import PracticeView
from chorsu.records.shapes import (
    ErasedView,
    FileView,
)
from chorsu.records.themes import goal, target, theme
from chorsu.web.cards import Link
from chorsu.web.labels import (
    AUDIENCES,
    COSTS,
    DURATIONS,
    FIELDS,
    LEVELS,
    LICENCES,
    STATUSES,
    label,
)
from chorsu.web.locales import (
    country_name,
    format_day,
    format_number,
    format_size,
    language_name,
)

_TYPES = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "image/webp": "WEBP",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: its name and one or more values; `chips` values are shown as chips."""

    name: str
    label: str
    values: Sequence[Link]
    chips: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the table of indicators; numbers are written as the page's language does."""

    name: str
    unit: str
    language: str
    baseline: str
    value: str
    date: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to download; `language` is a name, empty if the file has none.

    `lies_at` names the node that has it while it is not here; `is_coming`: nobody need ask for it.
    """

    name: str
    url: str
    type: str
    size: str
    language: str
    description: str
    words_language: str
    is_image: bool
    lies_at: str
    is_coming: bool
    width: int | None
    height: int | None
    erased: ErasedView | None


@dataclass(frozen=True, slots=True)
class Contact:
    """An office to ask; `language` is that of its name."""

    office: str
    language: str
    email: str
    phone: str
    url: str


def facts_of(view: PracticeView, here: str) -> list[Fact]:
    """What is known, in the order a reader asks: who, where, when, what kind, on what terms."""
    facts = view.facts
    publisher = institution(view.institution_id)
    rows = [
        Fact(
            "institution",
            label(FIELDS, "institution"),
            [Link(publisher.name(here), reverse("institution", args=[publisher.id]))]
            if publisher.known
            else [Link(publisher.id)],
        ),
        _fact("country", country_name(facts["country"], here)),
        _fact("level", label(LEVELS, facts["level"])),
        Fact("years", _("Years"), [Link(_years(facts["year_from"], facts["year_to"]))]),
        _fact("status", label(STATUSES, facts["status"])),
        _fact("cost", "" if facts["cost"] == "unknown" else label(COSTS, facts["cost"])),
        _fact(
            "duration",
            "" if facts["duration"] == "unknown" else label(DURATIONS, facts["duration"]),
        ),
        Fact("themes", label(FIELDS, "themes"), _themes(facts["themes"], here), chips=True),
        Fact("goals", label(FIELDS, "sdg_goals"), _goals(view, here)),
        Fact("licence", label(FIELDS, "licence"), [_licence(view.licence)]),
        Fact("audience", label(FIELDS, "audience"), [Link(_audience(view.audience))]),
        Fact("published", _("First published"), [Link(format_day(view.published_at, here))]),
        Fact("updated", _("Last changed"), [Link(format_day(view.updated_at, here))]),
    ]
    return [row for row in rows if any(value.label for value in row.values)]


def indicators_of(view: PracticeView, here: str) -> list[Indicator]:
    """The indicators; a name that the text lacks is the original's."""
    return [
        Indicator(
            name=_word(view, f"indicators.{row['key']}.name")[0] or row["key"],
            unit=_word(view, f"indicators.{row['key']}.unit")[0],
            language=_word(view, f"indicators.{row['key']}.name")[1],
            baseline=format_number(row["baseline"], here) if row["baseline"] else "",
            value=format_number(row["value"], here) if row["value"] else "",
            date=row["date"],
        )
        for row in view.facts["indicators"]
    ]


def files_of(view: PracticeView, here: str) -> list[File]:
    """The files, with their descriptions in the text's language or the original's."""
    away = {} if view.is_own or not view.files else coming_files(view.id)
    return [_file(view, one, here, away.get(one.sha256)) for one in view.files]


def contacts_of(view: PracticeView) -> list[Contact]:
    """The offices, named in the text's language or else in the original's."""
    return [
        Contact(
            *_word(view, f"contacts.{row['key']}.office"), row["email"], row["phone"], row["url"]
        )
        for row in view.facts["contacts"]
    ]


def type_of(one: FileView) -> str:
    """What sort of file it is, in a few letters."""
    return _TYPES.get(one.media_type) or one.name.rpartition(".")[2][:4].upper()


def _file(view: PracticeView, one: FileView, here: str, away: ComingFile | None) -> File:
    description, words_language = _word(view, f"files.{one.sha256}.description")
    if one.erased is not None and not one.erased.named:
        description = ""
    return File(
        name=one.name,
        url=reverse("practice-file", args=[view.id, one.sha256])
        if away
        else reverse("blob", args=[one.sha256]),
        type=type_of(one),
        size=format_size(one.size, here),
        language=language_name(one.language, here) if one.language else "",
        description=description,
        words_language=words_language,
        is_image=one.is_image and one.erased is None,
        lies_at=away.peer if away else "",
        is_coming=away is not None and away.comes,
        width=one.width,
        height=one.height,
        erased=one.erased,
    )


def _word(view: PracticeView, name: str) -> tuple[str, str]:
    """(words, their language): the text's own, else the original's."""
    for text in (view.text, view.original):
        if text.words.get(name):
            return text.words[name], text.language
    return "", ""


def _fact(name: str, value: str) -> Fact:
    return Fact(name, label(FIELDS, name), [Link(value)])


def _years(first: int | None, last: int | None) -> str:
    if first is None:
        return "" if last is None else _("until %(year)s") % {"year": last}
    if last is None:
        return _("since %(year)s") % {"year": first}
    return str(first) if first == last else f"{first}–{last}"


def _themes(codes: Sequence[str], here: str) -> list[Link]:
    url = reverse("practices")
    named = [(code, known.name(here) if (known := theme(code)) else code) for code in codes]
    return [Link(name, f"{url}?theme={code}") for code, name in named]


def _goals(view: PracticeView, here: str) -> list[Link]:
    """Goals, each followed by the targets of it that the practice names."""
    url = reverse("practices")
    links = []
    for number in view.facts["sdg_goals"]:
        known = goal(number)
        named = f"{number}. {known.name(here)}" if known else str(number)
        links.append(Link(named, f"{url}?goal={number}"))
        for code in view.facts["sdg_targets"]:
            if code.split(".")[0] == str(number):
                aim = target(code)
                links.append(Link(f"{code} {aim.name(here)}" if aim else code))
    return links


def _licence(code: str) -> Link:
    return Link(
        code.replace("CC-", "CC ").replace("-4.0", " 4.0").replace("-1.0", " 1.0"),
        LICENCES.get(code, ""),
    )


def _audience(code: str) -> str:
    return "" if code == "public" else label(AUDIENCES, code)
