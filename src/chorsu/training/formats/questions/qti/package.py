"""Packages of QTI items: a zip with `imsmanifest.xml`, one file a question and language.

Files with one identifier in several languages are one question: so the eight languages of a
question travel, and come back as what they were.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.packages import MANIFEST, Package, pack
from chorsu.training.formats.questions.qti.names import Version, attribute, name
from chorsu.training.formats.questions.qti.reading import read_item
from chorsu.training.formats.questions.qti.writing import write_item
from chorsu.training.formats.questions.report import MAX_ITEMS, Found, NotReadable, Report, Trouble
from chorsu.training.formats.questions.xml import local, parse
from chorsu.training.items import Facts

LEFT_OUT = "left-out.txt"
_ITEM = ("imsqti_item_xmlv3p0", "imsqti_item_xmlv2p")


def read_package(package: Package, language: str) -> Report:
    """The questions of a package; raises `NotReadable` where it has no readable manifest."""
    by_identifier: dict[str, list[Found]] = {}
    troubles: list[Trouble] = []
    for number, (place, resource) in enumerate(resources(parse(package.read(MANIFEST)))):
        if not resource.startswith(_ITEM):
            continue
        if number >= MAX_ITEMS:
            troubles.append(Trouble(place, "too_large", f"{MAX_ITEMS}"))
            break
        try:
            root = parse(package.read(place))
            one = read_item(root, place, language)
            by_identifier.setdefault(attribute(root, "identifier") or place, []).append(one)
        except NotReadable as error:
            troubles.append(Trouble(place, error.code, error.detail))
    found = []
    for versions in by_identifier.values():
        one, more = _joined(versions)
        found.append(one)
        troubles += more
    return Report(tuple(found), tuple(troubles))


def read_single(root: etree._Element, place: str, language: str) -> Report:
    """The question of one item file."""
    try:
        return Report((read_item(root, place, language),), ())
    except NotReadable as error:
        return Report((), (Trouble(place, error.code, error.detail),))


def write_package(
    questions: Sequence[tuple[str, Facts, Mapping[str, Words]]], version: Version
) -> tuple[bytes, list[Trouble]]:
    """A package of questions (identifier, facts, words by language), and what was left out; the
    package says so too, in a text.
    """
    members: dict[str, bytes] = {}
    troubles = []
    for identifier, facts, texts in questions:
        for language, words in texts.items():
            try:
                content = write_item(identifier, facts, language, words, version)
            except NotReadable as error:
                troubles.append(Trouble(f"{identifier} {language}", error.code, error.detail))
            else:
                members[f"items/{language}/{identifier}.xml"] = content
    manifest = _manifest(list(members), version, told=bool(troubles))
    if troubles:
        lines = [f"{trouble.place}: {trouble.detail}" for trouble in troubles]
        members[LEFT_OUT] = "\n".join([*lines, ""]).encode()
    return pack({MANIFEST: manifest, **members}), troubles


def resources(manifest: etree._Element) -> Iterator[tuple[str, str]]:
    """(address, type) of the resources of a manifest whose file is in the package."""
    if local(manifest) != "manifest":
        raise NotReadable("unreadable", f"<{local(manifest)[:60]}> is no manifest")
    for each in manifest.iter():
        if name(each) != "resource":
            continue
        address = each.get("href") or next(
            (child.get("href", "") for child in each if name(child) == "file"), ""
        )
        if address:
            yield posixpath.normpath(unquote(address)), each.get("type", "")


def _joined(versions: Sequence[Found]) -> tuple[Found, list[Trouble]]:
    first, *others = versions
    texts = dict(first.texts)
    troubles = []
    for other in others:
        same = other.facts == first.facts and not other.texts.keys() & texts.keys()
        if same:
            texts |= other.texts
        else:
            troubles.append(Trouble(other.place, "other_language"))
    return Found(first.place, first.facts, texts), troubles


def _manifest(names: Sequence[str], version: Version, *, told: bool) -> bytes:
    def tag(name: str) -> str:
        return f"{{{version.package}}}{name}"

    root = etree.Element(tag("manifest"), nsmap=version.map(version.package))
    root.set("identifier", "questions")
    metadata = etree.SubElement(root, tag("metadata"))
    etree.SubElement(metadata, tag("schema")).text = version.schema
    etree.SubElement(metadata, tag("schemaversion")).text = version.schema_version
    etree.SubElement(root, tag("organizations"))
    held = etree.SubElement(root, tag("resources"))
    for number, member in enumerate(names, 1):
        resource = etree.SubElement(
            held, tag("resource"), identifier=f"r{number}", type=version.resource, href=member
        )
        etree.SubElement(resource, tag("file"), href=member)
    if told:
        resource = etree.SubElement(
            held, tag("resource"), identifier="left-out", type="webcontent", href=LEFT_OUT
        )
        etree.SubElement(resource, tag("file"), href=LEFT_OUT)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
