"""Records as cards in lists: what `components/record_card.html` shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from chorsu.exchange.queries import peers_set_aside
from chorsu.harvested.queries import HarvestedView
from chorsu.harvested.rules import language_of
from chorsu.institutions.queries import institution
from chorsu.practices.shapes import PracticeCard
from chorsu.records.themes import theme
from chorsu.training.shapes.courses import CourseCard
from chorsu.web.locales import country_name, html_lang, language_name, page_language

THEMES = 3


@dataclass(frozen=True, slots=True)
class Link:
    """Words and, if it leads anywhere, the address."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card; all names are in the page's language, title and summary in `html_lang`.

    `language` is empty where the text is in the page's own language and needs no badge. `unsigned`
    is the repository that a record nobody signed comes from; `set_aside` the peer that is set
    aside here and published the record or the text shown. `kind` says what it is where that is
    not a practice.
    """

    id: str
    url: str
    title: str
    summary: str
    html_lang: str
    language: str
    provenance: str
    stale: bool
    institution: str
    country: str
    date: datetime
    themes: Sequence[Link]
    unsigned: str = ""
    set_aside: str = ""
    kind: str = ""


def cards(found: Sequence[PracticeCard]) -> list[Card]:
    """Cards for a list, in its order. One query where a peer's practice or text is among them."""
    aside = set_aside_of(found)
    return [card(one, aside) for one in found]


def set_aside_of(found: Iterable[PracticeCard | CourseCard]) -> frozenset[str]:
    """The peers set aside among those that published these records and the texts shown."""
    return peers_set_aside(name for one in found for name in (one.origin, one.supplied_by))


def card(one: PracticeCard, aside: Collection[str]) -> Card:
    """One practice as a card; `aside` are peers that are set aside."""
    return _card(one, reverse("practice", args=[one.id]), reverse("practices"), aside)


def course_cards(found: Sequence[CourseCard]) -> list[Card]:
    """As `cards`, of courses among themselves."""
    aside = set_aside_of(found)
    return [
        _card(one, reverse("course", args=[one.id]), reverse("courses"), aside) for one in found
    ]


def course_card(one: CourseCard, aside: Collection[str]) -> Card:
    """One course as a card, marked as what it is; `aside` as in `card`."""
    shown = _card(one, reverse("course", args=[one.id]), reverse("courses"), aside)
    return replace(shown, kind=gettext("Course"))


def _card(one: PracticeCard | CourseCard, url: str, among: str, aside: Collection[str]) -> Card:
    """A record that leads to `url`; its themes lead to the list at `among`."""
    here = page_language().tag
    shown = [known for code in one.themes[:THEMES] if (known := theme(code))]
    return Card(
        id=one.id,
        url=url,
        title=one.title,
        summary=one.summary,
        html_lang=html_lang(one.text_language),
        language="" if one.text_language == here else language_name(one.text_language, here),
        provenance=one.provenance,
        stale=one.stale,
        institution=institution(one.institution_id).short(here),
        country=country_name(one.country, here),
        date=one.updated_at,
        themes=[Link(known.name(here), f"{among}?theme={known.code}") for known in shown],
        set_aside=next((name for name in (one.origin, one.supplied_by) if name in aside), ""),
    )


def foreign_card(one: HarvestedView) -> Card:
    """A foreign record as a card, marked as unsigned; of its subjects nothing leads anywhere."""
    here = page_language().tag
    tag = language_of(one.title_language)
    summaries = one.values.get("description", ())
    return Card(
        id=one.id,
        url=reverse("harvested", args=[one.id]),
        title=one.title,
        summary=summaries[0][0][:400] if summaries else "",
        html_lang=html_lang(tag) if tag else one.title_language,
        language=language_name(tag, here) if tag and tag != here else "",
        provenance="",
        stale=False,
        institution=one.repository,
        country="",
        date=one.datestamp,
        themes=[],
        unsigned=one.repository,
    )
