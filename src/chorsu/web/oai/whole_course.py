"""A course as `chorsu`: what every record has, its hours and aims, and its outline."""

from __future__ import annotations

from chorsu.flows.offering import Offer
from chorsu.training.shapes.courses import OfferedCourse
from chorsu.web.oai.elements import Element
from chorsu.web.oai.whole_record import add, add_themes, begin_whole, end_whole


def add_whole_course(parent: Element, offer: Offer, course: OfferedCourse) -> None:
    """The record's metadata below `parent`."""
    whole = begin_whole(parent, "course", offer, course)
    facts = course.facts
    hours = facts["hours"]
    add(
        whole,
        "hours",
        inPerson=str(hours["in_person"]),
        live=str(hours["live"]),
        selfStudy=str(hours["self_study"]),
    )
    if facts["valid_months"]:
        add(whole, "validMonths", str(facts["valid_months"]))
    add_themes(whole, course)
    for competence in facts["competences"]:
        add(whole, "competence", code=competence["code"], level=str(competence["level"]))
    for position in facts["positions"]:
        add(whole, "position", position)
    for before in facts["prerequisites"]:
        add(whole, "prerequisite", before)
    if source := facts["forked_from"]:
        revision = str(source["revision"])
        add(whole, "forkedFrom", source["course"], revision=revision, origin=source["origin"])
    for module in facts["modules"]:
        held = add(whole, "module", key=module["key"])
        for unit in module["units"]:
            shown = {"practice": unit["practice"]} if unit["practice"] else {}
            minutes = str(unit["minutes"])
            add(held, "unit", key=unit["key"], kind=unit["kind"], minutes=minutes, **shown)
    end_whole(whole, course)
