"""One XML part of an office document without the people that its program wrote into it.

Elements and attributes are told by their local names: the same ones stand in the transitional and
the strict namespaces of ECMA-376, in Microsoft's extensions to it, and in ODF.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from chorsu.records.cleaning.answers import Refused

# Office's own words for "somebody" after it has taken names out.
SOMEBODY, SOMEBODYS_LETTER = "Author", "A"
_EMPTIED = frozenset(
    ("creator", "lastModifiedBy", "initial-creator", "printed-by", "Manager", "Company")
) | {"creator-initials", "sender-initials", "DisplayName", "AccountId", "AccountType"}
# An attribute of elements of any name -> what it becomes.
_ATTRIBUTES = {
    "author": SOMEBODY,
    "initials": SOMEBODYS_LETTER,
    "userName": SOMEBODY,
    "displayName": SOMEBODY,
    "userId": "",
    "providerId": "None",
    "ed": "",
    "absPath": "",
}
# ODF's fields in the text, such as text:creator, show what a reader sees.
_SHOWN = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_NAMED = frozenset(("cmAuthor", "author"))  # of presentations: the name is in `name`
_HINTS = re.compile(
    rb"author|initials|username|displayname|userid|creator|modifiedby|printed-by|manager|company"
    rb"|attachedtemplate|abspath|accountid|user-defined|printername|printersetup|\bed=|:ed=",
    re.IGNORECASE,
)
_OTHER_CODING = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["'](?!utf-8|us-ascii)""", re.I
)
_PRINTERS = ("PrinterName", "PrinterSetup")
_TITLES = frozenset(("title", "subject", "description", "keywords", "keyword"))


@dataclass(slots=True)
class People:
    """Who was met in a document, and the lines of its properties that stay in it."""

    names: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    def met(self, name: str | None) -> None:
        if name and name.strip() and name not in (SOMEBODY, SOMEBODYS_LETTER):
            self.names.append(name.strip()[:500])


def without_people(path: str, data: bytes, people: People) -> bytes:
    """The part again; byte for byte if nothing in it could be a name.

    Raises `lxml.etree.XMLSyntaxError` for what is no XML, `Refused` for XML with a DTD.
    """
    file = path.rsplit("/", 1)[-1]
    by_name = _WHOLE_PARTS.get(file)
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]
    suspicious = is_utf16 or _OTHER_CODING.match(data) or _HINTS.search(data)
    if not (by_name or suspicious or file in ("core.xml", "meta.xml")):
        return data
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    tree = etree.fromstring(data, parser)
    if tree.getroottree().docinfo.internalDTD is not None:
        raise Refused("file_unreadable")  # neither format has one; a trap would
    before = etree.tostring(tree)
    if by_name:
        by_name(tree, people)
    for one in tree.iter(etree.Element):
        _clean(one, people, file)
    if file.startswith("comments") and _local(tree) == "comments":
        _notes(tree, people)
    if file in ("core.xml", "meta.xml"):
        people.titles += [
            one.text for one in tree.iter(etree.Element) if _is_title(one) and one.text
        ]
    if etree.tostring(tree) == before:
        return data
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _is_title(one: etree._Element) -> bool:
    return _local(one) in _TITLES


def _local(one: etree._Element) -> str:
    return etree.QName(one).localname


def _clean(one: etree._Element, people: People, file: str) -> None:
    local = _local(one)
    for name in list(one.attrib):
        short = etree.QName(name).localname
        if short in _ATTRIBUTES and one.attrib[name] != _ATTRIBUTES[short]:
            if _ATTRIBUTES[short] == SOMEBODY or short in ("userId", "ed"):
                people.met(str(one.attrib[name]))
            one.attrib[name] = _ATTRIBUTES[short]
        elif short == "name" and local in _NAMED:
            people.met(str(one.attrib[name]))
            one.attrib[name] = SOMEBODY
    if local in _EMPTIED and one.text and etree.QName(one).namespace != _SHOWN:
        people.met(one.text)
        one.text = ""
    elif local == "author" and file.startswith("comments"):
        people.met(one.text)
        one.text = SOMEBODY
    elif local == "absPath":
        one.attrib.update({name: "" for name in one.attrib if etree.QName(name).localname == "url"})
    elif local == "Relationship" and one.get("Type", "").endswith("/attachedTemplate"):
        one.set("Target", "Normal.dotm")
    elif local == "config-item" and any(value in _PRINTERS for value in one.attrib.values()):
        one.text = ""


def _notes(tree: etree._Element, people: People) -> None:
    """Excel writes the author's name once more, as the first words of the note itself."""
    names = sorted(set(people.names), key=len, reverse=True)
    for one in tree.iter(etree.Element):
        if _local(one) == "t" and one.text:
            begun = next((name for name in names if one.text.startswith(f"{name}:")), None)
            if begun is not None:
                one.text = SOMEBODY + one.text[len(begun) :]


def _without_children(tree: etree._Element, people: People) -> None:
    """Custom properties: anything may be in them, and no reader sees them."""
    for child in list(tree):
        people.names += [text.strip() for text in map(str, child.itertext()) if text.strip()]
        tree.remove(child)


def _without_user_defined(tree: etree._Element, people: People) -> None:
    for one in [one for one in tree.iter(etree.Element) if _local(one) == "user-defined"]:
        people.met(one.text)
        parent = one.getparent()
        if parent is not None:
            parent.remove(one)


def _without_persons(tree: etree._Element, people: People) -> None:
    """Word's list of who remarked; each is told by the name that its remarks had."""
    for child in list(tree):
        for value in child.attrib.values():
            people.met(str(value))
        tree.remove(child)


_WHOLE_PARTS: dict[str, Callable[[etree._Element, People], None]] = {
    "custom.xml": _without_children,
    "meta.xml": _without_user_defined,
    "people.xml": _without_persons,
}
