"""Reading what peers publish: strictly, into values, or refused with a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from chorsu.kernel.clock import InvalidTime, parse_time
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import has_unwanted, printable
from chorsu.practices.rules import (
    AUDIENCES,
    NOTE_MAX,
    PROVENANCES,
    Facts,
    InvalidPractice,
    clean_facts,
    clean_words,
)
from chorsu.practices.rules.fields import SHA256
from chorsu.practices.wire.forms import (
    FORMAT,
    KIND,
    MAX_BLOB_BYTES,
    MAX_FILES,
    MAX_REVISIONS,
    TEXT_KIND,
    PublishedFile,
    PublishedPractice,
    PublishedPracticeText,
    PublishedRevision,
    PublishedText,
)
from chorsu.wire.envelope import parse_json
from chorsu.wire.errors import WireError

Cleaned = TypeVar("Cleaned", bound=Mapping[str, object])
REFUSALS: Mapping[str, str] = {
    "payload-malformed": "a published practice misses a member or has one of the wrong form",
    "payload-newer-format": "a published practice is of a newer format than this software reads",
    "payload-entry-mismatch": "a blob says something else than the entry that names it",
    "not-the-origin": "a node published or withdrew a record whose origin is another node",
    "not-the-host": "a node published for an institution that another node hosts",
}


class Refused(Exception):  # noqa: N818 - says what is wrong
    """What a peer published is not taken in; `code` is one of `REFUSALS`."""

    def __init__(self, code: str, detail: str) -> None:
        if code not in REFUSALS:
            raise ValueError(f"not a refusal: {code}")
        self.code = code
        self.detail = printable(detail)
        super().__init__(f"{code}: {self.detail}")


def parse_withdrawal(data: bytes, kind: str, record_id: str) -> str:
    """The reason of a withdrawal; raises `Refused`."""
    members = _members(data, kind, ("format", "kind", "id", "reason"))
    _require(members.string("id", 36) == record_id, "id", "payload-entry-mismatch")
    return members.string("reason", 2000)


def parse_payload(data: bytes, origin: str) -> PublishedPractice:
    """Read a `practice` blob that `origin` published; raises `Refused`.

    Facts and words must be clean already: what `clean_facts` or `clean_words` would change is
    malformed. Themes and countries that this software does not know are kept.
    """
    members = _members(data, KIND, _PRACTICE_MEMBERS)
    _require(members.string("origin", 120) == origin, "origin", "not-the-origin")
    original = members.choice("original_language", TAGS)
    revision = members.integer("revision", 1)
    practice = PublishedPractice(
        id=_id(members.string("id", 36)),
        revision=revision,
        origin=origin,
        institution=members.string("institution", 40, empty=False),
        audience=members.choice("audience", AUDIENCES),
        licence=members.string("licence", 40, empty=False),
        original_language=original,
        published_at=members.time("published_at"),
        updated_at=members.time("updated_at"),
        facts=_facts(members.mapping("facts")),
        texts=_texts(members.mapping("texts")),
        files=[_file(row) for row in members.rows("files", MAX_FILES)],
        history=[_revision(row) for row in members.rows("history", MAX_REVISIONS)],
    )
    _check_whole(practice)
    return practice


def parse_text_payload(data: bytes) -> PublishedPracticeText:
    """Read a `practice-text` blob; raises `Refused`."""
    members = _members(data, TEXT_KIND, _TEXT_RECORD_MEMBERS)
    text = _text(members.choice("language", TAGS), members)
    _require(text.provenance != "original", "provenance")
    return PublishedPracticeText(
        id=_id(members.string("id", 36)),
        practice=_id(members.string("practice", 36)),
        practice_origin=members.string("practice_origin", 120, empty=False),
        text=text,
    )


_TEXT_MEMBERS = ("provenance", "revision", "translated_by", "translated_on", "words")
_TEXT_RECORD_MEMBERS = (
    "format", "kind", "id", "practice", "practice_origin", "language", *_TEXT_MEMBERS,
)  # fmt: skip
_PRACTICE_MEMBERS = (
    "format", "kind", "id", "revision", "origin", "institution", "audience", "licence",
    "original_language", "published_at", "updated_at", "facts", "texts", "files", "history",
)  # fmt: skip


class _Members:
    """The members of an object, read with their types; what is not as said is malformed."""

    def __init__(self, value: object, names: Sequence[str], where: str) -> None:
        if not isinstance(value, dict) or value.keys() != set(names):
            raise Refused("payload-malformed", f"{where}: members")
        self._value = value
        self._where = where

    def string(self, name: str, limit: int, *, empty: bool = True) -> str:
        value = self._value[name]
        if not isinstance(value, str) or len(value) > limit or not (value or empty):
            raise self._malformed(name)
        if has_unwanted(value):  # no database holds some, others make a name look like another
            raise self._malformed(name)
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        value = self.string(name, 40)
        if value not in choices:
            raise self._malformed(name)
        return value

    def integer(self, name: str, low: int) -> int:
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value < 2**31:
            raise self._malformed(name)
        return value

    def big_integer(self, name: str) -> int:
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._malformed(name)
        return value

    def time(self, name: str) -> datetime:
        try:
            return parse_time(self.string(name, 20))
        except InvalidTime as error:
            raise self._malformed(name) from error

    def day(self, name: str) -> date | None:
        value = self._value[name]
        if value is None:
            return None
        try:
            day = date.fromisoformat(self.string(name, 10))
        except ValueError as error:
            raise self._malformed(name) from error
        if day.isoformat() != value:
            raise self._malformed(name)
        return day

    def mapping(self, name: str) -> Mapping[str, object]:
        value = self._value[name]
        if not isinstance(value, dict):
            raise self._malformed(name)
        return value

    def rows(self, name: str, limit: int) -> list[object]:
        value = self._value[name]
        if not isinstance(value, list) or len(value) > limit:
            raise self._malformed(name)
        return value

    def _malformed(self, name: str) -> Refused:
        return Refused("payload-malformed", f"{self._where}: {name}")


def _members(data: bytes, kind: str, names: Sequence[str]) -> _Members:
    try:
        value = parse_json(data, MAX_BLOB_BYTES)
    except WireError as error:
        raise Refused("payload-malformed", str(error)) from error
    if not isinstance(value, dict) or value.get("kind") != kind:
        raise Refused("payload-malformed", f"not a {kind}")
    format_ = value.get("format")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > FORMAT:
        raise Refused("payload-newer-format", f"format {format_}")
    _require(format_ == FORMAT and format_ is not True, "format")
    return _Members(value, names, kind)


def _require(holds: object, what: str, code: str = "payload-malformed") -> None:
    if not holds:
        raise Refused(code, what)


def _id(text: str) -> str:
    try:
        return parse_id(text)
    except InvalidId as error:
        raise Refused("payload-malformed", str(error)) from error


def _texts(raw: Mapping[str, object]) -> dict[str, PublishedText]:
    _require(raw.keys() <= set(TAGS), "texts: language")
    return {
        language: _text(language, _Members(raw[language], _TEXT_MEMBERS, f"texts.{language}"))
        for language in TAGS
        if language in raw
    }


def _text(language: str, members: _Members) -> PublishedText:
    words = _clean(members.mapping("words"), clean_words)
    _require(words.get("title") and words.get("summary"), f"{language}: title or summary")
    return PublishedText(
        language=language,
        provenance=members.choice("provenance", PROVENANCES),
        revision=members.integer("revision", 1),
        translated_by=members.string("translated_by", 200),
        translated_on=members.day("translated_on"),
        words=words,
    )


def _facts(raw: Mapping[str, object]) -> Facts:
    return _clean(raw, lambda value: clean_facts(value, known_codes=False))


def _clean(raw: Mapping[str, object], clean: Callable[[Mapping[str, object]], Cleaned]) -> Cleaned:
    try:
        cleaned = clean(raw)
    except InvalidPractice as error:
        raise Refused("payload-malformed", str(error)[:500]) from error
    _require(cleaned == raw, "facts or words are not in clean form")
    return cleaned


def _file(row: object) -> PublishedFile:
    members = _Members(row, ("sha256", "size", "media_type", "name", "language"), "files")
    sha256 = members.string("sha256", 64)
    language = members.string("language", 8)
    _require(SHA256.fullmatch(sha256), "files: sha256")
    _require(language in ("", *TAGS), "files: language")
    return PublishedFile(
        sha256=sha256,
        size=members.big_integer("size"),
        media_type=members.string("media_type", 100, empty=False),
        name=members.string("name", 200, empty=False),
        language=language,
    )


def _revision(row: object) -> PublishedRevision:
    members = _Members(row, ("revision", "published_at", "note"), "history")
    return PublishedRevision(
        members.integer("revision", 1),
        members.time("published_at"),
        members.string("note", NOTE_MAX),
    )


def _check_whole(practice: PublishedPractice) -> None:
    """What the members say of each other must agree."""
    if practice.original_language not in practice.texts:
        raise Refused("payload-malformed", "texts: no original")
    for language, text in practice.texts.items():
        is_original = language == practice.original_language
        _require((text.provenance == "original") == is_original, f"texts.{language}: provenance")
        _require(text.revision <= practice.revision, f"texts.{language}: revision")
    _require(practice.original.revision == practice.revision, "texts: revision of the original")
    _require(len({file.sha256 for file in practice.files}) == len(practice.files), "files: twice")
    numbers = [line.revision for line in practice.history]
    _require(numbers == sorted(set(numbers)), "history: order")
    _require(not numbers or numbers[-1] == practice.revision, "history: newest revision")
