"""A practice as `oai_dc`: repeated elements of Dublin Core, each text's with its language.

Creator and publisher are institutions; no person is named anywhere in a record.
"""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from lxml import etree

from chorsu.flows.offering import Offer
from chorsu.institutions.queries import institution, node_institution_id
from chorsu.kernel.languages import by_tag
from chorsu.practices.shapes import OfferedPractice
from chorsu.records.themes import goal, theme
from chorsu.web.labels import LICENCES
from chorsu.web.locales import country_name, html_lang
from chorsu.web.oai.elements import DC, OAI_DC, SCHEMAS, XML_LANG, Element, add_foreign


def add_dublin_core(parent: Element, offer: Offer, practice: OfferedPractice) -> None:
    """The record's metadata below `parent`."""
    dc = add_foreign(parent, OAI_DC, "dc", "oai_dc", SCHEMAS[OAI_DC])
    for text in practice.texts:
        _add(dc, "title", text.title, text.language)
    original = practice.original_language
    _add(dc, "creator", institution(practice.institution_id).name(original), original)
    _add_subjects(dc, practice)
    for text in practice.texts:
        _add(dc, "description", text.summary, text.language)
    _add(dc, "publisher", institution(node_institution_id()).name(original), original)
    _add(dc, "date", practice.published_at.date().isoformat())
    _add(dc, "type", "Text")
    _add(dc, "identifier", page_address(practice))
    _add(dc, "identifier", f"urn:uuid:{practice.id}")
    for text in practice.texts:
        _add(dc, "language", text.language)
    _add(dc, "relation", blob_address(offer.blob))
    _add_coverage(dc, practice)
    _add(dc, "rights", LICENCES.get(practice.licence, practice.licence))


def page_address(practice: OfferedPractice) -> str:
    """The practice's page in its original language."""
    with override(by_tag(practice.original_language).django_code):
        return urljoin(settings.NODE_ADDRESS, reverse("practice", args=[practice.id]))


def blob_address(sha256: str) -> str:
    """Bytes by their hash, of this node."""
    return urljoin(settings.NODE_ADDRESS, reverse("blob", args=[sha256]))


def _add_subjects(dc: Element, practice: OfferedPractice) -> None:
    """Names of themes and goals in each language there is a text in."""
    subjects = [
        *(theme(code) for code in practice.facts["themes"]),
        *(goal(number) for number in practice.facts["sdg_goals"]),
    ]
    for text in practice.texts:
        for subject in subjects:
            if subject is not None:
                _add(dc, "subject", subject.names.get(text.language, ""), text.language)


def _add_coverage(dc: Element, practice: OfferedPractice) -> None:
    for text in practice.texts:
        _add(dc, "coverage", country_name(practice.facts["country"], text.language), text.language)
        _add(dc, "coverage", text.place, text.language)
    first, last = practice.facts["year_from"], practice.facts["year_to"]
    if first or last:
        _add(dc, "coverage", f"{first or ''}/{last or ''}")


def _add(dc: Element, name: str, text: str, language: str = "") -> None:
    if text:
        child = etree.SubElement(dc, f"{{{DC}}}{name}")
        child.text = text
        if language:
            child.set(XML_LANG, html_lang(language))
