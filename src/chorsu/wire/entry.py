"""Entries: the leaves of a feed.

An entry says that a revision of a record was published or withdrawn, and names the blob that
holds what was published (or the reason of the withdrawal). It carries no text of any person: a
blob can be erased, a leaf cannot.

Format 1, canonical JSON: `format` `kind` `id` `revision` `action` `audience` `time` `blob` `size`,
and `supplement` if it is not 0. `supplement` counts what was published again within one revision,
as when a translation was added.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, cast

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.wire.envelope import (
    MAX_SAFE_INTEGER,
    Json,
    JsonValue,
    canonical_json,
    is_blob_hash,
    parse_json,
)
from chorsu.wire.errors import WireError

FORMAT = 1
MAX_ENTRY_BYTES = 4096
MAX_ENTRY_DEPTH = 8
PUBLISH: Literal["publish"] = "publish"
WITHDRAW: Literal["withdraw"] = "withdraw"
PUBLIC: Literal["public"] = "public"
NETWORK: Literal["network"] = "network"
Action: TypeAlias = Literal["publish", "withdraw"]
Audience: TypeAlias = Literal["public", "network"]

_KIND = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_MEMBERS = frozenset(
    ("format", "kind", "id", "revision", "action", "audience", "time", "blob", "size")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf in format 1; `time` is kept in UTC and cut to whole seconds.

    `blob` (SHA-256, hex) and `size` (bytes) are both there or both None; a publication has them.
    Raises `entry-malformed`.
    """

    kind: str
    id: str
    revision: int
    action: Action
    audience: Audience
    time: datetime
    blob: str | None
    size: int | None
    supplement: int = 0

    def __post_init__(self) -> None:
        _check_kind(self.kind)
        _require(1 <= self.revision <= MAX_SAFE_INTEGER, "revision")
        _require(0 <= self.supplement <= MAX_SAFE_INTEGER, "supplement")
        _require(self.action in (PUBLISH, WITHDRAW), "action")
        _require(self.audience in (PUBLIC, NETWORK), "audience")
        _require((self.blob is None) == (self.size is None), "blob and size go together")
        _require(self.blob is not None or self.action == WITHDRAW, "a publication has a blob")
        _require(self.blob is None or is_blob_hash(self.blob), "blob")
        _require(self.size is None or 0 <= self.size <= MAX_SAFE_INTEGER, "size")
        try:
            parse_id(self.id)
            object.__setattr__(self, "time", whole_seconds(self.time))
        except (InvalidId, InvalidTime) as error:
            raise WireError("entry-malformed", str(error)) from error

    def to_bytes(self) -> bytes:
        """The leaf: canonical JSON, at most 4096 bytes."""
        members: dict[str, Json] = {
            "format": FORMAT,
            "kind": self.kind,
            "id": self.id,
            "revision": self.revision,
            "action": self.action,
            "audience": self.audience,
            "time": format_time(self.time),
            "blob": self.blob,
            "size": self.size,
        }
        if self.supplement:
            members["supplement"] = self.supplement
        return canonical_json(members)


@dataclass(frozen=True, slots=True)
class UnknownEntry:
    """A well-formed leaf that this software can't act on: kept as it came and shown as such.

    Of a newer format, or with members this format does not have, or of a kind nobody here accepts.
    """

    raw: bytes
    format: int
    kind: str
    id: str | None

    def to_bytes(self) -> bytes:
        """The leaf as it came."""
        return self.raw


def parse_entry(data: bytes, kinds: Collection[str] | None = None) -> Entry | UnknownEntry:
    """Read a leaf. With `kinds` given, an entry of another kind is an `UnknownEntry` too.

    Raises `entry-too-large`, `entry-malformed` (in format 1: a missing member or a bad value;
    in any format: no positive `format` or no proper `kind`) and the codes of `parse_json`.
    """
    if len(data) > MAX_ENTRY_BYTES:
        raise WireError("entry-too-large", f"{len(data)} bytes, cap {MAX_ENTRY_BYTES}")
    members = parse_json(data, MAX_ENTRY_BYTES, MAX_ENTRY_DEPTH)
    if not isinstance(members, dict):
        raise WireError("entry-malformed", "not an object")
    format_, kind = _integer(members, "format"), _check_kind(_string(members, "kind"))
    _require(format_ >= 1, "format")
    if format_ > FORMAT or members.keys() - _MEMBERS - {"supplement"}:
        return _unknown(data, members, format_, kind)
    entry = _read_format_1(members, kind)
    if entry.to_bytes() != data:
        raise WireError("entry-malformed", "re-printing gives other bytes")
    if kinds is not None and kind not in kinds:
        return _unknown(data, members, format_, kind)
    return entry


def _read_format_1(members: Mapping[str, JsonValue], kind: str) -> Entry:
    missing = _MEMBERS - members.keys()
    _require(not missing, f"no {', '.join(sorted(missing))}")
    try:
        time = parse_time(_string(members, "time"))
    except InvalidTime as error:
        raise WireError("entry-malformed", str(error)) from error
    return Entry(
        kind=kind,
        id=_string(members, "id"),
        revision=_integer(members, "revision"),
        action=cast("Action", _string(members, "action")),  # Entry refuses any other value
        audience=cast("Audience", _string(members, "audience")),
        time=time,
        blob=None if members["blob"] is None else _string(members, "blob"),
        size=None if members["size"] is None else _integer(members, "size"),
        supplement=_integer(members, "supplement") if "supplement" in members else 0,
    )


def _unknown(
    data: bytes, members: Mapping[str, JsonValue], format_: int, kind: str
) -> UnknownEntry:
    id_ = members.get("id")
    return UnknownEntry(data, format_, kind, id_ if isinstance(id_, str) else None)


def _check_kind(kind: str) -> str:
    _require(_KIND.fullmatch(kind) is not None, f"kind {kind[:40]!r}")
    return kind


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("entry-malformed", what)


def _string(members: Mapping[str, JsonValue], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise WireError("entry-malformed", f"{name} is not a string")
    return value


def _integer(members: Mapping[str, JsonValue], name: str) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("entry-malformed", f"{name} is not an integer")
    return value
