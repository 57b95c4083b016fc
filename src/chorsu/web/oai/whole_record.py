"""A record as `chorsu`, what every kind has: its texts with where they come from, its place in the
log, its files.

The schema is served beside the provider (`chorsu.xsd`); it can tell a newer form by the namespace.
"""

from __future__ import annotations

from importlib.resources import files
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from lxml import etree

from chorsu.flows.offering import Offer, Offered
from chorsu.institutions.queries import institution
from chorsu.kernel.clock import format_time
from chorsu.records.shapes import OfferedText
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


def begin_whole(parent: Element, name: str, offer: Offer, record: Offered) -> Element:
    """The element of a record, with what stands first in it."""
    whole = add_foreign(parent, NAMESPACE, name, None, schema_address())
    whole.set("id", record.id)
    whole.set("revision", str(record.revision))
    origin = add(whole, "origin", settings.NODE_NAME)
    origin.set("index", str(offer.index))
    origin.set("blob", offer.blob)
    origin.set("href", blob_address(offer.blob))
    held = add(whole, "institution", id=record.institution_id)
    for language, name_in_it in institution(record.institution_id).names.items():
        add(held, "name", name_in_it, language)
    add(whole, "licence", record.licence)
    add(whole, "page", page_address(record))
    add(whole, "published", format_time(record.published_at))
    add(whole, "updated", format_time(record.updated_at))
    return whole


def add_themes(whole: Element, record: Offered) -> None:
    """Its themes, each with its names."""
    for code in record.facts["themes"]:
        known = theme(code)
        held = add(whole, "theme", code=code)
        for language, name in known.names.items() if known else ():
            add(held, "name", name, language)


def end_whole(whole: Element, record: Offered) -> None:
    """Files and texts, which stand last. Contacts are left to the page: a catalogue is no place to
    gather addresses from.
    """
    for file in record.files:
        about = {"language": html_lang(file.language)} if file.language else {}
        add(
            whole,
            "file",
            file.name,
            sha256=file.sha256,
            size=str(file.size),
            mediaType=file.media_type,
            href=blob_address(file.sha256),
            **about,
        )
    for text in record.texts:
        _add_text(whole, text)


def _add_text(whole: Element, text: OfferedText) -> None:
    made = {
        "translatedBy": text.translated_by,
        "translatedOn": text.translated_on.isoformat() if text.translated_on else "",
    }
    held = add(
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
            add(held, "words", words, field=name)


def add(parent: Element, name: str, text: str = "", lang: str = "", **held: str) -> Element:
    """A child in the namespace of this form."""
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", held)
    if text:
        child.text = text
    if lang:
        child.set(XML_LANG, html_lang(lang))
    return child
