"""XML by strangers: sizes capped before and while reading, no document type, nothing fetched."""

from __future__ import annotations

import re

from lxml import etree

from chorsu.training.formats.questions.report import NotReadable

MAX_BYTES = 8 * 1024 * 1024
MAX_TAGS = 200_000
"""Of four bytes each, a tree in memory takes forty times what came."""
MAX_DEPTH = 60
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def parse(content: bytes) -> etree._Element:
    """The root of a document; raises `NotReadable`."""
    if len(content) > MAX_BYTES:
        raise NotReadable("too_large", f"{len(content)} bytes")
    # UTF-16 would hide a document type from the look below.
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:64]:
        raise NotReadable("unreadable", "not in UTF-8")
    if content.count(b"<") > MAX_TAGS:
        raise NotReadable("too_large", f"over {MAX_TAGS} tags")
    if _DOCTYPE.search(content):
        raise NotReadable("unreadable", "a document type or an entity")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=False,
    )
    try:
        root = etree.fromstring(content.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable("unreadable", str(error)[:200]) from error
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
