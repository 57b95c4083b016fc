"""The words of a record in one language, cleaned strictly by the table of its kind's fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chorsu.kernel.text import normalise
from chorsu.records.fields import (
    KEY,
    NOTE_MAX,
    SHA256,
    FieldError,
    InvalidRecord,
    TextField,
    Words,
)

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|`+|~~)(?=\S)(.*?\S)\1", re.DOTALL)


@dataclass(frozen=True)
class WordTable:
    """The fields of a kind's words: whole ones in reading order, and the names that rows have.

    A row's words are `<group>.<key>.<name>`; those of files have the file's SHA-256 as key. A
    group has at most `max_rows` rows, another number where `more_rows` says one.
    """

    fields: Sequence[TextField]
    rows: Mapping[str, Mapping[str, TextField]]
    max_rows: int
    more_rows: Mapping[str, int]

    @cached_property
    def by_name(self) -> Mapping[str, TextField]:
        """The whole fields by name."""
        return {field.name: field for field in self.fields}

    def clean(self, raw: Mapping[str, object]) -> Words:
        """Normalised words in a fixed order, without empty fields.

        Raises `InvalidRecord` with `unknown`, `not_text`, `too_long` or `too_many` for each field.
        Idempotent: cleaning clean words changes nothing.
        """
        errors: list[FieldError] = []
        found: Words = {}
        for name, value in raw.items():
            field = self.field(name)
            if field is None:
                errors.append(FieldError(str(name)[:120], "unknown", {"value": str(name)[:120]}))
            elif not isinstance(value, str):
                errors.append(FieldError(name, "not_text"))
            else:
                text = _clean(field, value)
                if len(text) > field.max_chars:
                    errors.append(FieldError(name, "too_long", {"max": field.max_chars}))
                elif text:
                    found[name] = text
        errors += self._crowded(found)
        if errors:
            raise InvalidRecord(errors)
        return {name: found[name] for name in self._ordered(found)}

    def in_order(self, words: Mapping[str, str]) -> list[tuple[str, str]]:
        """Fields and texts in the order a reader meets them; words of rows last, by name."""
        return [(name, words[name]) for name in self._ordered(words)]

    def without_row(self, words: Mapping[str, str], keys: Mapping[str, set[str]]) -> list[str]:
        """Names of words that speak of a row whose key is not among those of its group."""
        return [
            name
            for name in words
            if "." in name and name.split(".")[1] not in keys[name.split(".")[0]]
        ]

    def field(self, name: str) -> TextField | None:
        """The field of this name, also of a row; None if there is none."""
        whole = self.by_name.get(name)
        if whole is not None:
            return whole
        parts = name.split(".")
        if len(parts) != 3 or parts[0] not in self.rows:
            return None
        pattern = SHA256 if parts[0] == "files" else KEY
        if pattern.fullmatch(parts[1]) is None:
            return None
        return self.rows[parts[0]].get(parts[2])

    def _crowded(self, words: Mapping[str, str]) -> list[FieldError]:
        """An error for each group with more rows than there may be."""
        if len(words) <= self.max_rows:
            return []
        rows = {tuple(name.split(".")[:2]) for name in words if "." in name}
        count = Counter(group for group, _ in rows)
        limits = {group: self.more_rows.get(group, self.max_rows) for group in self.rows}
        return [
            FieldError(group, "too_many", {"max": limit})
            for group, limit in limits.items()
            if count[group] > limit
        ]

    def _ordered(self, words: Mapping[str, str]) -> list[str]:
        first = [name for name in self.by_name if name in words]
        return first + sorted(name for name in words if name not in self.by_name)


def flatten_words(nested: Mapping[str, object]) -> dict[str, object]:
    """Nested tables (`{"indicators": {"speed": {"name": ...}}}`) as flat field names."""
    flat: dict[str, object] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            inner = flatten_words(value)
            flat.update({f"{name}.{rest}": text for rest, text in inner.items()})
        else:
            flat[name] = value
    return flat


def plain(markdown: str) -> str:
    """Markdown's words without its marks; good enough to search in, not to show."""
    text = _LINE_START.sub("", _LINK.sub(r"\1", markdown))
    return _EMPHASIS.sub(r"\2", text)


def one_line(text: str) -> str:
    """A text as it is stored, on one line."""
    return " ".join(normalise(text).split())


def clean_note(note: str) -> str:
    """What a revision changes, on one line; raises `InvalidRecord`."""
    text = one_line(note)
    if len(text) > NOTE_MAX:
        raise InvalidRecord([FieldError("note", "too_long", {"max": NOTE_MAX})])
    return text


def _clean(field: TextField, value: str) -> str:
    return normalise(value) if field.lines else one_line(value)
