"""A record as `oai_dc`: repeated elements of Dublin Core, each text's with its language.

Creator and publisher are institutions; no person is named anywhere in a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from lxml import etree

from chorsu.flows.offering import Offer, Offered
from chorsu.institutions.queries import institution, node_institution_id
from chorsu.kernel.languages import by_tag
from chorsu.practices.shapes import OfferedPractice
from chorsu.records.themes import goal, theme
from chorsu.training.rules.framework import framework
from chorsu.training.shapes.courses import OfferedCourse
from chorsu.web.labels import LICENCES
from chorsu.web.locales import country_name, html_lang
from chorsu.web.oai.elements import DC, OAI_DC, SCHEMAS, XML_LANG, Element, add_foreign


def add_dublin_core(parent: Element, offer: Offer, record: Offered) -> None:
    """The record's metadata below `parent`."""
    dc = add_foreign(parent, OAI_DC, "dc", "oai_dc", SCHEMAS[OAI_DC])
    for text in record.texts:
        _add(dc, "title", text.title, text.language)
    original = record.original_language
    _add(dc, "creator", institution(record.institution_id).name(original), original)
    _add_subjects(dc, record)
    for text in record.texts:
        _add(dc, "description", text.summary, text.language)
    _add(dc, "publisher", institution(node_institution_id()).name(original), original)
    _add(dc, "date", record.published_at.date().isoformat())
    _add(dc, "type", "Text")
    if isinstance(record, OfferedCourse):
        _add(dc, "type", "Course")
    _add(dc, "identifier", page_address(record))
    _add(dc, "identifier", f"urn:uuid:{record.id}")
    if isinstance(record, OfferedCourse) and (source := record.facts["forked_from"]):
        _add(dc, "source", f"urn:uuid:{source['course']}")
    for text in record.texts:
        _add(dc, "language", text.language)
    _add(dc, "relation", blob_address(offer.blob))
    if isinstance(record, OfferedPractice):
        _add_coverage(dc, record)
    _add(dc, "rights", LICENCES.get(record.licence, record.licence))


def page_address(record: Offered) -> str:
    """The record's page in its original language."""
    page = "course" if isinstance(record, OfferedCourse) else "practice"
    with override(by_tag(record.original_language).django_code):
        return urljoin(settings.NODE_ADDRESS, reverse(page, args=[record.id]))


def blob_address(sha256: str) -> str:
    """Bytes by their hash, of this node."""
    return urljoin(settings.NODE_ADDRESS, reverse("blob", args=[sha256]))


def _add_subjects(dc: Element, record: Offered) -> None:
    """Names of themes, and of goals or competences, in each language there is a text in."""
    subjects: list[Mapping[str, str]] = [
        known.names for code in record.facts["themes"] if (known := theme(code))
    ]
    if isinstance(record, OfferedCourse):
        skills = framework().competences
        codes = [one["code"] for one in record.facts["competences"]]
        subjects += [skills[code].names for code in codes if code in skills]
    else:
        numbers = record.facts["sdg_goals"]
        subjects += [aim.names for number in numbers if (aim := goal(number))]
    for text in record.texts:
        for names in subjects:
            _add(dc, "subject", names.get(text.language, ""), text.language)


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
