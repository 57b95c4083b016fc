"""What a draft holds for now: what was typed and the rules refuse, beside what is right.

A refused text is known by its path: `year_from`, `title`, or in a row by the row's key,
`indicators.waiting.value`. Its own place in words or facts is empty until it is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from chorsu.practices.rules.facts import clean_facts
from chorsu.practices.rules.fields import (
    FIELDS_BY_NAME,
    MAX_ROWS,
    ROW_WORDS,
    Contact,
    Facts,
    Indicator,
    Source,
    clean_words,
)
from chorsu.records.fields import NOTE_MAX, FieldError, InvalidRecord, Words, is_key

_COLUMNS: Mapping[str, frozenset[str]] = {
    "indicators": frozenset(Indicator.__annotations__),
    "contacts": frozenset(Contact.__annotations__),
    "sources": frozenset(Source.__annotations__),
}


@dataclass(frozen=True, slots=True)
class Sifted:
    """Words and facts that are right, and what was set aside: `refused`, path -> as typed."""

    words: Words
    facts: Facts
    refused: dict[str, str]
    errors: list[FieldError]


def sift(words: Mapping[str, object], facts: Mapping[str, object]) -> Sifted:
    """Set aside each text that the rules refuse, and clean the rest.

    Raises `InvalidRecord` for what is no typed text (a code nobody offered, a broken key).
    """
    raw = _Raw(words, facts)
    errors = raw.drop_rows_over()
    errors += _errors_of(raw)
    stuck = [error for error in errors if not raw.set_aside(error)]
    if stuck:
        raise InvalidRecord(errors)
    return Sifted(clean_words(raw.words), clean_facts(raw.facts), raw.refused, errors)


def with_refused(
    words: Mapping[str, str], facts: Facts, refused: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Words and facts as they were typed, the refused texts in their places again."""
    all_words: dict[str, object] = dict(words)
    all_facts = _copied(cast("Mapping[str, object]", facts))
    for path, text in refused.items():
        group, _dot, rest = path.partition(".")
        key, _dot, column = rest.partition(".")
        row = _row(all_facts, group, key) if group in _COLUMNS else {}
        if path in FIELDS_BY_NAME or column in ROW_WORDS.get(group, {}):
            all_words[path] = text
        elif group in _COLUMNS:
            row[column] = text
        elif path in all_facts:
            all_facts[path] = text
    return all_words, all_facts


def refusals(words: Words, facts: Facts, refused: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with the refused texts of a draft, by path; rows by key."""
    if not refused:
        return []
    typed, told = with_refused(words, facts, refused)
    errors = [_by_key(error, told) for error in sift(typed, told).errors]
    if "note" in refused:
        errors.append(FieldError("note", "too_long", {"max": NOTE_MAX}))
    return errors


class _Raw:
    """Words and facts as typed, from which refused texts are taken out."""

    def __init__(self, words: Mapping[str, object], facts: Mapping[str, object]) -> None:
        self.words = dict(words)
        self.facts = _copied(facts)
        self.refused: dict[str, str] = {}
        self._cut: set[str] = set()

    def drop_rows_over(self) -> list[FieldError]:
        """Set aside whole rows where there are too many; blank ones just go."""
        for group in _COLUMNS:
            rows = self.facts.get(group)
            if not isinstance(rows, list) or len(rows) <= MAX_ROWS:
                continue
            over = [row for row in rows[MAX_ROWS:] if row]
            if not all(map(_has_key, over)):
                continue
            self.facts[group] = rows[:MAX_ROWS]
            for row in over:
                self._drop_row(group, row)
                self._cut.add(group)
        return [FieldError(group, "too_many", {"max": MAX_ROWS}) for group in sorted(self._cut)]

    def _drop_row(self, group: str, row: Mapping[str, object]) -> None:
        start = f"{group}.{row['key']}."
        for name in [name for name in self.words if name.startswith(start)]:
            self._keep(name, self.words.pop(name))
        for column, text in row.items():
            if column != "key":
                self._keep(start + column, text)

    def set_aside(self, error: FieldError) -> bool:
        """Take out the text an error is about; False if that is no typed text."""
        parts = error.field.split(".")
        if error.code == "too_many":
            return error.field in self._cut
        if error.field in self.words:
            return self._keep(error.field, self.words.pop(error.field))
        if len(parts) == 1 and isinstance(self.facts.get(error.field), str):
            return self._keep(error.field, self.facts.pop(error.field))
        rows = self.facts.get(parts[0])
        if len(parts) != 3 or not isinstance(rows, list) or parts[2] == "key":
            return False
        row = rows[int(parts[1])]
        # A key that has no right form is an error of its own, at which the whole save stops.
        return _has_key(row) and self._keep(
            f"{parts[0]}.{row['key']}.{parts[2]}", row.pop(parts[2], None)
        )

    def _keep(self, path: str, text: object) -> bool:
        if not isinstance(text, str):
            return False
        if text:
            self.refused[path] = text
        return True


def _by_key(error: FieldError, facts: Mapping[str, object]) -> FieldError:
    group, _dot, rest = error.field.partition(".")
    place, _dot, column = rest.partition(".")
    rows = facts.get(group)
    if group not in _COLUMNS or not isinstance(rows, list) or not place.isdecimal():
        return error
    return replace(error, field=f"{group}.{rows[int(place)]['key']}.{column}")


def _errors_of(raw: _Raw) -> list[FieldError]:
    errors = []
    try:
        clean_words(raw.words)
    except InvalidRecord as invalid:
        errors += invalid.errors
    try:
        clean_facts(raw.facts)
    except InvalidRecord as invalid:
        errors += invalid.errors
    return errors


def _has_key(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("key"), str) and is_key(row["key"])


def _copied(facts: Mapping[str, object]) -> dict[str, object]:
    copy = dict(facts)
    for group in _COLUMNS:
        rows = copy.get(group)
        if isinstance(rows, list | tuple):
            copy[group] = [dict(row) if isinstance(row, Mapping) else row for row in rows]
    return copy


def _row(facts: dict[str, object], group: str, key: str) -> dict[str, str]:
    """The row of a key; a new one at the end if the facts have none."""
    rows = cast("list[dict[str, str]]", facts[group])
    for row in rows:
        if row["key"] == key:
            return row
    row = {**dict.fromkeys(_COLUMNS[group], ""), "key": key}
    rows.append(row)
    return row
