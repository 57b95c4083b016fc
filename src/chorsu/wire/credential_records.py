"""What a log says of credentials: no word of any person, not even how many hold which.

`credential-commitments`: the hashes of credentials issued together, in order of the hash. A hash
gives away nothing: the credential that it is of holds 122 random bits (`wire.credential`).
`credential-status`: a Bitstring Status List (`wire.statuslist`). Which position belongs to which
credential stands in the credential alone, which its holder has.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.wire.envelope import (
    Json,
    JsonValue,
    canonical_json,
    parse_json,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import parse_name
from chorsu.wire.statuslist import decode_list

FORMAT = 1
COMMITMENTS = "credential-commitments"
STATUS = "credential-status"
MAX_COMMITMENTS = 256
"""Few enough that a person's file, which holds the record with its proof, stays small."""
MAX_STATUS_BYTES = 512 * 1024
MAX_COMMITMENTS_BYTES = 32 * 1024
_COMMON = ("audience", "format", "id", "kind", "origin", "revision")


@dataclass(frozen=True, slots=True)
class PublishedCommitments:
    """A `credential-commitments` blob: issued once, never changed."""

    id: str
    origin: str
    commitments: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The blob."""
        members = _members(COMMITMENTS, self.id, self.origin, 1)
        return canonical_json({**members, "commitments": list(self.commitments)})


@dataclass(frozen=True, slots=True)
class PublishedStatus:
    """A `credential-status` blob; `encoded` is the list as it travels."""

    id: str
    origin: str
    revision: int
    encoded: str

    @property
    def bits(self) -> bytes:
        """The list, one bit set for each revocation."""
        return decode_list(self.encoded)

    def to_bytes(self) -> bytes:
        """The blob."""
        members = _members(STATUS, self.id, self.origin, self.revision)
        listed = {"encodedList": self.encoded, "statusPurpose": "revocation"}
        return canonical_json({**members, **listed})


def read_commitments(members: Mapping[str, JsonValue]) -> PublishedCommitments:
    """The members of such a blob; raises `credentials-malformed` or `credentials-format`."""
    _check(members, COMMITMENTS, ("commitments",))
    found = members["commitments"]
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_COMMITMENTS:
        raise WireError("credentials-malformed", "commitments")
    _require(set(map(type, found)) == {str}, "commitments")
    hashes = cast("tuple[str, ...]", tuple(found))
    _require(set(map(len, hashes)) == {64} and _is_hex("".join(hashes)), "commitments")
    _require(all(map(operator.lt, hashes, hashes[1:])), "commitments")
    _require(members["revision"] == 1, "revision")
    return PublishedCommitments(str(members["id"]), str(members["origin"]), hashes)


def read_status(members: Mapping[str, JsonValue]) -> PublishedStatus:
    """The members of such a blob; raises also what `decode_list` raises."""
    return read_bits(members)[0]


def read_bits(members: Mapping[str, JsonValue]) -> tuple[PublishedStatus, bytes]:
    """As `read_status`, with the list itself, which reading unpacks anyway."""
    _check(members, STATUS, ("encodedList", "statusPurpose"))
    _require(members["statusPurpose"] == "revocation", "statusPurpose")
    listed, revision = members["encodedList"], members["revision"]
    if not isinstance(listed, str) or not isinstance(revision, int):
        raise WireError("credentials-malformed", "encodedList or revision")
    bits = decode_list(listed)
    return PublishedStatus(str(members["id"]), str(members["origin"]), revision, listed), bits


def parse_commitments(data: bytes) -> PublishedCommitments:
    """Read a `credential-commitments` blob."""
    return read_commitments(_object(data, MAX_COMMITMENTS_BYTES))


def parse_status(data: bytes) -> PublishedStatus:
    """Read a `credential-status` blob."""
    return read_status(_object(data, MAX_STATUS_BYTES))


def _object(data: bytes, most: int) -> Mapping[str, JsonValue]:
    members = parse_json(data, most, 4)
    if not isinstance(members, dict):
        raise WireError("credentials-malformed", "not an object")
    return members


def _members(kind: str, record_id: str, origin: str, revision: int) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "kind": kind,
        "id": record_id,
        "origin": origin,
        "revision": revision,
        "audience": "public",
    }


def _check(members: Mapping[str, JsonValue], kind: str, more: tuple[str, ...]) -> None:
    """What both kinds have in common; a newer format of either is told apart."""
    _require(members.get("kind") == kind, f"not {kind}")
    format_, revision = members.get("format"), members.get("revision")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > FORMAT:
        raise WireError("credentials-format", f"format {format_}")
    _require(format_ == FORMAT and format_ is not True, "format")
    _require(members.keys() == {*_COMMON, *more}, "members missing or unknown")
    _require(members["audience"] == "public", "audience")
    _require(
        isinstance(revision, int) and not isinstance(revision, bool) and 1 <= revision < 2**31,
        "revision",
    )
    origin, record_id = members["origin"], members["id"]
    if not isinstance(origin, str) or not isinstance(record_id, str):
        raise WireError("credentials-malformed", "origin or id")
    parse_name(origin)
    try:
        parse_id(record_id)
    except InvalidId as error:
        raise WireError("credentials-malformed", str(error)) from error


def _is_hex(digits: str) -> bool:
    """Whether these are lower-case hex digits, an even number of them, and nothing else."""
    try:
        return bytes.fromhex(digits).hex() == digits
    except ValueError:
        return False


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("credentials-malformed", what)
