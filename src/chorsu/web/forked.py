"""The course that another one was made from, named wherever the other is shown or written."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from chorsu.institutions.queries import institution
from chorsu.records.viewer import Viewer
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import Facts
from chorsu.web.labels import PROVENANCES, label
from chorsu.web.locales import language_name, page_language


@dataclass(frozen=True, slots=True)
class Taken:
    """The translation whose words were taken over: in which language, how made, by whom."""

    language: str
    provenance: str
    translated_by: str


@dataclass(frozen=True, slots=True)
class Forked:
    """The course that one was made from. One that may not be seen here has its node for a title,
    and no address.
    """

    title: str
    language: str
    institution: str
    revision: int
    url: str
    text: Taken | None


def forked_from(facts: Facts, viewer: Viewer) -> Forked | None:
    """The course of which one is a copy; None: of none. One query, and two for its text."""
    source = facts["forked_from"]
    if source is None:
        return None
    here = page_language().tag
    card = queries.courses_by_id([source["course"]], viewer).get(source["course"])
    text = source.get("text")
    return Forked(
        title=card.title if card else source["origin"],
        language=card.text_language if card else "",
        institution=institution(card.institution_id).name(here) if card else "",
        revision=source["revision"],
        url=reverse("course", args=[card.id]) if card else "",
        text=Taken(
            language_name(text["language"], here),
            label(PROVENANCES, text["provenance"]),
            text["translated_by"],
        )
        if text
        else None,
    )
