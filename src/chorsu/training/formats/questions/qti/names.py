"""The two spellings of QTI: `qti-choice-interaction` of 3.0, `choiceInteraction` of 2.1 and 2.2.

Read is either, by the kebab names of 3.0 without their prefix; written is the one asked for.
Names and namespaces: 1EdTech QTI 3.0 and 2.2 information models and bindings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from lxml import etree

from chorsu.training.formats.questions.xml import local

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TWO_MARKERS = "chorsu-two-markers"
"""Class of the interaction of a work that two people mark. QTI has no word for it; any body element
may have classes of whoever writes it, in 2.2 as in 3.0.
"""
ANYWHERE = "chorsu-anywhere-"
"""Before the place, among the entries of its mapping, of a spelling that is right in every
language: a class of the interaction, for QTI has no word for this either.
"""
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_HYPHEN = re.compile(r"-([a-z])")


@dataclass(frozen=True, slots=True)
class Version:
    """How one version of QTI spells what we write."""

    name: str
    item: str
    package: str
    resource: str
    schema: str
    schema_version: str
    prefixed: bool

    @staticmethod
    def map(namespace: str) -> dict[str, str]:
        """What makes a namespace the default one; lxml's own types forget that it may be None."""
        return cast("dict[str, str]", {None: namespace})

    def tag(self, name: str) -> str:
        """The qualified name of a QTI element by its kebab name."""
        spelt = f"qti-{name}" if self.prefixed else _camel(name)
        return f"{{{self.item}}}{spelt}"

    def html(self, name: str) -> str:
        """The qualified name of an HTML element."""
        return f"{{{self.item}}}{name}"

    def attribute(self, name: str) -> str:
        """The name of an attribute by its kebab name."""
        return name if self.prefixed or name.startswith("data-") else _camel(name)


V3 = Version(
    name="3.0",
    item="http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    package="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    resource="imsqti_item_xmlv3p0",
    schema="QTI Package",
    schema_version="3.0.0",
    prefixed=True,
)
V2 = Version(
    name="2.2",
    item="http://www.imsglobal.org/xsd/imsqti_v2p2",
    package="http://www.imsglobal.org/xsd/imscp_v1p1",
    resource="imsqti_item_xmlv2p2",
    schema="QTIv2.2 Package",
    schema_version="1.0.0",
    prefixed=False,
)
VERSIONS = {version.name: version for version in (V3, V2)}


def name(element: etree._Element) -> str:
    """The kebab name of an element, whichever version it is of; empty for what is no element."""
    return _CAPITAL.sub(r"-\1", local(element)).lower().removeprefix("qti-")


def attribute(element: etree._Element, wanted: str, default: str = "") -> str:
    """An attribute by its kebab name."""
    found = element.get(wanted)
    return str(element.get(_camel(wanted), default)) if found is None else str(found)


def children(element: etree._Element, wanted: str) -> list[etree._Element]:
    """The children of this kebab name."""
    return [child for child in element if name(child) == wanted]


def _camel(kebab: str) -> str:
    return _HYPHEN.sub(lambda match: match[1].upper(), kebab)
