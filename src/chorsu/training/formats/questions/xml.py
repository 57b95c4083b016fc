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
        raise NotReadable("too_large", f"{len(content)} bytes")
    try:
        root = read_xml(
            content.lstrip(b"\xef\xbb\xbf \t\r\n"), max_bytes=MAX_BYTES, max_tags=MAX_TAGS
        )
    except UnfitXml as error:
        code = "too_large" if error.code == "too-large" else "unreadable"
        raise NotReadable(code, error.detail) from error
    _check_depth(root)
    return root


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise NotReadable("too_large", f"elements {MAX_DEPTH} deep")
