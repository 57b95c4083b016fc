"""The node document: what a node says of itself at `/.well-known/chorsu`.

Canonical JSON, format 1: `format` `name` `vkey` `address` `formats` `institutions` `software`.
It is not signed: two people compare the key's fingerprint before they make their nodes peers.

As a file, for a node that no wire reaches, it is a signed note (`wire.note`) of two lines, signed
by the key in it: whoever compares that key's fingerprint then knows that the rest was not changed
on the way either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from chorsu.wire.entry import FORMAT as ENTRY_FORMAT
from chorsu.wire.envelope import JsonValue, canonical_json, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.note import open_note, parse_note, sign

WELL_KNOWN_PATH = "/.well-known/chorsu"
NODE_FORMAT = 1
FILE_HEADER = "chorsu-node/v1"
FILE_SUFFIX = ".chorsu-node"
MAX_NODE_BYTES = 64 * 1024
MAX_INSTITUTIONS = 256
MAX_ADDRESS = 500
_INSTITUTION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_SOFTWARE = re.compile(r"[\x21-\x7e]{1,100}")
_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9._~-]+)*",
    re.ASCII,
)
_MEMBERS = frozenset(("format", "name", "vkey", "address", "formats", "institutions", "software"))


@dataclass(frozen=True, slots=True)
class NodeDocument:
    """A node's name, key, address (no slash at its end), entry formats it reads, institutions.

    Raises `node-malformed`, `name-malformed` or `key-malformed`.
    """

    name: str
    vkey: str
    address: str
    institutions: tuple[str, ...]
    software: str
    format_versions: tuple[int, ...] = (ENTRY_FORMAT,)

    def __post_init__(self) -> None:
        parse_name(self.name)
        _require(VerifyKey.parse(self.vkey).name == self.name, "the key answers to another name")
        parse_address(self.address)
        _require(_SOFTWARE.fullmatch(self.software) is not None, "software")
        _require(len(self.institutions) <= MAX_INSTITUTIONS, "too many institutions")
        _require(len(set(self.institutions)) == len(self.institutions), "an institution twice")
        for institution in self.institutions:
            well_formed = len(institution) <= 64 and _INSTITUTION.fullmatch(institution)
            _require(well_formed, f"institution {institution[:64]!r}")
        versions = self.format_versions
        _require(0 < len(versions) <= 64 and min(versions) >= 1, "formats")
        _require(list(versions) == sorted(set(versions)), "formats are listed once, ascending")

    @property
    def verify_key(self) -> VerifyKey:
        """The key of `vkey`."""
        return VerifyKey.parse(self.vkey)

    def to_bytes(self) -> bytes:
        """The document as served."""
        return canonical_json(
            {
                "format": NODE_FORMAT,
                "name": self.name,
                "vkey": self.vkey,
                "address": self.address,
                "formats": self.format_versions,
                "institutions": self.institutions,
                "software": self.software,
            }
        )


def parse_node(data: bytes) -> NodeDocument:
    """Read a node document.

    Raises `node-format` for a newer format, `node-malformed`, and the codes of `parse_json`.
    """
    members = parse_json(data, MAX_NODE_BYTES, max_depth=4)
    if not isinstance(members, dict):
        raise WireError("node-malformed", "not an object")
    format_ = members.get("format")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > NODE_FORMAT:
        raise WireError("node-format", f"format {format_}")
    _require(format_ == NODE_FORMAT and format_ is not True, "format")
    _require(members.keys() == _MEMBERS, "members missing or unknown")
    return NodeDocument(
        name=_string(members["name"], "name"),
        vkey=_string(members["vkey"], "vkey"),
        address=_string(members["address"], "address"),
        institutions=tuple(
            _string(one, "institutions") for one in _list(members["institutions"], "institutions")
        ),
        software=_string(members["software"], "software"),
        format_versions=tuple(
            _integer(one, "formats") for one in _list(members["formats"], "formats")
        ),
    )


def sign_node(document: NodeDocument, key: SigningKey) -> bytes:
    """The document as a file; `key` is the one in it."""
    return sign(f"{FILE_HEADER}\n{document.to_bytes().decode()}\n", key)


def open_node_file(data: bytes) -> NodeDocument:
    """Read such a file: what the key in it has signed. Whose key that is, people compare.

    Raises `wrong-key` if another one signed it, and the codes of notes and of `parse_node`.
    """
    lines = parse_note(data).text.split("\n")
    _require(len(lines) == 3 and lines[0] == FILE_HEADER, "first line")
    document = parse_node(lines[1].encode())
    open_note(data, [document.verify_key])
    return document


def parse_address(text: str) -> str:
    """Return a node's address unchanged: `http(s)://host[:port][/path]`, lower-case host, no slash
    at the end, no user, query or fragment. Raises `node-malformed`.
    """
    _require(len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) is not None, "address")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise WireError("node-malformed", "address") from error
    dots = any(segment in (".", "..") for segment in parts.path.split("/"))
    _require(not dots and (port is None or port <= 65535), "address")
    return text


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("node-malformed", what)


def _string(value: JsonValue, name: str) -> str:
    if not isinstance(value, str):
        raise WireError("node-malformed", f"{name} is not a string")
    return value


def _integer(value: JsonValue, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("node-malformed", f"{name} is not an integer")
    return value


def _list(value: JsonValue, name: str) -> list[JsonValue]:
    if not isinstance(value, list):
        raise WireError("node-malformed", f"{name} is not a list")
    return value
