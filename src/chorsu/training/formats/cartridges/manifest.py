"""The manifest of a cartridge: its title, its outline, its resources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from chorsu.training.formats.questions.report import NotReadable
from chorsu.training.formats.questions.xml import local


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource; `href` and `files` are members of the package, `href` empty where none is."""

    identifier: str
    type: str
    href: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline: a folder if it has `inside`, else what `resource` (an id) is."""

    title: str
    resource: str
    inside: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a cartridge says of itself."""

    title: str
    description: str
    entries: tuple[Entry, ...]
    resources: dict[str, Resource]


def read_manifest(root: etree._Element) -> Manifest:
    """The manifest; raises `NotReadable` for what is none, or not of a Common Cartridge."""
    if local(root) != "manifest":
        raise NotReadable("root", element=f"<{local(root)[:60]}>", wanted="<manifest>")
    metadata = _child(root, "metadata")
    schema = _text(_child(metadata, "schema"))
    if "common cartridge" not in schema.lower():
        raise NotReadable("schema", text=schema[:60])
    held = {}
    for each in _children(_child(root, "resources"), "resource"):
        resource = _resource(each)
        held[resource.identifier] = resource
    organization = _child(_child(root, "organizations"), "organization")
    top = tuple(_entries(organization))
    title = _text(_child(organization, "title"))
    if len(top) == 1 and not top[0].resource:  # the root of the rooted hierarchy
        title, top = title or top[0].title, top[0].inside
    general = next((one for one in _all(metadata, "general")), None)
    return Manifest(
        title=_string(_child(general, "title")) or title,
        description=_string(_child(general, "description")),
        entries=top,
        resources=held,
    )


def member(href: str, base: str = "") -> str:
    """The name of a member, from an address in the package."""
    path = unquote(href.partition("#")[0].partition("?")[0]).strip()
    return posixpath.normpath(posixpath.join(base, path)) if path else ""


def _resource(each: etree._Element) -> Resource:
    base = each.get("{http://www.w3.org/XML/1998/namespace}base", "")
    files = [member(one.get("href", ""), base) for one in _children(each, "file")]
    href = member(each.get("href", ""), base) or (files[0] if files else "")
    return Resource(each.get("identifier", ""), each.get("type", ""), href, tuple(files))


def _entries(holder: etree._Element | None) -> Iterator[Entry]:
    for item in _children(holder, "item"):
        yield Entry(
            title=_text(_child(item, "title")),
            resource=item.get("identifierref", ""),
            inside=tuple(_entries(item)),
        )


def _string(holder: etree._Element | None) -> str:
    """What a text of the learning object metadata says, in the first of its languages."""
    if holder is None:
        return ""
    return next((_text(one) for one in _all(holder, "string", "langstring") if _text(one)), "")


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join((element.text or "").split())


def _child(holder: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(holder, name), None)


def _children(holder: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (each for each in ([] if holder is None else holder) if local(each) == name)


def _all(holder: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    return (each for each in ([] if holder is None else holder.iter()) if local(each) in names)
