"""A bundle: a log and its blobs as files, for where no network reaches.

A bundle is one or more parts, each a zip (`wire.zips`) that is of use alone: a manifest, the
signed checkpoint, the key successions if there are any, what the log's node knows of the
recipient's key and has seen of logs, what it has erased and what it answers to the recipient's
erasures (`wire.erasing`), the tiles of all entries the bundle is about, and some of the blobs. The
manifest is signed by nobody and decides nothing; it says what to ask for when something is
missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.wire.checkpoint import MAX_SIZE
from chorsu.wire.envelope import (
    MAX_SAFE_INTEGER,
    JsonValue,
    canonical_json,
    is_blob_hash,
    parse_json,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import parse_name
from chorsu.wire.merkle import HASH_BYTES
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.succession import MAX_CHAIN_BYTES
from chorsu.wire.tiles import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    TILE_WIDTH,
    Tile,
    bundles_for,
    parse_tile_path,
    tiles_for,
)

FORMAT = 1
MANIFEST, CHECKPOINT, KEYS, BLOB_FOLDER = "manifest.json", "checkpoint", "keys", "blob/"
ERASURES_FOLDER, ANSWERS_FOLDER = "erasures/", "erasure-answers/"
SUCCESSIONS_FOLDER, WITNESS_FOLDER = "successions/", "witness/"
MAX_MANIFEST_BYTES = 1 << 20
MAX_PARTS = 2000
_SAID = re.compile(r"(?:erasures|erasure-answers)/(?:0|[1-9][0-9]{0,14})", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}", re.ASCII)
_MEMBERS = frozenset(("format", "origin", "for", "made_at", "since", "size", "part", "parts"))
_PART_MEMBERS = frozenset(("name", "from", "to"))


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part: its file's name, and the entries (start..end) of which it holds blobs.

    An entry with many files may be in several parts.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a part says of itself and of the others; `part` counts from 1.

    The bundle is about entries `since`..`size` of the log of `origin`. Raises `carried-malformed`
    or `name-malformed`.
    """

    origin: str
    recipient: str
    made_at: datetime
    since: int
    size: int
    part: int
    parts: tuple[PartLine, ...]

    def __post_init__(self) -> None:
        parse_name(self.origin)
        parse_name(self.recipient)
        _require(0 <= self.since <= self.size <= min(MAX_SIZE, MAX_SAFE_INTEGER), "since or size")
        _require(1 <= self.part <= len(self.parts) <= MAX_PARTS, "part")
        _require(len({one.name for one in self.parts}) == len(self.parts), "a part's name twice")
        for one in self.parts:
            _require(_FILE_NAME.fullmatch(one.name) is not None, f"part {one.name[:80]!r}")
            _require(self.since <= one.start <= one.end <= self.size, "entries of a part")

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(
            {
                "format": FORMAT,
                "origin": self.origin,
                "for": self.recipient,
                "made_at": format_time(whole_seconds(self.made_at)),
                "since": self.since,
                "size": self.size,
                "part": self.part,
                "parts": [
                    {"name": one.name, "from": one.start, "to": one.end} for one in self.parts
                ],
            }
        )


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises `carried-malformed`, `carried-format` for a newer one, `name-malformed`, or a JSON code.
    """
    value = parse_json(data, MAX_MANIFEST_BYTES)
    if not isinstance(value, dict):
        raise WireError("carried-malformed", "the manifest is no object")
    version = value.get("format")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        raise WireError("carried-format", f"format {version}")
    _require(value.keys() == _MEMBERS and version is not True and version == FORMAT, "members")
    parts = value["parts"]
    if not isinstance(parts, list):
        raise WireError("carried-malformed", "parts")
    try:
        made_at = parse_time(_text(value["made_at"]))
    except InvalidTime as error:
        raise WireError("carried-malformed", str(error)) from error
    return Manifest(
        origin=_text(value["origin"]),
        recipient=_text(value["for"]),
        made_at=made_at,
        since=_number(value["since"]),
        size=_number(value["size"]),
        part=_number(value["part"]),
        parts=tuple(_part_line(one) for one in parts),
    )


def successions_of(name: str) -> str:
    """The member with the successions of a node's keys, as another knows them."""
    return SUCCESSIONS_FOLDER + name


def witness_of(log: str, by: str) -> str:
    """The member with a checkpoint of a log, cosigned by a node."""
    return f"{WITNESS_FOLDER}{log}/{by}"


def member_cap(name: str) -> int | None:
    """The most bytes a member of this name may have; None: not a name of a bundle.

    A blob's own cap is the size that its entry or record names.
    """
    if name == MANIFEST:
        return MAX_MANIFEST_BYTES
    if name == CHECKPOINT:
        return MAX_NOTE_BYTES
    if name == KEYS:
        return MAX_CHAIN_BYTES
    if _SAID.fullmatch(name):
        return MAX_NOTE_BYTES
    if name.startswith(SUCCESSIONS_FOLDER):
        return MAX_CHAIN_BYTES if _are_names(name.removeprefix(SUCCESSIONS_FOLDER), 1) else None
    if name.startswith(WITNESS_FOLDER):
        return MAX_NOTE_BYTES if _are_names(name.removeprefix(WITNESS_FOLDER), 2) else None
    if name.startswith(BLOB_FOLDER):
        return MAX_SAFE_INTEGER if is_blob_hash(name.removeprefix(BLOB_FOLDER)) else None
    try:
        place = parse_tile_path(name)
    except WireError:
        return None
    if place.level == ENTRIES:
        return place.width * (MAX_ENTRY_BYTES + 2)
    return place.width * HASH_BYTES


def tiles_carried(since: int, size: int) -> Iterator[Tile]:
    """The tiles of a bundle about entries since..size: hash tiles by level, then entry bundles.

    Of each level those that cover a leaf from since - 1 on: with them anyone who holds at least
    `since` entries proves any step between two sizes within.
    """
    for place in tiles_for(size):
        if (place.index + 1) * TILE_WIDTH ** (place.level + 1) >= since:
            yield place
    yield from bundles_for(since, size)


def _are_names(text: str, count: int) -> bool:
    """Whether a text is so many names of nodes with a slash between."""
    names = text.split("/")
    try:
        return len(names) == count and [parse_name(one) for one in names] == names
    except WireError:
        return False


def _part_line(value: JsonValue) -> PartLine:
    if not isinstance(value, dict) or value.keys() != _PART_MEMBERS:
        raise WireError("carried-malformed", "a part")
    return PartLine(_text(value["name"]), _number(value["from"]), _number(value["to"]))


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise WireError("carried-malformed", "not a text")
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("carried-malformed", "not a number")
    return value


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("carried-malformed", what)
