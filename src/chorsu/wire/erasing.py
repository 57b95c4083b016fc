"""Erasures: what a node has erased of its own and asks others to erase, and what they answer.

The list is a signed note (`wire.note`) whose text is a line that names the format and a line of
canonical JSON. That first line can't be the beginning of a checkpoint, whose first line is a name
without a slash. Answers go over the network in a signed request, and in a bundle as such a note
with the name of the node that they are for between the two lines. The list is the origin's word
about its own content only: what a reader does about it, and whether the content was that node's to
ask for, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal, cast

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.kernel.text import normalise
from chorsu.wire.envelope import (
    MAX_SAFE_INTEGER,
    Json,
    JsonValue,
    canonical_json,
    is_blob_hash,
    parse_json,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.note import MAX_NOTE_BYTES, open_note, sign

HEADER = "chorsu-erasures/v1"
ANSWERS_HEADER = "chorsu-erasure-answers/v1"
ERASURES_PATH = "erasures"
FORMAT = 1
MAX_LISTED = 24
"""Erasures in one list: with the longest words it stays within a note."""
MAX_WORDS = 500
"""Characters of an administrator's words."""
MAX_ANSWERS = 64
MAX_ANSWERS_BYTES = 24 * 1024
What = Literal["record", "reason", "file"]
WHATS: tuple[What, ...] = ("record", "reason", "file")
Answer = Literal["erased", "kept", "waiting"]
ANSWERS: tuple[Answer, ...] = ("erased", "kept", "waiting")
_CODE = re.compile(r"[a-z](?:[a-z-]{0,30}[a-z])?", re.ASCII)
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_LIST = frozenset(("format", "origin", "after", "last", "erasures"))
_LINE = frozenset(
    (
        "number", "blob", "what", "kind", "record", "revision", "ground", "words", "language",
        "named", "time",
    )
)  # fmt: skip
_ANSWER = frozenset(("blob", "answer", "code", "time"))


@dataclass(frozen=True, slots=True)
class Erasure:
    """One blob that its node has erased; raises `erasure-malformed`.

    `number` is its place in the node's list: above all before it, never given twice. `what` the
    blob was: a record's content, the reason of a withdrawal, or a file of the record. `revision` is
    0 of a file. `ground` is a code, `words` are the administrator's in `language`. `named`: what
    the file was called may still be shown.
    """

    number: int
    blob: str
    what: What
    kind: str
    record: str
    revision: int
    ground: str
    words: str
    language: str
    named: bool
    time: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", whole_seconds(self.time))
        _require(0 < self.number <= MAX_SAFE_INTEGER, "number")
        _require(is_blob_hash(self.blob), "blob")
        _require(self.what in WHATS, "what")
        _require(_CODE.fullmatch(self.kind), "kind")
        _require_id(self.record)
        low, high = (0, 0) if self.what == "file" else (1, MAX_SAFE_INTEGER)
        _require(low <= self.revision <= high, "revision")
        _require(_CODE.fullmatch(self.ground), "ground")
        _require(_TAG.fullmatch(self.language) and len(self.language) <= 12, "language")
        _require(0 < len(self.words) <= MAX_WORDS and self.words == normalise(self.words), "words")

    def members(self) -> dict[str, Json]:
        """The members of its line."""
        return {
            "number": self.number,
            "blob": self.blob,
            "what": self.what,
            "kind": self.kind,
            "record": self.record,
            "revision": self.revision,
            "ground": self.ground,
            "words": self.words,
            "language": self.language,
            "named": self.named,
            "time": format_time(self.time),
        }


@dataclass(frozen=True, slots=True)
class ErasureList:
    """The erasures of `origin` numbered above `after`, ascending; `last` is the newest there is.

    Raises `erasure-malformed` or `name-malformed`.
    """

    origin: str
    after: int
    last: int
    erasures: tuple[Erasure, ...]

    def __post_init__(self) -> None:
        parse_name(self.origin)
        _require(0 <= self.after <= MAX_SAFE_INTEGER, "after")
        _require(0 <= self.last <= MAX_SAFE_INTEGER, "last")
        _require(len(self.erasures) <= MAX_LISTED, f"{len(self.erasures)} erasures")
        numbers = [self.after, *(one.number for one in self.erasures)]
        _require(all(a < b for a, b in pairwise(numbers)), "order")
        _require(numbers[-1] <= self.last or not self.erasures, "last")
        _require(self.erasures or self.last <= self.after, "an empty list that is not the end")

    @property
    def is_end(self) -> bool:
        """Whether there is nothing behind it."""
        return not self.erasures or self.erasures[-1].number == self.last

    def to_bytes(self, key: SigningKey) -> bytes:
        """The signed note."""
        value: dict[str, Json] = {
            "format": FORMAT,
            "origin": self.origin,
            "after": self.after,
            "last": self.last,
            "erasures": [one.members() for one in self.erasures],
        }
        return sign(f"{HEADER}\n{canonical_json(value).decode()}\n", key)


@dataclass(frozen=True, slots=True)
class ErasureAnswer:
    """What a node did about one blob it was asked to erase; raises `erasure-malformed`.

    `code` says why it was kept, and is empty otherwise. `waiting`: a person has to decide.
    """

    blob: str
    answer: Answer
    code: str
    time: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", whole_seconds(self.time))
        _require(is_blob_hash(self.blob), "blob")
        _require(self.answer in ANSWERS, "answer")
        known = _CODE.fullmatch(self.code) if self.answer == "kept" else not self.code
        _require(known, "code")


def parse_erasures(data: bytes, key: VerifyKey) -> ErasureList:
    """Read a list that `key` signed, about its own node and nothing else.

    Raises `erasure-format` for a newer format, `erasure-malformed`, and the codes of notes and of
    JSON.
    """
    text = open_note(data, [key]).text
    lines = text.split("\n")
    _require(len(lines) == 3 and lines[0] == HEADER, "first line")
    members = _members(parse_json(lines[1].encode(), MAX_NOTE_BYTES, max_depth=3), _LIST)
    rows = members["erasures"]
    _require(isinstance(rows, list) and len(rows) <= MAX_LISTED, "erasures")
    found = ErasureList(
        origin=_string(members, "origin"),
        after=_integer(members, "after"),
        last=_integer(members, "last"),
        erasures=tuple(_erasure(row) for row in cast("list[JsonValue]", rows)),
    )
    _require(found.origin == key.name, "origin")
    return found


def encode_answers(answers: Sequence[ErasureAnswer]) -> bytes:
    """The body that tells the origin; raises `erasure-malformed`."""
    _require(0 < len(answers) <= MAX_ANSWERS, f"{len(answers)} answers")
    _require(len({one.blob for one in answers}) == len(answers), "a blob twice")
    rows: list[Json] = [
        {
            "blob": one.blob,
            "answer": one.answer,
            "code": one.code,
            "time": format_time(one.time),
        }
        for one in answers
    ]
    return canonical_json({"format": FORMAT, "answers": rows})


def parse_answers(data: bytes) -> list[ErasureAnswer]:
    """What a peer answers; raises `erasure-format`, `erasure-malformed` and the codes of JSON."""
    value = parse_json(data, MAX_ANSWERS_BYTES, max_depth=3)
    members = _members(value, frozenset(("format", "answers")))
    rows = members["answers"]
    _require(isinstance(rows, list) and 0 < len(rows) <= MAX_ANSWERS, "answers")
    found = [_answer(row) for row in cast("list[JsonValue]", rows)]
    encode_answers(found)
    return found


def sign_answers(answers: Sequence[ErasureAnswer], *, origin: str, key: SigningKey) -> bytes:
    """The same as a note to be carried: what the node of `key` answers to the erasures of `origin`.

    Raises `erasure-malformed`.
    """
    body = encode_answers(answers).decode()
    return sign(f"{ANSWERS_HEADER}\n{parse_name(origin)}\n{body}\n", key)


def open_answers(data: bytes, key: VerifyKey, origin: str) -> list[ErasureAnswer]:
    """What the node of `key` answers to the erasures of `origin`.

    Raises as `parse_answers`, and `erasure-malformed` for answers that are meant for another node.
    """
    text = open_note(data, [key]).text
    lines = text.split("\n")
    _require(len(lines) == 4 and lines[0] == ANSWERS_HEADER, "first line")
    _require(lines[1] == origin, "answers to another node")
    return parse_answers(lines[2].encode())


def _erasure(row: JsonValue) -> Erasure:
    members = _exact(row, _LINE)
    named = members["named"]
    _require(isinstance(named, bool), "named")
    return Erasure(
        number=_integer(members, "number"),
        blob=_string(members, "blob"),
        what=cast("What", _string(members, "what")),
        kind=_string(members, "kind"),
        record=_string(members, "record"),
        revision=_integer(members, "revision"),
        ground=_string(members, "ground"),
        words=_string(members, "words"),
        language=_string(members, "language"),
        named=bool(named),
        time=_time(members),
    )


def _answer(row: JsonValue) -> ErasureAnswer:
    members = _exact(row, _ANSWER)
    return ErasureAnswer(
        blob=_string(members, "blob"),
        answer=cast("Answer", _string(members, "answer")),
        code=_string(members, "code"),
        time=_time(members),
    )


def _members(value: JsonValue, names: frozenset[str]) -> Mapping[str, JsonValue]:
    if isinstance(value, dict):
        format_ = value.get("format")
        if isinstance(format_, int) and not isinstance(format_, bool) and format_ > FORMAT:
            raise WireError("erasure-format", f"format {format_}")
    members = _exact(value, names)
    _require(_integer(members, "format") == FORMAT, "format")
    return members


def _exact(value: JsonValue, names: frozenset[str]) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict) or value.keys() != names:
        raise WireError("erasure-malformed", "members")
    return value


def _string(members: Mapping[str, JsonValue], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise WireError("erasure-malformed", name)
    return value


def _integer(members: Mapping[str, JsonValue], name: str) -> int:
    value = members[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("erasure-malformed", name)
    return value


def _time(members: Mapping[str, JsonValue]) -> datetime:
    try:
        return parse_time(_string(members, "time"))
    except InvalidTime as error:
        raise WireError("erasure-malformed", "time") from error


def _require_id(text: str) -> None:
    try:
        parse_id(text)
    except InvalidId as error:
        raise WireError("erasure-malformed", "record") from error


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("erasure-malformed", what)
