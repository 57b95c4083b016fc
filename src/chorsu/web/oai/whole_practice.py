"""A practice as `chorsu`: what every record has, and its facts."""

from __future__ import annotations

from chorsu.flows.offering import Offer
from chorsu.practices.shapes import OfferedPractice
from chorsu.web.oai.elements import Element
from chorsu.web.oai.whole_record import add, add_themes, begin_whole, end_whole


def add_whole_practice(parent: Element, offer: Offer, practice: OfferedPractice) -> None:
    """The record's metadata below `parent`."""
    whole = begin_whole(parent, "practice", offer, practice)
    _add_facts(whole, practice)
    end_whole(whole, practice)


def _add_facts(whole: Element, practice: OfferedPractice) -> None:
    facts = practice.facts
    add(whole, "country", facts["country"])
    add(whole, "level", facts["level"])
    add(whole, "status", facts["status"])
    for name, year in (("yearFrom", facts["year_from"]), ("yearTo", facts["year_to"])):
        if year is not None:
            add(whole, name, str(year))
    add(whole, "cost", facts["cost"])
    add(whole, "duration", facts["duration"])
    add_themes(whole, practice)
    for number in facts["sdg_goals"]:
        add(whole, "goal", str(number))
    for target in facts["sdg_targets"]:
        add(whole, "target", target)
    for row in facts["indicators"]:
        told = {"baseline": row["baseline"], "date": row["date"]}
        given = {name: value for name, value in told.items() if value}
        add(whole, "indicator", key=row["key"], value=row["value"], **given)
    for source in facts["sources"]:
        told = {"href": source["url"], "date": source["date"], "language": source["language"]}
        given = {name: value for name, value in told.items() if value}
        add(whole, "source", source["title"], **given)
