"""Packages of QTI items: a zip with `imsmanifest.xml`, one file a question and language.

Files with one identifier in several languages are one question: so the eight languages of a
question travel, and come back as what they were.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import BinaryIO
from urllib.parse import unquote

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.packages import MANIFEST, Package, Writer
from chorsu.training.formats.questions.pictures import Gallery, at, not_here
from chorsu.training.formats.questions.qti.names import Version, attribute, name
from chorsu.training.formats.questions.qti.processing import last_part
from chorsu.training.formats.questions.qti.reading import Templates, read_item
from chorsu.training.formats.questions.qti.writing import write_item
from chorsu.training.formats.questions.report import MAX_ITEMS, Found, NotReadable, Report, Trouble
from chorsu.training.formats.questions.xml import local, parse
from chorsu.training.items import Facts, Field, pictures_shown
from chorsu.training.items.pictures import by_name

LEFT_OUT = "left-out.txt"
PICTURES = "pictures"
"""Folder of a package for what its items show."""
_ITEM = ("imsqti_item_xmlv3p0", "imsqti_item_xmlv2p")
_TEST = "imsqti_test"
_ELSEWHERE = "imslti"
"""A link over LTI to what another system asks."""
_TEMPLATE = "imsqti_rptemplate"
_MOST_TEMPLATES = 50


def read_package(package: Package, language: str, gallery: Gallery) -> Report:
    """The questions of a package; raises `NotReadable` where it has no readable manifest."""

    def taker(place: str) -> Callable[[str], str]:
        open_at = at(posixpath.dirname(place), package.read)
        return lambda address: gallery.take(address, open_at)

    by_identifier: dict[str, list[Found]] = {}
    troubles: list[Trouble] = []
    listed = list(resources(parse(package.read(MANIFEST))))
    templates = _templates(package, listed)
    for number, (place, resource) in enumerate(listed):
        if not resource.startswith((*_ITEM, _TEST, _ELSEWHERE)):
            continue
        if number >= MAX_ITEMS:
            troubles.append(Trouble(place, "questions", {"count": MAX_ITEMS}))
            break
        try:
            if resource.startswith(_ELSEWHERE):
                raise NotReadable("other_system")
            root = parse(package.read(place))
            if resource.startswith(_TEST):
                _no_test(root)
                continue
            one = read_item(root, place, language, taker(place), templates)
            by_identifier.setdefault(attribute(root, "identifier") or place, []).append(one)
        except NotReadable as error:
            troubles.append(error.at(place))
    found = []
    for versions in by_identifier.values():
        joined, more = _joined(versions)
        found += joined
        troubles += more
    return Report(tuple(found), tuple(troubles))


def _no_test(root: etree._Element) -> None:
    """The questions of a test are read, nothing of the test around them; what some call a test
    without its being one is passed over, as other files are.
    """
    if name(root) == "assessment-test":
        raise NotReadable("whole_test")


def _templates(package: Package, listed: Sequence[tuple[str, str]]) -> Templates:
    """Rules by the name of their file; one that cannot be read is as if it were not there."""
    found: dict[str, list[etree._Element]] = {}
    for place, resource in listed:
        if resource.startswith(_TEMPLATE) and len(found) < _MOST_TEMPLATES:
            with suppress(NotReadable):
                found[last_part(place)] = list(parse(package.read(place)))
    return found


def read_single(root: etree._Element, place: str, language: str, gallery: Gallery) -> Report:
    """The question of one item file, which holds no pictures but those in its own text."""

    def take(address: str) -> str:
        return gallery.take(address, not_here)

    try:
        return Report((read_item(root, place, language, take),), ())
    except NotReadable as error:
        return Report((), (error.at(place),))


def write_package(
    target: BinaryIO,
    questions: Iterable[tuple[str, Facts, Mapping[str, Words]]],
    version: Version,
    picture: Callable[[str], BinaryIO | None] = lambda _: None,
    *,
    say: Callable[[Trouble], str],
) -> list[Trouble]:
    """Write a package of questions (identifier, facts, words by language) to a file that can seek,
    one at a time as they come; what was left out, which the package says too, in a text,
    as `say` puts it. `picture`: the open bytes of a hash, None where they are not here; never read
    whole.
    """
    shown: dict[str, list[str]] = {}
    written: set[str] = set()
    troubles = []
    with Writer(target) as package:
        for identifier, facts, texts in questions:
            for language, words in texts.items():
                try:
                    content = write_item(identifier, facts, language, words, version)
                    files = _put_pictures(package, written, facts, words, picture)
                except NotReadable as error:
                    troubles.append(error.at(f"{identifier} {language}"))
                else:
                    member = f"items/{language}/{identifier}.xml"
                    package.add(member, content)
                    shown[member] = files
        if troubles:
            lines = [f"{trouble.place}: {say(trouble)}" for trouble in troubles]
            package.add(LEFT_OUT, "\n".join([*lines, ""]).encode())
        package.add(MANIFEST, _manifest(shown, version, told=bool(troubles)))
    return troubles


def _put_pictures(
    package: Writer,
    written: set[str],
    facts: Facts,
    words: Words,
    picture: Callable[[str], BinaryIO | None],
) -> list[str]:
    """Have the pictures that these words show in the package; their members. Raises `NotReadable`,
    before any of them is written, where one is not here.
    """
    known = by_name(facts.get("pictures", []))
    names = dict.fromkeys(name for _word, name, _said in pictures_shown(facts, words))
    members = {f"{PICTURES}/{name}": name for name in names if name in known}
    with ExitStack() as opened:
        found = []
        for member in (one for one in members if one not in written):
            file = picture(known[members[member]]["sha256"])
            if file is None:
                raise NotReadable("say_picture", name=members[member])
            found.append((member, opened.enter_context(file)))
        for member, file in found:
            package.add_file(member, file)
            written.add(member)
    return list(members)


def resources(manifest: etree._Element) -> Iterator[tuple[str, str]]:
    """(address, type) of the resources of a manifest whose file is in the package."""
    if local(manifest) != "manifest":
        raise NotReadable("root", element=f"<{local(manifest)[:60]}>", wanted="<manifest>")
    for each in manifest.iter():
        if name(each) != "resource":
            continue
        address = each.get("href") or next(
            (child.get("href", "") for child in each if name(child) == "file"), ""
        )
        if address:
            yield posixpath.normpath(unquote(address)), each.get("type", "")


def _joined(versions: Sequence[Found]) -> tuple[list[Found], list[Trouble]]:
    """Files of one identifier: languages of one question; in one language they are several, which
    somebody named alike.
    """
    first, *others = versions
    facts, texts = first.facts, dict(first.texts)
    apart: list[Found] = []
    troubles = []
    for other in others:
        if other.texts.keys() & texts.keys():
            apart.append(other)
        elif (both := _of_both(facts, other.facts)) is not None:
            facts = both
            texts |= other.texts
        else:
            troubles.append(Trouble(other.place, "other_language"))
    return [Found(first.place, facts, texts), *apart], troubles


def _of_both(one: Facts, other: Facts) -> Facts | None:
    """The facts of a question from two of its languages; None where they are of two questions.

    Each language has its gaps in the order of its own sentence, and a language may have no spelling
    that earns a part of the points: neither makes it another question.
    """
    theirs = {field["key"]: field for field in other["fields"]}
    keys = [field["key"] for field in one["fields"]]
    if _but(one, "fields") != _but(other, "fields") or set(keys) != theirs.keys():
        return None
    fields = [_field(field, theirs[field["key"]]) for field in one["fields"]]
    known = [field for field in fields if field is not None]
    return {**one, "fields": known} if len(known) == len(fields) else None


def _field(one: Field, other: Field) -> Field | None:
    """The same of one place to answer in: with the spellings of whichever has more of them."""
    less, more = sorted((one, other), key=lambda field: len(field["texts"]))
    if _but(one, "texts") != _but(other, "texts"):
        return None
    return more if all(row in more["texts"] for row in less["texts"]) else None


def _but(held: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in held.items() if key != name}


def _manifest(shown: Mapping[str, Sequence[str]], version: Version, *, told: bool) -> bytes:
    """`shown`: member of an item -> members of the pictures in it."""

    def tag(name: str) -> str:
        return f"{{{version.package}}}{name}"

    def add(identifier: str, kind: str, member: str) -> etree._Element:
        resource = etree.SubElement(
            held, tag("resource"), identifier=identifier, type=kind, href=member
        )
        etree.SubElement(resource, tag("file"), href=member)
        return resource

    root = etree.Element(tag("manifest"), nsmap=version.map(version.package))
    root.set("identifier", "questions")
    metadata = etree.SubElement(root, tag("metadata"))
    etree.SubElement(metadata, tag("schema")).text = version.schema
    etree.SubElement(metadata, tag("schemaversion")).text = version.schema_version
    etree.SubElement(root, tag("organizations"))
    held = etree.SubElement(root, tag("resources"))
    pictures = dict.fromkeys(member for files in shown.values() for member in files)
    names = {member: f"p{number}" for number, member in enumerate(pictures, 1)}
    for number, (member, files) in enumerate(shown.items(), 1):
        resource = add(f"r{number}", version.resource, member)
        for file in files:
            etree.SubElement(resource, tag("dependency"), identifierref=names[file])
    for member, identifier in names.items():
        add(identifier, "webcontent", member)
    if told:
        add("left-out", "webcontent", LEFT_OUT)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
