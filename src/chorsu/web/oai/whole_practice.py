"""A practice as `chorsu`: all its texts with where they come from, its facts, its place in the log.

The schema is served beside the provider (`chorsu.xsd`); it can tell a newer form by the namespace.
Contacts are left to the page: a catalogue is no place to gather addresses from.
"""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from lxml import etree

from chorsu.flows.offering import Offer
from chorsu.institutions.queries import institution
from chorsu.kernel.clock import format_time
from chorsu.practices.shapes import OfferedPractice, OfferedText
from chorsu.records.themes import theme
from chorsu.web.locales import html_lang
from chorsu.web.oai.dublin_core import blob_address, page_address
from chorsu.web.oai.elements import XML_LANG, Element, add_foreign

NAMESPACE = "https://chorsu.example/ns/oai/1"


def schema() -> bytes:
    """The XML Schema of this form."""
    return files("chorsu.web.oai").joinpath("chorsu.xsd").read_bytes()


def schema_address() -> str:
    """Where this node serves the schema."""
    return urljoin(settings.NODE_ADDRESS, reverse("oai-schema"))


def add_whole_practice(parent: Element, offer: Offer, practice: OfferedPractice) -> None:
    """The record's metadata below `parent`."""
    whole = add_foreign(parent, NAMESPACE, "practice", None, schema_address())
    whole.set("id", practice.id)
    whole.set("revision", str(practice.revision))
    origin = _add(whole, "origin", settings.NODE_NAME)
    origin.set("index", str(offer.index))
    origin.set("blob", offer.blob)
    origin.set("href", blob_address(offer.blob))
    held = _add(whole, "institution", id=practice.institution_id)
    for language, name in institution(practice.institution_id).names.items():
        _add(held, "name", name, language)
    _add(whole, "licence", practice.licence)
    _add(whole, "page", page_address(practice))
    _add(whole, "published", format_time(practice.published_at))
    _add(whole, "updated", format_time(practice.updated_at))
    _add_facts(whole, practice)
    for file in practice.files:
        about = {"language": html_lang(file.language)} if file.language else {}
        _add(
            whole,
            "file",
            file.name,
            sha256=file.sha256,
            size=str(file.size),
            mediaType=file.media_type,
            href=blob_address(file.sha256),
            **about,
        )
    for text in practice.texts:
        _add_text(whole, text)


def _add_facts(whole: Element, practice: OfferedPractice) -> None:
    facts = practice.facts
    _add(whole, "country", facts["country"])
    _add(whole, "level", facts["level"])
    _add(whole, "status", facts["status"])
    for name, year in (("yearFrom", facts["year_from"]), ("yearTo", facts["year_to"])):
        if year is not None:
            _add(whole, name, str(year))
    _add(whole, "cost", facts["cost"])
    _add(whole, "duration", facts["duration"])
    for code in facts["themes"]:
        known = theme(code)
        held = _add(whole, "theme", code=code)
        for language, name in known.names.items() if known else ():
            _add(held, "name", name, language)
    for number in facts["sdg_goals"]:
        _add(whole, "goal", str(number))
    for target in facts["sdg_targets"]:
        _add(whole, "target", target)
    for row in facts["indicators"]:
        told = {"baseline": row["baseline"], "date": row["date"]}
        given = {name: value for name, value in told.items() if value}
        _add(whole, "indicator", key=row["key"], value=row["value"], **given)
    for source in facts["sources"]:
        told = {"href": source["url"], "date": source["date"], "language": source["language"]}
        given = {name: value for name, value in told.items() if value}
        _add(whole, "source", source["title"], **given)


def _add_text(whole: Element, text: OfferedText) -> None:
    made = {
        "translatedBy": text.translated_by,
        "translatedOn": text.translated_on.isoformat() if text.translated_on else "",
    }
    held = _add(
        whole,
        "text",
        "",
        text.language,
        provenance=text.provenance,
        revision=str(text.revision),
        **{name: value for name, value in made.items() if value},
    )
    for name, words in text.words.items():
        if not name.startswith("contacts."):
            _add(held, "words", words, field=name)


def _add(parent: Element, name: str, text: str = "", lang: str = "", **held: str) -> Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", held)
    if text:
        child.text = text
    if lang:
        child.set(XML_LANG, html_lang(lang))
    return child
