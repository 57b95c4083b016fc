"""For tests of the work area: people who write, and the write page's form as a browser posts it."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from chorsu.institutions.models import Institution, Person
from chorsu.practices import queries
from chorsu.practices.shapes import DraftView
from tests.practices.conftest import person

Form = dict[str, str | list[str]]

FORM: Form = {
    "title": "One window for all papers",
    "summary": "A village office issues forty certificates in one room.",
    "problem": "People went to **four** offices.",
    "action": "One room was opened.",
    "results": "- waiting fell from 12 days to 2",
    "failures": "The first queue system broke in a week.",
    "themes": ["service-delivery"],
    "sdg_targets": ["16.6"],
    "level": "village",
    "country": "KZ",
    "year_from": "2019",
    "status": "running",
    "cost": "10k_100k",
    "duration": "3m_12m",
    "indicators-0-key": "waiting",
    "indicators-0-name": "Waiting",
    "indicators-0-baseline": "12",
    "indicators-0-value": "2.5",
    "indicators-0-unit": "days",
    "indicators-0-date": "2021-06",
    "contacts-0-key": "office",
    "contacts-0-office": "District administration",
    "contacts-0-email": "office@district.example",
    "audience": "public",
    "licence": "CC-BY-4.0",
}


def writer(academy: Institution) -> Person:
    return person(academy, "writer@hub.example", "Aigul Writer", "contributor")


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


def address(name: str, *arguments: object) -> str:
    """The address of a page in English."""
    with override("en"):
        return reverse(name, args=arguments)


def begun(client: Client, language: str = "en") -> str:
    """The id of a draft begun on the page."""
    answer = client.post(address("draft-new"), {"institution": "hub-astana", "language": language})
    assert answer.status_code == 302
    return answer.headers["Location"].rstrip("/").split("/")[-1]


def posted(version: int, **changes: str | list[str]) -> Form:
    return {**FORM, "version": str(version), **changes}


def draft_of(draft_id: str, who: Person) -> DraftView:
    return queries.draft(draft_id, Person.objects.get(pk=who.pk))


def inputs(html: str) -> Form:
    """The hidden and text inputs of a page by name, as a browser would post them again."""
    found: Form = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        unticked = re.search(r'type="(radio|checkbox)"', tag) and "checked" not in tag
        if name and not unticked and name[1] != "csrfmiddlewaretoken":
            text = unescape(value[1]) if value else ""
            before = found.get(name[1])
            found[name[1]] = text if before is None else [*_list(before), text]
    return found


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def errors_of(html: str) -> dict[str, str]:
    """What the summary at the top says: anchor -> sentence."""
    found = re.findall(r'<li><a href="#([^"]+)">[^<]*</a>: ([^<]*)</li>', html)
    return dict(found)
