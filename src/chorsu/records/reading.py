"""Reading what peers publish: strictly, into values, or refused with a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from chorsu.kernel.clock import InvalidTime, parse_time
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import has_unwanted, printable
from chorsu.records.fields import (
    AUDIENCES,
    NOTE_MAX,
    PROVENANCES,
    REASON_MAX,
    SHA256,
    TRANSLATED_BY_MAX,
    InvalidRecord,
    Words,
)
from chorsu.records.forms import (
    FORMAT,
    MAX_BLOB_BYTES,
    MAX_REVISIONS,
    FormParts,
    PublishedFile,
    PublishedRecord,
    PublishedRevision,
    PublishedText,
    PublishedTranslation,
    text_kind,
)
from chorsu.wire.envelope import parse_json
from chorsu.wire.errors import WireError

Cleaned = TypeVar("Cleaned", bound=Mapping[str, object])
REFUSALS: Mapping[str, str] = {
    "payload-malformed": "a published record misses a member or has one of the wrong form",
    "payload-newer-format": "a published record is of a newer format than this software reads",
    "payload-entry-mismatch": "a blob says something else than the entry that names it",
    "not-the-origin": "a node published or withdrew a record whose origin is another node",
    "not-the-host": "a node published for an institution that another node hosts",
}
TEXT_MEMBERS = ("provenance", "revision", "translated_by", "translated_on", "words")
RECORD_MEMBERS = (
    "format", "kind", "id", "revision", "origin", "institution", "audience", "licence",
    "original_language", "published_at", "updated_at", "texts", "files", "history",
)  # fmt: skip


class Refused(Exception):  # noqa: N818 - says what is wrong
    """What a peer published is not taken in; `code` is one of `REFUSALS`."""

    def __init__(self, code: str, detail: str) -> None:
        if code not in REFUSALS:
            raise ValueError(f"not a refusal: {code}")
        self.code = code
        self.detail = printable(detail)
        super().__init__(f"{code}: {self.detail}")


class Members:
    """The members of an object, read with their types; what is not as said is malformed."""

    def __init__(self, value: object, names: Sequence[str], where: str) -> None:
        if not isinstance(value, dict) or value.keys() != set(names):
            raise Refused("payload-malformed", f"{where}: members")
        self._value = value
        self._where = where

    def string(self, name: str, limit: int, *, empty: bool = True) -> str:
        """A text of at most so many characters."""
        value = self._value[name]
        if not isinstance(value, str) or len(value) > limit or not (value or empty):
            raise self._malformed(name)
        if has_unwanted(value):  # no database holds some, others make a name look like another
            raise self._malformed(name)
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of these texts."""
        value = self.string(name, 40)
        if value not in choices:
            raise self._malformed(name)
        return value

    def integer(self, name: str, low: int) -> int:
        """A number from `low` on that a column of 32 bits holds."""
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value < 2**31:
            raise self._malformed(name)
        return value

    def big_integer(self, name: str) -> int:
        """A number from 0 on."""
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._malformed(name)
        return value

    def time(self, name: str) -> datetime:
        """A moment."""
        try:
            return parse_time(self.string(name, 20))
        except InvalidTime as error:
            raise self._malformed(name) from error

    def day(self, name: str) -> date | None:
        """A day, or None for null."""
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
        """An object."""
        value = self._value[name]
        if not isinstance(value, dict):
            raise self._malformed(name)
        return value

    def rows(self, name: str, limit: int) -> list[object]:
        """A list of at most so many."""
        value = self._value[name]
        if not isinstance(value, list) or len(value) > limit:
            raise self._malformed(name)
        return value

    def _malformed(self, name: str) -> Refused:
        return Refused("payload-malformed", f"{self._where}: {name}")


def read_members(data: bytes, kind: str, names: Sequence[str]) -> Members:
    """The members of a blob of this kind and of the format known here; raises `Refused`."""
    try:
        value = parse_json(data, MAX_BLOB_BYTES)
    except WireError as error:
        raise Refused("payload-malformed", str(error)) from error
    if not isinstance(value, dict) or value.get("kind") != kind:
        raise Refused("payload-malformed", f"not a {kind}")
    format_ = value.get("format")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > FORMAT:
        raise Refused("payload-newer-format", f"format {format_}")
    require(format_ == FORMAT and format_ is not True, "format")
    return Members(value, names, kind)


@dataclass(frozen=True, slots=True)
class Limits:
    """How the words of a kind are cleaned, and how many files it has."""

    clean_words: Callable[[Mapping[str, object]], Words]
    max_files: int


def read_record(members: Members, origin: str, limits: Limits) -> FormParts:
    """The members that all kinds have, of a record that `origin` published; raises `Refused`."""
    require(members.string("origin", 120) == origin, "origin", "not-the-origin")
    original = members.choice("original_language", TAGS)
    revision = members.integer("revision", 1)
    return FormParts(
        id=read_id(members.string("id", 36)),
        revision=revision,
        origin=origin,
        institution=members.string("institution", 40, empty=False),
        audience=members.choice("audience", AUDIENCES),
        licence=members.string("licence", 40, empty=False),
        original_language=original,
        published_at=members.time("published_at"),
        updated_at=members.time("updated_at"),
        texts=_texts(members.mapping("texts"), limits),
        files=[_file(row) for row in members.rows("files", limits.max_files)],
        history=[_revision(row) for row in members.rows("history", MAX_REVISIONS)],
    )


def check_record(record: PublishedRecord) -> None:
    """What the members say of each other must agree; raises `Refused`."""
    if record.original_language not in record.texts:
        raise Refused("payload-malformed", "texts: no original")
    for language, text in record.texts.items():
        is_original = language == record.original_language
        require((text.provenance == "original") == is_original, f"texts.{language}: provenance")
        require(text.revision <= record.revision, f"texts.{language}: revision")
    require(record.original.revision == record.revision, "texts: revision of the original")
    require(len({file.sha256 for file in record.files}) == len(record.files), "files: twice")
    numbers = [line.revision for line in record.history]
    require(numbers == sorted(set(numbers)), "history: order")
    require(not numbers or numbers[-1] == record.revision, "history: newest revision")


def parse_withdrawal(data: bytes, kind: str, record_id: str) -> str:
    """The reason of a withdrawal; raises `Refused`."""
    members = read_members(data, kind, ("format", "kind", "id", "reason"))
    require(members.string("id", 36) == record_id, "id", "payload-entry-mismatch")
    return members.string("reason", REASON_MAX)


def read_text(language: str, members: Members, limits: Limits) -> PublishedText:
    """A text in a language; raises `Refused`."""
    words = in_clean_form(members.mapping("words"), limits.clean_words)
    require(words.get("title") and words.get("summary"), f"{language}: title or summary")
    return PublishedText(
        language=language,
        provenance=members.choice("provenance", PROVENANCES),
        revision=members.integer("revision", 1),
        translated_by=members.string("translated_by", TRANSLATED_BY_MAX),
        translated_on=members.day("translated_on"),
        words=words,
    )


def read_translation(data: bytes, of: str, limits: Limits) -> PublishedTranslation:
    """A translation of another node's record of the kind `of`, from its blob; raises `Refused`."""
    told = ("format", "kind", "id", of, f"{of}_origin", "language", *TEXT_MEMBERS)
    members = read_members(data, text_kind(of), told)
    text = read_text(members.choice("language", TAGS), members, limits)
    require(text.provenance != "original", "provenance")
    return PublishedTranslation(
        of=of,
        id=read_id(members.string("id", 36)),
        record=read_id(members.string(of, 36)),
        origin=members.string(f"{of}_origin", 120, empty=False),
        text=text,
    )


def in_clean_form(
    raw: Mapping[str, object], clean: Callable[[Mapping[str, object]], Cleaned]
) -> Cleaned:
    """Facts or words that cleaning does not change; others are malformed."""
    try:
        cleaned = clean(raw)
    except InvalidRecord as error:
        raise Refused("payload-malformed", str(error)[:500]) from error
    require(cleaned == raw, "facts or words are not in clean form")
    return cleaned


def read_id(text: str) -> str:
    """An id of a record; raises `Refused`."""
    try:
        return parse_id(text)
    except InvalidId as error:
        raise Refused("payload-malformed", str(error)) from error


def require(holds: object, what: str, code: str = "payload-malformed") -> None:
    """Raise `Refused` with this code unless something holds."""
    if not holds:
        raise Refused(code, what)


def _texts(raw: Mapping[str, object], limits: Limits) -> dict[str, PublishedText]:
    require(raw.keys() <= set(TAGS), "texts: language")
    return {
        language: read_text(
            language, Members(raw[language], TEXT_MEMBERS, f"texts.{language}"), limits
        )
        for language in TAGS
        if language in raw
    }


def _file(row: object) -> PublishedFile:
    members = Members(row, ("sha256", "size", "media_type", "name", "language"), "files")
    sha256 = members.string("sha256", 64)
    language = members.string("language", 8)
    require(SHA256.fullmatch(sha256), "files: sha256")
    require(language in ("", *TAGS), "files: language")
    return PublishedFile(
        sha256=sha256,
        size=members.big_integer("size"),
        media_type=members.string("media_type", 100, empty=False),
        name=members.string("name", 200, empty=False),
        language=language,
    )


def _revision(row: object) -> PublishedRevision:
    members = Members(row, ("revision", "published_at", "note"), "history")
    return PublishedRevision(
        members.integer("revision", 1),
        members.time("published_at"),
        members.string("note", NOTE_MAX),
    )
