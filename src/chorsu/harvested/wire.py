"""Answers of foreign OAI-PMH 2.0 repositories: bytes in, values out.

What may live here: no database, no network. The sender is not trusted: no document type, no
entities, nothing fetched, sizes capped before and while reading. What is merely odd is read as far
as it goes, since repositories of the world rarely follow the protocol to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lxml import etree

from chorsu.harvested.errors import NotHarvestable, NothingThere, TokenRefused
from chorsu.harvested.rules import clean, clean_lines
from chorsu.kernel.clock import InvalidTime, format_time, parse_time
from chorsu.records.xml import UnfitXml, read_xml

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_TAGS = 1_000_000
"""Of four bytes each, a tree in memory takes forty times what came."""
MAX_RECORDS = 5000
MAX_VALUES = 50
MAX_NAMES = 50
MAX_RAW = 100_000
"""Characters of a value that are looked at, of which still less is kept."""
MAX_NAME = 500
MAX_TOKEN = 4000
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Granularity = Literal["day", "second"]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a repository says of itself."""

    name: str
    address: str
    email: str
    earliest: str
    deleted: str
    granularity: Granularity


@dataclass(frozen=True, slots=True)
class Value:
    """One value of Dublin Core; `language` as declared by `xml:lang`, or empty."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """A record as its repository gives it; of a deleted one only the header. `values` by name."""

    identifier: str
    datestamp: datetime
    deleted: bool
    values: dict[str, list[Value]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a list; `token` is empty at its end. `skipped` counts what could not be read."""

    at: datetime | None
    records: Sequence[ForeignRecord]
    token: str
    skipped: int


def parse_identity(content: bytes) -> Identity:
    """The answer to Identify; raises `NotHarvestable`."""
    body = _root(content).find(f"{OAI}Identify")
    if body is None:
        raise NotHarvestable("not-a-repository", "no Identify")
    told = {tag: clean(body.findtext(f"{OAI}{tag}") or "", MAX_NAME) for tag in _TOLD}
    if told["protocolVersion"] != "2.0":
        raise NotHarvestable("not-a-repository", f"protocol {told['protocolVersion'] or '?'}")
    return Identity(
        name=told["repositoryName"] or told["baseURL"],
        address=told["baseURL"],
        email=told["adminEmail"],
        earliest=told["earliestDatestamp"],
        deleted=told["deletedRecord"],
        granularity="second" if "hh" in told["granularity"] else "day",
    )


_TOLD = (
    "repositoryName",
    "baseURL",
    "protocolVersion",
    "adminEmail",
    "earliestDatestamp",
    "deletedRecord",
    "granularity",
)


def parse_list(content: bytes) -> Answer:
    """The answer to ListRecords; raises `TokenRefused`, `NothingThere`, `NotHarvestable`."""
    root = _root(content)
    for error in root.iter(f"{OAI}error"):
        code = error.get("code", "")
        if code == "badResumptionToken":
            raise TokenRefused
        if code == "noRecordsMatch":
            raise NothingThere
        raise NotHarvestable("refuses", clean(f"{code} {error.text or ''}", 300))
    body = root.find(f"{OAI}ListRecords")
    if body is None:
        raise NotHarvestable("not-a-repository", "no ListRecords")
    elements = body.findall(f"{OAI}record")
    if len(elements) > MAX_RECORDS:
        raise NotHarvestable("answer-too-large", f"{len(elements)} records on a page")
    read = [_record(element) for element in elements]
    records = [one for one in read if one is not None]
    token = (body.findtext(f"{OAI}resumptionToken") or "").strip()
    if len(token) > MAX_TOKEN:
        raise NotHarvestable("answer-too-large", "a resumption token without end")
    at = _moment(root.findtext(f"{OAI}responseDate") or "")
    return Answer(at, records, token, len(read) - len(records))


def as_from(moment: datetime, granularity: Granularity) -> str:
    """A time as the argument `from` of this repository."""
    return format_time(moment) if granularity == "second" else moment.strftime("%Y-%m-%d")


def _root(content: bytes) -> etree._Element:
    try:
        root = read_xml(content, max_bytes=MAX_ANSWER_BYTES, max_tags=MAX_TAGS)
    except UnfitXml as error:
        code = "answer-too-large" if error.code == "too-large" else "malformed"
        raise NotHarvestable(code, error.detail) from error
    if root.tag != f"{OAI}OAI-PMH":
        raise NotHarvestable("not-a-repository", clean(str(root.tag), 100))
    return root


def _record(element: etree._Element) -> ForeignRecord | None:
    """The record; None if it names itself or its time in no way that can be kept."""
    header = element.find(f"{OAI}header")
    if header is None:
        return None
    raw = (header.findtext(f"{OAI}identifier") or "").strip()
    identifier = clean(raw, MAX_NAME)
    datestamp = _moment(header.findtext(f"{OAI}datestamp") or "")
    if not identifier or identifier != raw or datestamp is None:
        return None
    deleted = header.get("status") == "deleted"
    metadata = element.find(f"{OAI}metadata")
    values = {} if metadata is None or deleted else _values(metadata)
    return ForeignRecord(identifier, datestamp, deleted, values)


def _values(metadata: etree._Element) -> dict[str, list[Value]]:
    """The values by name. Each piece of text is read once: no value stands in another."""
    values: dict[str, list[Value]] = {}
    walk = etree.iterwalk(metadata, events=("start",))
    for _, element in walk:
        if not element.tag.startswith(DC):
            continue
        walk.skip_subtree()
        name = element.tag.removeprefix(DC)
        held = values.get(name, [])
        if len(held) >= MAX_VALUES or len(values) >= MAX_NAMES:
            continue
        text = _text(element)
        shown = clean_lines(text, 20_000) if name == "description" else clean(text, 1000)
        if shown:
            values[name] = [*held, Value(shown, clean(element.get(LANG, "")[:MAX_NAME], 20))]
    return values


def _text(element: etree._Element) -> str:
    parts, length = [], 0
    for part in element.itertext():
        parts.append(str(part)[: MAX_RAW - length])
        length += len(parts[-1])
        if length >= MAX_RAW:
            break
    return "".join(parts)


def _moment(text: str) -> datetime | None:
    text = text.strip()
    try:
        return parse_time(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except InvalidTime:
        return None
