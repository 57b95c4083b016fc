"""What the provider says of itself: who it is, its formats, its sets."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override
from lxml import etree

from chorsu.flows import offering
from chorsu.institutions.queries import institution, node_institution_id
from chorsu.kernel.clock import format_time, utc_now
from chorsu.kernel.languages import TAGS, by_tag
from chorsu.practices.wire import KIND as PRACTICE
from chorsu.records.themes import theme
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.web.locales import html_lang, language_name
from chorsu.web.oai.arguments import FACETS, Arguments, SetKind, codes
from chorsu.web.oai.elements import (
    DC,
    OAI_DC,
    OAI_IDENTIFIER,
    SCHEMAS,
    XML_LANG,
    Element,
    add,
    add_foreign,
)
from chorsu.web.oai.lists import find, identifier
from chorsu.web.oai.refusals import Refusal
from chorsu.web.oai.whole_record import NAMESPACE, schema_address

SAMPLE_ID = "01a20b57-41cf-7240-9c2d-67167621df3b"
FACET_NAMES: dict[SetKind, str] = {
    "institution": "By institution",
    "theme": "By theme",
    "language": "By language of a text",
    "kind": "By kind of record",
}
KIND_NAMES: dict[str, str | Promise] = {
    PRACTICE: gettext_lazy("Practices"),
    COURSE: gettext_lazy("Courses"),
}
# The form that the scheme of `oai-identifier` gives a repository's name.
_REPOSITORY = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", re.ASCII)


def address() -> str:
    """The provider's address."""
    return urljoin(settings.NODE_ADDRESS, reverse("oai"))


def identify(body: Element, arguments: Arguments) -> None:
    """Who this is and how its records behave."""
    name = institution(node_institution_id()).name(settings.NODE.text("node.language"))
    add(body, "repositoryName", name)
    add(body, "baseURL", address())
    add(body, "protocolVersion", "2.0")
    add(body, "adminEmail", admin_email())
    add(body, "earliestDatestamp", format_time(offering.first_time() or utc_now()))
    add(body, "deletedRecord", "persistent")
    add(body, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    add(body, "compression", "gzip")
    if _REPOSITORY.fullmatch(settings.NODE_NAME):
        _describe_identifiers(add(body, "description"))


def admin_email() -> str:
    """Whom to write to. The protocol takes no address without a domain."""
    set_here = settings.NODE.text("oai.admin_email")
    sender = parseaddr(settings.NODE.text("mail.sender"))[1]
    with_domain = "." in sender.rpartition("@")[2]
    return set_here or (sender if with_domain else f"postmaster@{settings.NODE_NAME}")


def list_metadata_formats(body: Element, arguments: Arguments) -> None:
    """The formats; every record has both."""
    if "identifier" in arguments and find(arguments["identifier"], whole=False) is None:
        raise Refusal("idDoesNotExist", "no such record")
    for prefix, where, namespace in (
        ("oai_dc", SCHEMAS[OAI_DC], OAI_DC),
        ("chorsu", schema_address(), NAMESPACE),
    ):
        form = add(body, "metadataFormat")
        add(form, "metadataPrefix", prefix)
        add(form, "schema", where)
        add(form, "metadataNamespace", namespace)


def list_sets(body: Element, arguments: Arguments) -> None:
    """The sets, all at once; each says its name in the eight languages too."""
    if "resumptionToken" in arguments:
        raise Refusal("badResumptionToken", "the list of sets comes whole")
    for facet in FACETS:
        _add_set(body, facet, FACET_NAMES[facet], {})
        for code in codes(facet):
            names = _names(facet, code)
            _add_set(body, f"{facet}:{code}", names.get("en", code), names)


def _names(facet: SetKind, code: str) -> dict[str, str]:
    if facet == "institution":
        return dict(institution(code).names)
    if facet == "theme":
        known = theme(code)
        return dict(known.names) if known else {}
    if facet == "kind":
        return {tag: _kind_name(code, tag) for tag in TAGS}
    return {tag: language_name(code, tag) for tag in TAGS}


def _kind_name(code: str, tag: str) -> str:
    with override(by_tag(tag).django_code):
        return str(KIND_NAMES[code])


def _add_set(body: Element, spec: str, name: str, names: dict[str, str]) -> None:
    held = add(body, "set")
    add(held, "setSpec", spec)
    add(held, "setName", name)
    if names:
        about = add(held, "setDescription")
        dc = add_foreign(about, OAI_DC, "dc", "oai_dc", SCHEMAS[OAI_DC])
        for language in TAGS:
            if language in names:
                title = etree.SubElement(dc, f"{{{DC}}}title", {XML_LANG: html_lang(language)})
                title.text = names[language]


def _describe_identifiers(description: Element) -> None:
    schema = SCHEMAS[OAI_IDENTIFIER]
    scheme = add_foreign(description, OAI_IDENTIFIER, "oai-identifier", None, schema)
    for name, text in (
        ("scheme", "oai"),
        ("repositoryIdentifier", settings.NODE_NAME),
        ("delimiter", ":"),
        ("sampleIdentifier", identifier(SAMPLE_ID)),
    ):
        etree.SubElement(scheme, f"{{{OAI_IDENTIFIER}}}{name}").text = text
