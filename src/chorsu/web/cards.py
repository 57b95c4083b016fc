"""Practices as cards in lists: what `components/record_card.html` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from chorsu.institutions.queries import institution
from chorsu.practices.shapes import PracticeCard
from chorsu.records.themes import theme
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

    `language` is empty where the text is in the page's own language and needs no badge.
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


def cards(found: Iterable[PracticeCard]) -> list[Card]:
    """Cards for a list, in its order."""
    return [card(one) for one in found]


def card(one: PracticeCard) -> Card:
    """One practice as a card."""
    here = page_language().tag
    shown = [known for code in one.themes[:THEMES] if (known := theme(code))]
    return Card(
        id=one.id,
        url=reverse("practice", args=[one.id]),
        title=one.title,
        summary=one.summary,
        html_lang=html_lang(one.text_language),
        language="" if one.text_language == here else language_name(one.text_language, here),
        provenance=one.provenance,
        stale=one.stale,
        institution=institution(one.institution_id).short(here),
        country=country_name(one.country, here),
        date=one.updated_at,
        themes=[
            Link(known.name(here), f"{reverse('practices')}?theme={known.code}") for known in shown
        ],
    )
