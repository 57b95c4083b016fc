"""XML by strangers: sizes capped before and while reading, no document type, nothing fetched."""

from __future__ import annotations

from lxml import etree

from chorsu.records.xml import UnfitXml, read_xml
from chorsu.training.formats.questions.report import NotReadable

MAX_BYTES = 8 * 1024 * 1024
MAX_TAGS = 200_000
"""Of four bytes each, a tree in memory takes forty times what came."""
MAX_DEPTH = 60


def parse(content: bytes) -> etree._Element:
    """The root of a document; raises `NotReadable`."""
    if len(content) > MAX_BYTES:
        raise NotReadable("file_size", size=len(content))
    try:
        root = read_xml(
            content.lstrip(b"\xef\xbb\xbf \t\r\n"), max_bytes=MAX_BYTES, max_tags=MAX_TAGS
        )
    except UnfitXml as error:
        raise _told(error, content) from error
    _check_depth(root)
    return root


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _told(error: UnfitXml, content: bytes) -> NotReadable:
    if error.reason == "bytes":
        return NotReadable("file_size", size=len(content))
    if error.reason == "tags":
        return NotReadable("tags", count=MAX_TAGS)
    if error.reason == "encoding":
        return NotReadable("not_utf8")
    return (
        NotReadable("doctype") if error.reason == "doctype" else NotReadable("xml", line=error.line)
    )


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise NotReadable("depth", count=MAX_DEPTH)
