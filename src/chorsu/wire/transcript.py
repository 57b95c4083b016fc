"""A transcript: what the node that taught a person reports of their courses, signed, to their home.

It says how each course ended, or how far it is, also where no certificate was issued. The home asks
in a signed request, and only while its person wants it; each portion of the answer is a note of the
teaching node, bound to the question by its nonce, so that none can be shown twice. All portions
together are the whole transcript: what is no longer in it was taken back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.wire.envelope import Json, JsonValue, canonical_json, is_blob_hash, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.identity import is_subject
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.note import MAX_NOTE_BYTES, open_note, sign

TRANSCRIPT_PATH = "/exchange/identity/transcript"
TRANSCRIPT_HEADER = "chorsu-transcript/v1"
AT_ONCE = 8
"""Lines in one answer: with titles of full length in every language they fit into a note."""
MAX_LINES = 400
"""Of one person at one node."""
MAX_QUESTION_BYTES = 512
MAX_TITLE_CHARS = 200
MAX_DOCUMENT_CHARS = 70
MAX_HOURS = 10_000
FORMS = ("in_person", "live", "self_study")
STATES = ("passed", "failed", "attended")
"""`attended`: took part, and has no result (the course goes on, or the person left it)."""
_NONCE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_INSTITUTION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_PERCENT = re.compile(r"(?:100|[1-9]?[0-9](?:\.[0-9]?[1-9])?)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """Whose transcript is asked for, from behind the line `after` on (empty: from the first).

    `nonce` is 32 hexadecimal digits, new each time. Raises `identity-malformed`.
    """

    subject: str
    nonce: str
    after: str = ""

    def __post_init__(self) -> None:
        _require(is_subject(self.subject), "subject")
        _require(_NONCE.fullmatch(self.nonce), "nonce")
        _require(not self.after or _is_id(self.after), "after")

    def to_bytes(self) -> bytes:
        """The body of the request."""
        return canonical_json({"after": self.after, "nonce": self.nonce, "subject": self.subject})


@dataclass(frozen=True, slots=True)
class Line:
    """How one course ended for a person, or how far it is.

    `id` is what the teaching node calls the person's place in that cohort; it never changes.
    `titles` are by language tag, that of `language` (the course's original) among them. `hours` are
    academic hours by form of `FORMS`, earned or attended. `final`: nothing more is to come, for the
    cohort is finished or the person left it. `percent` is the result as the shortest decimal text,
    empty where nothing was assessed. `document` is the number under which the final protocol names
    who passed; `commitment` that of the certificate, where one counts. Raises `identity-malformed`.
    """

    id: str
    course: str
    revision: int
    language: str
    titles: Mapping[str, str]
    institution: str
    starts_on: date
    ends_on: date
    state: str
    final: bool
    hours: Mapping[str, int]
    percent: str = ""
    document: str = ""
    commitment: str = ""

    def __post_init__(self) -> None:
        _require(_is_id(self.id) and _is_id(self.course), "id")
        _require(1 <= self.revision < 2**31, "revision")
        _require(self.titles.keys() <= set(TAGS) and self.language in self.titles, "titles")
        _require(all(_is_line(one, MAX_TITLE_CHARS) for one in self.titles.values()), "titles")
        _require(len(self.institution) <= 40 and _INSTITUTION.fullmatch(self.institution), "host")
        _require(self.starts_on <= self.ends_on, "dates")
        _require(self.state in STATES, "state")
        _require(tuple(sorted(self.hours)) == FORMS, "hours")
        _require(all(0 <= hours <= MAX_HOURS for hours in self.hours.values()), "hours")
        _require(not self.percent or _PERCENT.fullmatch(self.percent), "percent")
        _require(not self.percent or self.state != "attended", "percent")
        _require(not self.document or _is_line(self.document, MAX_DOCUMENT_CHARS), "document")
        _require(not self.document or (self.state == "passed" and self.final), "document")
        _require(not self.commitment or is_blob_hash(self.commitment), "commitment")
        _require(not self.commitment or self.state == "passed", "commitment")

    def members(self) -> dict[str, Json]:
        """As it stands in the note."""
        return {
            "commitment": self.commitment,
            "course": self.course,
            "document": self.document,
            "ends_on": self.ends_on.isoformat(),
            "final": self.final,
            "hours": dict(self.hours),
            "id": self.id,
            "institution": self.institution,
            "language": self.language,
            "percent": self.percent,
            "revision": self.revision,
            "starts_on": self.starts_on.isoformat(),
            "state": self.state,
            "titles": dict(self.titles),
        }


@dataclass(frozen=True, slots=True)
class Transcript:
    """A portion: lines of whom `home` calls `subject`, ascending by id, all above the question's
    `after`. One of fewer than `AT_ONCE` is the last. Raises `identity-malformed`.
    """

    home: str
    question: Question
    time: datetime
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        parse_name(self.home)
        object.__setattr__(self, "time", whole_seconds(self.time))
        _require(len(self.lines) <= AT_ONCE, "lines")
        ids = [self.question.after, *(line.id for line in self.lines)]
        _require(all(one < other for one, other in pairwise(ids)), "order")

    def to_bytes(self, key: SigningKey) -> bytes:
        """The signed note."""
        lines: list[Json] = [line.members() for line in self.lines]
        said: dict[str, Json] = {
            "after": self.question.after,
            "home": self.home,
            "lines": lines,
            "nonce": self.question.nonce,
            "subject": self.question.subject,
            "time": format_time(self.time),
        }
        return sign(f"{TRANSCRIPT_HEADER}\n{canonical_json(said).decode()}\n", key)


def parse_question(data: bytes) -> Question:
    """What a home asks; raises `identity-malformed` and the codes of JSON."""
    found = parse_json(data, MAX_QUESTION_BYTES, max_depth=2)
    members = _object(found, {"after", "nonce", "subject"})
    subject, nonce, after = (_string(members, name) for name in ("subject", "nonce", "after"))
    return Question(subject, nonce, after)


def open_transcript(data: bytes, key: VerifyKey) -> Transcript:
    """Read a portion that `key` signed; raises `identity-malformed`, codes of notes and of JSON.

    Whether it answers the question that was asked is for the caller to compare.
    """
    lines = open_note(data, [key]).text.split("\n")
    _require(len(lines) == 3 and lines[0] == TRANSCRIPT_HEADER and not lines[2], "lines")
    said = _object(
        parse_json(lines[1].encode(), MAX_NOTE_BYTES, max_depth=5),
        {"after", "home", "lines", "nonce", "subject", "time"},
    )
    told = said["lines"]
    if not isinstance(told, list):
        raise WireError("identity-malformed", "lines")
    question = Question(_string(said, "subject"), _string(said, "nonce"), _string(said, "after"))
    try:
        time = parse_time(_string(said, "time"))
    except InvalidTime as error:
        raise WireError("identity-malformed", "time") from error
    return Transcript(_string(said, "home"), question, time, tuple(_line(one) for one in told))


def _line(value: JsonValue) -> Line:
    members = _object(
        value,
        {
            "commitment", "course", "document", "ends_on", "final", "hours", "id", "institution",
            "language", "percent", "revision", "starts_on", "state", "titles",
        },
    )  # fmt: skip
    hours = _object(members["hours"], set(FORMS))
    titles = members["titles"]
    final = members["final"]
    if not isinstance(titles, dict) or not isinstance(final, bool):
        raise WireError("identity-malformed", "titles or final")
    return Line(
        id=_string(members, "id"),
        course=_string(members, "course"),
        revision=_integer(members, "revision"),
        language=_string(members, "language"),
        titles={tag: _string(titles, tag) for tag in titles},
        institution=_string(members, "institution"),
        starts_on=_day(members, "starts_on"),
        ends_on=_day(members, "ends_on"),
        state=_string(members, "state"),
        final=final,
        hours={form: _integer(hours, form) for form in FORMS},
        percent=_string(members, "percent"),
        document=_string(members, "document"),
        commitment=_string(members, "commitment"),
    )


def _is_line(text: str, most: int) -> bool:
    return 0 < len(text) <= most and text == normalise(text) and "\n" not in text


def _is_id(text: str) -> bool:
    try:
        return parse_id(text) == text
    except InvalidId:
        return False


def _day(members: Mapping[str, JsonValue], name: str) -> date:
    text = _string(members, name)
    _require(_DATE.fullmatch(text), name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WireError("identity-malformed", name) from error


def _object(value: JsonValue, names: set[str]) -> dict[str, JsonValue]:
    if not isinstance(value, dict) or value.keys() != names:
        raise WireError("identity-malformed", "members")
    return dict(value)


def _string(members: Mapping[str, JsonValue], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise WireError("identity-malformed", name)
    return value


def _integer(members: Mapping[str, JsonValue], name: str) -> int:
    value = members[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("identity-malformed", name)
    return value


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("identity-malformed", what)
