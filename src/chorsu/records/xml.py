"""XML from strangers, read within caps: no document type, no entity, nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Literal

from lxml import etree

_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)

Reason = Literal["bytes", "tags", "encoding", "doctype", "syntax"]


class UnfitXml(ValueError):  # noqa: N818 - says what is wrong
    """The document is not read: it is `too-large` or `malformed`.

    `reason` says which rule, `detail` the same to technicians, `line` where the syntax breaks.
    """

    def __init__(self, reason: Reason, detail: str, line: int = 1) -> None:
        self.code = "too-large" if reason in ("bytes", "tags") else "malformed"
        super().__init__(f"{self.code}: {detail}")
        self.reason: Reason = reason
        self.detail = detail
        self.line = line


def read_xml(content: bytes, *, max_bytes: int, max_tags: int) -> etree._Element:
    """The root of a UTF-8 document, without comments and instructions. Raises `UnfitXml`.

    `max_tags` counts every `<`: a tree in memory takes many times what came.
    """
    if len(content) > max_bytes:
        raise UnfitXml("bytes", f"{len(content)} bytes")
    # UTF-16 would hide a document type from the look below.
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:64]:
        raise UnfitXml("encoding", "not in UTF-8")
    if content.count(b"<") > max_tags:
        raise UnfitXml("tags", f"over {max_tags} tags")
    if _DOCTYPE.search(content):
        raise UnfitXml("doctype", "a document type or an entity")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnfitXml("syntax", str(error)[:300], getattr(error, "lineno", None) or 1) from error
