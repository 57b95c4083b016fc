"""Elements of an answer and their namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from lxml import etree

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMAS = {
    OAI: "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
    OAI_DC: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    OAI_IDENTIFIER: "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
}
Element = etree._Element


def root() -> Element:
    """The element that every answer is in."""
    element = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=_names({None: OAI, "xsi": XSI}))
    _locate(element, OAI, SCHEMAS[OAI])
    return element


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """A child in the protocol's own namespace."""
    child = etree.SubElement(parent, f"{{{OAI}}}{name}", attributes)
    if text:
        child.text = text
    return child


def add_foreign(
    parent: Element, namespace: str, name: str, prefix: str | None, schema: str
) -> Element:
    """A child that begins another namespace, with where its schema is."""
    names: dict[str | None, str] = {prefix: namespace, "xsi": XSI}
    if namespace == OAI_DC:
        names["dc"] = DC
    child = etree.SubElement(parent, f"{{{namespace}}}{name}", nsmap=_names(names))
    _locate(child, namespace, schema)
    return child


def _locate(element: Element, namespace: str, schema: str) -> None:
    element.set(f"{{{XSI}}}schemaLocation", f"{namespace} {schema}")


def _names(names: Mapping[str | None, str]) -> Mapping[str, str]:
    # lxml takes None for the namespace without a prefix; its stubs do not know.
    return cast("Mapping[str, str]", names)
