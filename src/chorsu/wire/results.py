"""Certificates on their way home: what the home node asks of the node that taught its person.

The home asks, in a signed request, and only while its person wants it; the teaching node answers
with certificates and a note of its own key that says whose they are. So nobody in between can put
another's certificate in a person's hands: each is signed, and that it is theirs is signed too.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.wire.credential_file import MAX_FILE_BYTES
from chorsu.wire.envelope import Json, JsonValue, canonical_json, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.identity import is_subject
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.note import MAX_NOTE_BYTES, open_note, sign

RESULTS_PATH = "/exchange/identity/results"
RESULTS_HEADER = "chorsu-results/v1"
AT_ONCE = 4
"""Certificates in one answer; whoever asks again, naming what it has, gets the next."""
MAX_HELD = 500
MAX_ASK_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 4 * MAX_NOTE_BYTES + AT_ONCE * (MAX_FILE_BYTES * 4 // 3 + 64)
_HASH = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose certificates are asked for: `held` are the commitments of those already there."""

    subject: str
    held: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """The body of the request; raises `identity-malformed`."""
        _require(is_subject(self.subject), "subject")
        held: list[Json] = list(self.held[:MAX_HELD])
        return canonical_json({"held": held, "subject": self.subject})


@dataclass(frozen=True, slots=True)
class Results:
    """Certificates of whom `home` calls `subject`, as files; `commitments` are theirs, in order."""

    home: str
    subject: str
    time: datetime
    commitments: tuple[str, ...]
    files: tuple[bytes, ...]

    def to_bytes(self, key: SigningKey) -> bytes:
        """The answer, its note signed."""
        said: dict[str, Json] = {
            "commitments": list(self.commitments),
            "home": self.home,
            "subject": self.subject,
            "time": format_time(whole_seconds(self.time)),
        }
        note = sign(f"{RESULTS_HEADER}\n{canonical_json(said).decode()}\n", key)
        files: list[Json] = [b64encode(one).decode() for one in self.files]
        return canonical_json({"files": files, "note": note.decode()})


def parse_asked(data: bytes) -> Asked:
    """What a home asks; raises `identity-malformed` and the codes of JSON."""
    members = _object(parse_json(data, MAX_ASK_BYTES, max_depth=3), {"held", "subject"})
    subject = _string(members, "subject")
    _require(is_subject(subject), "subject")
    return Asked(subject, _hashes(members["held"], MAX_HELD))


def open_results(data: bytes, key: VerifyKey) -> Results:
    """Read an answer whose note `key` signed; raises `identity-malformed` and the codes of notes.

    The files are of the number that the note says, and not yet believed.
    """
    members = _object(parse_json(data, MAX_ANSWER_BYTES, max_depth=3), {"files", "note"})
    text = open_note(_string(members, "note").encode(), [key]).text
    lines = text.split("\n")
    _require(len(lines) == 3 and lines[0] == RESULTS_HEADER and not lines[2], "lines")
    said = _object(
        parse_json(lines[1].encode(), MAX_NOTE_BYTES, max_depth=3),
        {"commitments", "home", "subject", "time"},
    )
    commitments = _hashes(said["commitments"], AT_ONCE)
    files = members["files"]
    if not isinstance(files, list) or len(files) != len(commitments):
        raise WireError("identity-malformed", "files")
    home, subject = _string(said, "home"), _string(said, "subject")
    parse_name(home)
    _require(is_subject(subject), "subject")
    try:
        time = parse_time(_string(said, "time"))
    except InvalidTime as error:
        raise WireError("identity-malformed", "time") from error
    return Results(home, subject, time, commitments, tuple(_file(one) for one in files))


def _file(value: JsonValue) -> bytes:
    if not isinstance(value, str):
        raise WireError("identity-malformed", "file")
    try:
        data = b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WireError("identity-malformed", "file") from error
    # One file has one form, as everywhere on this wire.
    _require(b64encode(data).decode() == value and len(data) <= MAX_FILE_BYTES, "file")
    return data


def _hashes(value: JsonValue, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise WireError("identity-malformed", "commitments")
    found = tuple(one for one in value if isinstance(one, str) and _is_hash(one))
    _require(len(found) == len(value) == len(set(found)), "commitments")
    return found


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= _HASH


def _object(value: JsonValue, names: set[str]) -> dict[str, JsonValue]:
    if not isinstance(value, dict) or value.keys() != names:
        raise WireError("identity-malformed", "members")
    return dict(value)


def _string(members: dict[str, JsonValue], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise WireError("identity-malformed", name)
    return value


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("identity-malformed", what)
